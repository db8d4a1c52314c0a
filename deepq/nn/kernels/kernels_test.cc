// The products of the vector engines against the reference kernels, across sizes with and without tails, at random
// values.

#include "deepq/nn/kernels/kernels_test.h"

#include <cmath>
#include <tuple>

#ifdef __x86_64__
#include "deepq/nn/kernels/x86_level.h"
#endif

namespace deepq {
namespace {

using test::all_close;
using test::engines_here;
using test::first;
using test::Matrix;
using test::random_vector;
using test::twins_here;

using KernelsTest = test::KernelsTest;

std::vector<LayerShape> shapes() {
  std::vector<LayerShape> all;
  for (const auto& [rows, in, out] : std::vector<std::array<int64_t, 3>>{{64, 4, 64},
                                                                         {64, 64, 64},
                                                                         {64, 64, 2},
                                                                         {1, 64, 64},
                                                                         {32, 130, 257},
                                                                         {9, 256, 256},
                                                                         {7, 128, 512},
                                                                         {8, 8, 1},
                                                                         {13, 37, 5},
                                                                         {3, 7, 7},
                                                                         {17, 100, 8}})
    all.push_back(padded_shape(rows, in, out));
  Random random(7);
  for (int i = 0; i < 60; ++i)
    all.push_back(padded_shape(static_cast<int64_t>(1 + random.below(20)), static_cast<int64_t>(1 + random.below(70)),
                               static_cast<int64_t>(1 + random.below(150))));
  return all;
}

TEST_P(KernelsTest, ForwardEqualsPlain) {
  Random random(1);
  for (const LayerShape& s : shapes()) {
    Matrix x(s.rows, s.in, random), y(s.rows, s.out, random), expected(s.rows, s.out, random);
    const std::vector<float> weight = random_vector(s.in * s.out, random), bias = random_vector(s.out, random);
    std::vector<float> transposed(static_cast<size_t>(transposed_size(s.in, s.out) + kPadFloats));
    fast().transpose(s.out, s.in, weight.data(), transposed.data());
    const LayerWeights layer{weight.data(), transposed.data(), bias.data()};
    for (const bool relu : {false, true}) {
      fast().forward(s, x.data(), layer, relu, y.data());
      plain().forward(s, x.data(), layer, relu, expected.data());
      ASSERT_TRUE(all_close(y.values(), expected.values())) << s.rows << " " << s.in << " " << s.out;
    }
  }
}

// As after a ReLU: some units are zero in all rows, others in some.
void rectify(Matrix& x, int64_t rows, int64_t columns, Random& random) {
  for (int64_t c = 0; c < columns; ++c) {
    const uint64_t kind = random.below(3);
    for (int64_t r = 0; r < rows; ++r)
      if (kind == 0 || (kind == 1 && random.below(2) == 0)) x.at(r, c) = random.below(2) == 0 ? 0.0f : -0.0f;
  }
}

// Shapes of products whose zeros are left out, and of neighbours that are too small for it.
std::vector<LayerShape> sparse_shapes() {
  return {padded_shape(64, 256, 256),  padded_shape(13, 37, 70), padded_shape(32, 3136, 64),
          padded_shape(100, 300, 130), padded_shape(1, 64, 64),  padded_shape(5, 16000, 65),
          padded_shape(6, 17000, 65),  padded_shape(9, 40, 20)};
}

TEST_P(KernelsTest, ProductsOfMatricesWithManyZerosEqualPlain) {
  Random random(11);
  for (const LayerShape& s : sparse_shapes()) {
    Matrix x(s.rows, s.in, random), dy(s.rows, s.out, random), y(s.rows, s.out, random), y_plain(s.rows, s.out, random),
        dx(s.rows, s.in, random), dx_plain(s.rows, s.in, random);
    rectify(x, s.rows, s.in, random);
    rectify(dy, s.rows, s.out, random);
    const std::vector<float> weight = random_vector(s.in * s.out, random), bias = random_vector(s.out, random);
    std::vector<float> transposed(static_cast<size_t>(transposed_size(s.in, s.out) + kPadFloats));
    std::vector<float> dw = random_vector(s.in * s.out, random), db = random_vector(s.out, random), dw_plain = dw,
                       db_plain = db;
    fast().transpose(s.out, s.in, weight.data(), transposed.data());
    for (const auto& [engine, to, dx_to, dw_to, db_to] :
         {std::tuple{&fast(), &y, &dx, &dw, &db}, std::tuple{&plain(), &y_plain, &dx_plain, &dw_plain, &db_plain}}) {
      engine->forward(s, x.data(), {weight.data(), transposed.data(), bias.data()}, true, to->data());
      engine->backward_input(s, dy.data(), weight.data(), x.data(), dx_to->data());
      engine->backward_weights(s, dy.data(), x.data(), dw_to->data(), db_to->data());
    }
    const double scale = std::sqrt(static_cast<double>(std::max(s.in, s.out)));  // of a sum of so many
    ASSERT_TRUE(all_close(y.values(), y_plain.values(), 1e-6, scale)) << s.rows << " " << s.in << " " << s.out;
    ASSERT_TRUE(all_close(dx.values(), dx_plain.values(), 1e-6, scale)) << s.rows << " " << s.in << " " << s.out;
    ASSERT_TRUE(all_close(first(dw, s.in * s.out), first(dw_plain, s.in * s.out)));
    ASSERT_TRUE(all_close(first(db, s.out), first(db_plain, s.out)));
  }
}

// A row by itself has other zeros to leave out than one among others.
TEST_P(KernelsTest, ARowsResultDoesNotDependOnTheRowsAroundIt) {
  Random random(2);
  for (const LayerShape s :
       {padded_shape(13, 37, 50), padded_shape(13, 37, 3), padded_shape(13, 70, 130), padded_shape(40, 1000, 70)}) {
    Matrix x(s.rows, s.in, random), y(s.rows, s.out, random), one(1, s.out, random);
    rectify(x, s.rows, s.in, random);
    const std::vector<float> weight = random_vector(s.in * s.out, random), bias = random_vector(s.out, random);
    std::vector<float> transposed(static_cast<size_t>(transposed_size(s.in, s.out) + kPadFloats));
    fast().transpose(s.out, s.in, weight.data(), transposed.data());
    const LayerWeights layer{weight.data(), transposed.data(), bias.data()};
    fast().forward(s, x.data(), layer, true, y.data());
    for (int64_t r = 0; r < s.rows; ++r) {
      fast().forward(padded_shape(1, s.in, s.out), &x.at(r, 0), layer, true, one.data());
      for (int64_t c = 0; c < s.out; ++c) ASSERT_EQ(one.at(0, c), y.at(r, c));
    }
  }
}

TEST_P(KernelsTest, ReluKeepsNaN) {
  Random random(3);
  for (const int64_t out : {3, 20}) {
    const LayerShape s = padded_shape(1, 5, out);
    Matrix x(1, 5, random), y(1, out, random);
    std::vector<float> weight(static_cast<size_t>(5 * out + kPadFloats), 0.1f), transposed(5 * 32 + kPadFloats, 0.1f),
        bias(static_cast<size_t>(out + kPadFloats));
    x.at(0, 2) = std::numeric_limits<float>::quiet_NaN();
    for (const Kernels* engine : {&fast(), &plain()}) {
      engine->forward(s, x.data(), {weight.data(), transposed.data(), bias.data()}, true, y.data());
      EXPECT_TRUE(std::isnan(y.at(0, 0)));
    }
  }
}

TEST_P(KernelsTest, BackwardInputEqualsPlain) {
  Random random(4);
  for (const LayerShape& s : shapes()) {
    Matrix dy(s.rows, s.out, random), x(s.rows, s.in, random), dx(s.rows, s.in, random), expected(s.rows, s.in, random);
    const std::vector<float> weight = random_vector(s.in * s.out, random);
    for (const float* mask : {static_cast<const float*>(x.data()), static_cast<const float*>(nullptr)}) {
      fast().backward_input(s, dy.data(), weight.data(), mask, dx.data());
      plain().backward_input(s, dy.data(), weight.data(), mask, expected.data());
      ASSERT_TRUE(all_close(dx.values(), expected.values())) << s.rows << " " << s.in << " " << s.out;
    }
  }
}

TEST_P(KernelsTest, BackwardWeightsEqualsPlainAndWritesNothingElse) {
  Random random(5);
  for (const LayerShape& s : shapes()) {
    Matrix dy(s.rows, s.out, random), x(s.rows, s.in, random);
    std::vector<float> dweight = random_vector(s.in * s.out, random), dbias = random_vector(s.out, random);
    std::vector<float> expected_weight = dweight, expected_bias = dbias;
    fast().backward_weights(s, dy.data(), x.data(), dweight.data(), dbias.data());
    plain().backward_weights(s, dy.data(), x.data(), expected_weight.data(), expected_bias.data());
    ASSERT_TRUE(all_close(first(dweight, s.in * s.out), first(expected_weight, s.in * s.out)));
    ASSERT_TRUE(all_close(first(dbias, s.out), first(expected_bias, s.out)));
    for (size_t i = static_cast<size_t>(s.in * s.out); i < dweight.size(); ++i) ASSERT_TRUE(std::isnan(dweight[i]));
    for (size_t i = static_cast<size_t>(s.out); i < dbias.size(); ++i) ASSERT_TRUE(std::isnan(dbias[i]));
  }
}

TEST_P(KernelsTest, TransposeMovesEveryElementToItsPanel) {
  Random random(6);
  const std::vector<std::pair<int64_t, int64_t>> sizes{{1, 1},  {8, 8},    {64, 64},  {17, 9},
                                                       {9, 33}, {130, 20}, {256, 256}};
  for (const auto& [rows, columns] : sizes) {
    const std::vector<float> matrix = random_vector(rows * columns, random);
    for (const Kernels* engine : {&fast(), &plain()}) {
      std::vector<float> transposed(static_cast<size_t>(transposed_size(columns, rows) + kPadFloats));
      engine->transpose(rows, columns, matrix.data(), transposed.data());
      for (int64_t r = 0; r < rows; ++r)
        for (int64_t c = 0; c < columns; ++c) {
          const int64_t panel = r / 64 * 64;
          const int64_t width = std::min<int64_t>(64, padded_size(rows - panel));
          ASSERT_EQ(transposed[static_cast<size_t>(panel * columns + c * width + r - panel)],
                    matrix[static_cast<size_t>(r * columns + c)]);
        }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Vector, KernelsTest, ::testing::ValuesIn(engines_here()),
                         [](const auto& engine) { return std::string(engine.param->name); });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(KernelsTest);

// What lets one machine repeat another's run: the same sums in the same order whatever the width of the registers.
TEST(Kernels, TwinsGiveTheSameBits) {
  for (const auto& [one, other] : twins_here()) {
    SCOPED_TRACE(std::string(one->name) + " " + std::string(other->name));
    Random random(9);
    for (const LayerShape& s : shapes()) {
      Matrix x(s.rows, s.in, random), a(s.rows, s.out, random), b(s.rows, s.out, random), dx_a(s.rows, s.in, random),
          dx_b(s.rows, s.in, random);
      const std::vector<float> weight = random_vector(s.in * s.out, random), bias = random_vector(s.out, random);
      std::vector<float> transposed(static_cast<size_t>(transposed_size(s.in, s.out) + kPadFloats));
      other->transpose(s.out, s.in, weight.data(), transposed.data());
      const LayerWeights layer{weight.data(), transposed.data(), bias.data()};
      one->forward(s, x.data(), layer, true, a.data());
      other->forward(s, x.data(), layer, true, b.data());
      ASSERT_EQ(a.values(), b.values());
      one->backward_input(s, a.data(), weight.data(), x.data(), dx_a.data());
      other->backward_input(s, a.data(), weight.data(), x.data(), dx_b.data());
      ASSERT_EQ(dx_a.values(), dx_b.values());
      std::vector<float> dw_a = random_vector(s.in * s.out, random), dw_b = dw_a, db_a = random_vector(s.out, random),
                         db_b = db_a;
      one->backward_weights(s, a.data(), x.data(), dw_a.data(), db_a.data());
      other->backward_weights(s, a.data(), x.data(), dw_b.data(), db_b.data());
      ASSERT_EQ(first(dw_a, s.in * s.out), first(dw_b, s.in * s.out));
      ASSERT_EQ(first(db_a, s.out), first(db_b, s.out));
      ASSERT_EQ(one->squared_norm(s.in * s.out, dw_a.data()), other->squared_norm(s.in * s.out, dw_a.data()));
    }
  }
}

#if defined(__x86_64__) && !defined(__clang__)  // Clang 16 does not know the levels
TEST(Kernels, TheCpusLevelIsTheOneThatTheCompilerFinds) {
  EXPECT_EQ(x86_level() >= 2, __builtin_cpu_supports("x86-64-v2") != 0);
  EXPECT_EQ(x86_level() >= 3, __builtin_cpu_supports("x86-64-v3") != 0);
  EXPECT_EQ(x86_level() >= 4, __builtin_cpu_supports("x86-64-v4") != 0);
}
#endif

}  // namespace
}  // namespace deepq
