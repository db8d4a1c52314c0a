// Steps of recurrent cells against the reference kernels, across sizes with and without tails; and exactly known cases.
#include <cmath>

#include "deepq/nn/kernels/kernels_test.h"

namespace deepq {
namespace {

using test::all_close;
using test::engines_here;
using test::Matrix;

using CellsTest = test::KernelsTest;

const std::vector<std::array<int64_t, 2>> kSizes{{1, 1}, {3, 5}, {7, 16}, {4, 33}, {9, 64}, {2, 130}};

// What a cell reads and writes, twice the same.
struct Cell {
  Cell(int64_t rows, int64_t units, int64_t gate_count, Random& random)
      : shape{rows, units, padded_size(gate_count * units), padded_size(units)},
        gates(rows, gate_count * units, random),
        sums(rows, gate_count * units, random),
        before(rows, units, random),
        cell(rows, units, random),
        after(rows, units, random),
        output(rows, units, random),
        product(rows, units, random),
        around(rows, units, random),
        input(rows, gate_count * units, random),
        state(rows, gate_count * units, random) {}

  CellGradients gradients() { return {output.data(), product.data(), around.data(), input.data(), state.data()}; }

  CellShape shape;
  Matrix gates, sums, before, cell, after, output, product, around, input, state;
};

TEST_P(CellsTest, GruEqualsPlain) {
  for (const auto& [rows, units] : kSizes) {
    Random one(5), other(5);
    Cell actual(rows, units, 3, one), expected(rows, units, 3, other);
    for (const auto& [kernels, cell] : {std::pair{&fast(), &actual}, std::pair{&plain(), &expected}}) {
      kernels->gru(cell->shape, cell->gates.data(), cell->sums.data(), cell->before.data(), cell->after.data());
      kernels->gru_backward(cell->shape, cell->gates.data(), cell->sums.data(), cell->before.data(), cell->gradients());
    }
    EXPECT_TRUE(all_close(actual.gates.values(), expected.gates.values())) << units;
    EXPECT_TRUE(all_close(actual.after.values(), expected.after.values())) << units;
    EXPECT_TRUE(all_close(actual.input.values(), expected.input.values())) << units;
    EXPECT_TRUE(all_close(actual.state.values(), expected.state.values())) << units;
    EXPECT_TRUE(all_close(actual.around.values(), expected.around.values())) << units;
  }
}

TEST_P(CellsTest, LstmEqualsPlain) {
  for (const auto& [rows, units] : kSizes) {
    Random one(6), other(6);
    Cell actual(rows, units, 4, one), expected(rows, units, 4, other);
    for (const auto& [kernels, cell] : {std::pair{&fast(), &actual}, std::pair{&plain(), &expected}}) {
      kernels->lstm(cell->shape, cell->gates.data(), cell->sums.data(), cell->before.data(), cell->cell.data(),
                    cell->after.data());
      kernels->lstm_backward(cell->shape, cell->gates.data(), cell->before.data(), cell->cell.data(),
                             cell->gradients());
    }
    EXPECT_TRUE(all_close(actual.gates.values(), expected.gates.values())) << units;
    EXPECT_TRUE(all_close(actual.cell.values(), expected.cell.values())) << units;
    EXPECT_TRUE(all_close(actual.after.values(), expected.after.values())) << units;
    EXPECT_TRUE(all_close(actual.input.values(), expected.input.values())) << units;
    EXPECT_TRUE(all_close(actual.around.values(), expected.around.values())) << units;
  }
}

// The logistic function and the hyperbolic tangent over all that floats hold, by a cell whose other gates stand still.
TEST_P(CellsTest, GatesAreExactFarOutAndNearZero) {
  for (const float x : {0.0f, -0.0f, 1e-20f, -1e-6f, 0.01f, 0.3f, -0.624f, 0.626f, 1.0f, -2.5f, 8.0f, -20.0f, 60.0f,
                        -88.0f, 200.0f, -1e30f}) {
    std::array<float, 4 + kPadFloats> gates{x, -x, x, 0}, sums{};
    std::array<float, 1 + kPadFloats> before{}, cell{}, after{};
    fast().lstm({1, 1, 4, 1}, gates.data(), sums.data(), before.data(), cell.data(), after.data());
    const double logistic = 1 / (1 + std::exp(-double{x})), tangent = std::tanh(double{x});
    EXPECT_NEAR(gates[0], logistic, 3e-7 * logistic + 1e-37) << x;
    EXPECT_NEAR(gates[1], 1 - logistic, 3e-7) << x;
    EXPECT_NEAR(gates[2], tangent, 3e-7 * std::abs(tangent)) << x;
    EXPECT_FLOAT_EQ(gates[3], 0.5f);
  }
}

TEST_P(CellsTest, ANaNStaysOne) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::array<float, 3 + kPadFloats> gates{0, 0, nan}, sums{};
  std::array<float, 1 + kPadFloats> before{}, after{};
  fast().gru({1, 1, 3, 1}, gates.data(), sums.data(), before.data(), after.data());
  EXPECT_TRUE(std::isnan(after[0]));
}

TEST(CellTwins, GiveTheSameBits) {
  for (const auto& [one, other] : test::twins_here())
    for (const auto& [rows, units] : kSizes) {
      Random first(7), second(7);
      Cell a(rows, units, 4, first), b(rows, units, 4, second);
      for (const auto& [kernels, cell] : {std::pair{one, &a}, std::pair{other, &b}}) {
        kernels->gru(cell->shape, cell->gates.data(), cell->sums.data(), cell->before.data(), cell->after.data());
        kernels->gru_backward(cell->shape, cell->gates.data(), cell->sums.data(), cell->before.data(),
                              cell->gradients());
        kernels->lstm(cell->shape, cell->gates.data(), cell->sums.data(), cell->before.data(), cell->cell.data(),
                      cell->after.data());
        kernels->lstm_backward(cell->shape, cell->gates.data(), cell->before.data(), cell->cell.data(),
                               cell->gradients());
      }
      for (Matrix Cell::*const written : {&Cell::gates, &Cell::cell, &Cell::after, &Cell::input, &Cell::around})
        EXPECT_EQ((a.*written).values(), (b.*written).values()) << one->name << " " << other->name << " " << units;
    }
}

INSTANTIATE_TEST_SUITE_P(Engines, CellsTest, ::testing::ValuesIn(engines_here()),
                         [](const auto& engine) { return std::string(engine.param->name); });

}  // namespace
}  // namespace deepq
