// Every vector kernel against its plain twin, across sizes with and without tails, at random values; and exactly known
// cases.
#include "deepq/nn/kernels/kernels.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "deepq/core/aligned_buffer.h"
#include "deepq/core/random.h"
#include "tests/closeness.h"

namespace deepq {
#ifdef DEEPQ_VECTOR_KERNELS
extern const Kernels kAvx512Kernels;
extern const Kernels kAvx2Kernels;
#endif
namespace {

using test::all_close;

std::vector<const Kernels*> engines_here() {
  std::vector<const Kernels*> engines;
#ifdef DEEPQ_VECTOR_KERNELS
  if (__builtin_cpu_supports("x86-64-v4")) engines.push_back(&kAvx512Kernels);
  if (__builtin_cpu_supports("x86-64-v3")) engines.push_back(&kAvx2Kernels);
#endif
  return engines;
}

// A matrix in padded rows whose padding is poisoned: a kernel that reads it as a value gives a NaN.
class Matrix {
 public:
  Matrix(int64_t rows, int64_t columns, Random& random)
      : rows_(rows), columns_(columns), data_(static_cast<size_t>(rows * padded_size(columns) + kPadFloats)) {
    for (float& value : data_.span()) value = std::numeric_limits<float>::quiet_NaN();
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < columns; ++c) at(r, c) = static_cast<float>(random.uniform(-1, 1));
  }
  float& at(int64_t r, int64_t c) { return data_[static_cast<size_t>(r * padded_size(columns_) + c)]; }
  float* data() { return data_.data(); }
  std::vector<float> values() {
    std::vector<float> all;
    for (int64_t r = 0; r < rows_; ++r)
      for (int64_t c = 0; c < columns_; ++c) all.push_back(at(r, c));
    return all;
  }

 private:
  int64_t rows_, columns_;
  AlignedBuffer<float> data_;
};

std::vector<float> random_vector(int64_t n, Random& random) {
  std::vector<float> values(static_cast<size_t>(n + kPadFloats), std::numeric_limits<float>::quiet_NaN());
  for (int64_t i = 0; i < n; ++i) values[static_cast<size_t>(i)] = static_cast<float>(random.uniform(-1, 1));
  return values;
}

std::vector<float> first(const std::vector<float>& values, int64_t n) { return {values.begin(), values.begin() + n}; }

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

class KernelsTest : public ::testing::TestWithParam<const Kernels*> {
 protected:
  const Kernels& fast() { return *GetParam(); }
  const Kernels& plain() { return kPlainKernels; }
};

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

TEST_P(KernelsTest, ARowsResultDoesNotDependOnTheRowsAroundIt) {
  Random random(2);
  for (const LayerShape s : {padded_shape(13, 37, 50), padded_shape(13, 37, 3)}) {
    Matrix x(s.rows, s.in, random), y(s.rows, s.out, random), one(1, s.out, random);
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

// Layer normalisation of one block and of two, forwards and backwards.
TEST_P(KernelsTest, NormalisationEqualsPlain) {
  Random random(6);
  for (const auto& [rows, columns, blocks] :
       std::vector<std::array<int64_t, 3>>{{1, 1, 1}, {7, 5, 2}, {64, 64, 1}, {9, 33, 2}, {5, 130, 1}}) {
    const int64_t all = columns * blocks;
    const NormShape shape{rows, columns, blocks, padded_size(all), 1e-5f};
    Matrix x(rows, all, random), y(rows, all, random), expected(rows, all, random), dy(rows, all, random);
    Matrix dx(rows, all, random), expected_dx(rows, all, random);
    const std::vector<float> gain = random_vector(all, random), bias = random_vector(all, random);
    const auto room = static_cast<size_t>(all + kPadFloats);
    std::vector<float> statistics(static_cast<size_t>(2 * rows * blocks)), expected_statistics = statistics;
    std::vector<float> dgain(room), dbias(room), expected_dgain(room), expected_dbias(room);
    fast().normalize(shape, x.data(), gain.data(), bias.data(), statistics.data(), y.data());
    plain().normalize(shape, x.data(), gain.data(), bias.data(), expected_statistics.data(), expected.data());
    EXPECT_TRUE(all_close(y.values(), expected.values(), 1e-4));  // few columns: small deviations enlarge rounding
    EXPECT_TRUE(all_close(statistics, expected_statistics, 1e-4));
    fast().normalize_backward(shape, x.data(), gain.data(), expected_statistics.data(), dy.data(),
                              {dgain.data(), dbias.data(), dx.data()});
    plain().normalize_backward(shape, x.data(), gain.data(), expected_statistics.data(), dy.data(),
                               {expected_dgain.data(), expected_dbias.data(), expected_dx.data()});
    EXPECT_TRUE(all_close(dx.values(), expected_dx.values(), 1e-4));
    EXPECT_TRUE(all_close(first(dgain, all), first(expected_dgain, all), 1e-4));
    EXPECT_TRUE(all_close(first(dbias, all), first(expected_dbias, all), 1e-5));
  }
}

TEST_P(KernelsTest, SoftmaxEqualsPlain) {
  Random random(7);
  for (const int64_t n : {1, 2, 15, 16, 17, 51, 200}) {
    for (const float scale : {1.0f, 30.0f, 300.0f}) {
      std::vector<float> x = random_vector(n, random);
      for (float& value : x) value *= scale;
      std::vector<float> p(static_cast<size_t>(n)), expected(p.size());
      const float log_sum = fast().softmax(n, x.data(), p.data());
      const float expected_log_sum = plain().softmax(n, x.data(), expected.data());
      EXPECT_TRUE(all_close(p, expected, 2e-6)) << n << " " << scale;
      EXPECT_NEAR(log_sum, expected_log_sum, 2e-6 * std::max(1.0f, std::abs(expected_log_sum)));
    }
  }
}

TEST_P(KernelsTest, QuantileHuberEqualsPlain) {
  Random random(8);
  for (const auto& [n, m] : std::vector<std::array<int64_t, 2>>{{1, 1}, {5, 6}, {16, 16}, {33, 9}, {50, 50}}) {
    std::vector<float> quantile = random_vector(n, random), target = random_vector(m, random);
    for (float& value : target) value *= 3;
    std::vector<float> fraction(quantile.size());
    for (float& value : fraction) value = static_cast<float>(random.uniform());
    const auto room = static_cast<size_t>(n + kPadFloats);
    std::vector<float> loss(room), slope(room), expected_loss(room), expected_slope(room);
    fast().quantile_huber(n, quantile.data(), fraction.data(), m, target.data(), loss.data(), slope.data());
    plain().quantile_huber(n, quantile.data(), fraction.data(), m, target.data(), expected_loss.data(),
                           expected_slope.data());
    EXPECT_TRUE(all_close(first(loss, n), first(expected_loss, n))) << n << " " << m;
    EXPECT_TRUE(all_close(first(slope, n), first(expected_slope, n))) << n << " " << m;
  }
}

TEST_P(KernelsTest, NoiseEqualsPlain) {
  Random random(11);
  for (const auto& [out, in] : std::vector<std::array<int64_t, 2>>{{1, 1}, {3, 4}, {5, 16}, {7, 37}}) {
    const std::vector<float> x = random_vector(out * in, random), plus = random_vector(out * in, random);
    const std::vector<float> factors_in = random_vector(in, random), factors_out = random_vector(out, random);
    for (const float* add : {static_cast<const float*>(nullptr), plus.data()}) {
      std::vector<float> to(x.size()), expected = to;
      fast().scale_by_noise({out, in}, factors_in.data(), factors_out.data(), x.data(), add, to.data());
      plain().scale_by_noise({out, in}, factors_in.data(), factors_out.data(), x.data(), add, expected.data());
      EXPECT_TRUE(all_close(to, expected)) << out << " " << in;
    }
  }
}

TEST_P(KernelsTest, CosinesAreThoseOfTheLibrary) {
  Random random(12);
  const std::vector<float> taus{0, 0.5f, 0.25f, 1, 1e-7f, 0.99999994f, static_cast<float>(random.uniform()), 0.123f};
  for (const Kernels* engine : {&fast(), &plain()}) {
    Matrix to(8, 67, random);
    engine->cosines(8, 67, padded_size(67), taus.data(), to.data());
    for (int64_t r = 0; r < 8; ++r)
      for (int64_t k = 0; k < 67; ++k)
        EXPECT_NEAR(to.at(r, k), std::cos(std::numbers::pi * static_cast<double>(k) * taus[static_cast<size_t>(r)]),
                    3e-7);
  }
}

TEST_P(KernelsTest, MergeEqualsPlain) {
  Random random(13);
  for (const auto& [rows, taus, columns] : std::vector<std::array<int64_t, 3>>{{1, 1, 1}, {3, 5, 16}, {4, 8, 37}}) {
    const MergeShape shape{rows, taus, columns, padded_size(columns), padded_size(columns)};
    const int64_t all = rows * taus;
    Matrix features(rows, columns, random), embedding(all, columns, random), dy(all, columns, random);
    Matrix to(all, columns, random), expected(all, columns, random);
    fast().merge(shape, features.data(), embedding.data(), to.data());
    plain().merge(shape, features.data(), embedding.data(), expected.data());
    EXPECT_EQ(to.values(), expected.values());
    Matrix dfeatures(rows, columns, random), expected_dfeatures(rows, columns, random);
    fast().merge_backward(shape, features.data(), embedding.data(), dy.data(), dfeatures.data(), to.data());
    plain().merge_backward(shape, features.data(), embedding.data(), dy.data(), expected_dfeatures.data(),
                           expected.data());
    EXPECT_TRUE(all_close(dfeatures.values(), expected_dfeatures.values()));
    EXPECT_EQ(to.values(), expected.values());
    fast().merge_backward(shape, features.data(), embedding.data(), dy.data(), nullptr, to.data());
    EXPECT_EQ(to.values(), expected.values());
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

TEST_P(KernelsTest, OptimisersAndNormEqualPlain) {
  Random random(8);
  for (const int64_t n : {1, 15, 16, 17, 333}) {
    const std::vector<float> gradient = random_vector(n, random);
    EXPECT_NEAR(fast().squared_norm(n, gradient.data()), plain().squared_norm(n, gradient.data()), 1e-5 * n);
    std::vector<float> p = random_vector(n, random), m(p.size()), v(p.size(), 0.5f), to = random_vector(n, random);
    std::vector<float> p2 = p, m2 = m, v2 = v, to2 = to;
    const AdamStep adam{0.9f, 0.999f, 1e-8f, 0.01f, 3.0f, 0.5f};
    fast().adam(n, adam, gradient.data(), m.data(), v.data(), p.data());
    plain().adam(n, adam, gradient.data(), m2.data(), v2.data(), p2.data());
    for (const bool centered : {false, true}) {
      const RmsPropStep rmsprop{0.9f, 1e-3f, 1e-4f, 0.01f, 0.5f, centered};
      fast().rmsprop(n, rmsprop, gradient.data(), m.data(), v.data(), p.data());
      plain().rmsprop(n, rmsprop, gradient.data(), m2.data(), v2.data(), p2.data());
    }
    EXPECT_TRUE(all_close(first(p, n), first(p2, n), 1e-6));
    EXPECT_TRUE(all_close(first(m, n), first(m2, n), 1e-6));
    EXPECT_TRUE(all_close(first(v, n), first(v2, n), 1e-6));
    fast().blend(n, 0.25f, p.data(), to.data());
    plain().blend(n, 0.25f, p2.data(), to2.data());
    EXPECT_TRUE(all_close(first(to, n), first(to2, n), 1e-6));
  }
}

INSTANTIATE_TEST_SUITE_P(Vector, KernelsTest, ::testing::ValuesIn(engines_here()),
                         [](const auto& engine) { return std::string(engine.param->name); });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(KernelsTest);

#ifdef DEEPQ_VECTOR_KERNELS
// What lets one machine repeat another's run: the same sums in the same order whatever the width of the registers.
TEST(Kernels, Avx2AndAvx512GiveTheSameBits) {
  if (engines_here().size() < 2) GTEST_SKIP() << "this CPU has no AVX-512";
  Random random(9);
  for (const LayerShape& s : shapes()) {
    Matrix x(s.rows, s.in, random), a(s.rows, s.out, random), b(s.rows, s.out, random);
    const std::vector<float> weight = random_vector(s.in * s.out, random), bias = random_vector(s.out, random);
    std::vector<float> transposed(static_cast<size_t>(transposed_size(s.in, s.out) + kPadFloats));
    kAvx2Kernels.transpose(s.out, s.in, weight.data(), transposed.data());
    const LayerWeights layer{weight.data(), transposed.data(), bias.data()};
    kAvx512Kernels.forward(s, x.data(), layer, true, a.data());
    kAvx2Kernels.forward(s, x.data(), layer, true, b.data());
    ASSERT_EQ(a.values(), b.values());
    std::vector<float> dw_a = random_vector(s.in * s.out, random), dw_b = dw_a, db_a = random_vector(s.out, random),
                       db_b = db_a;
    kAvx512Kernels.backward_weights(s, a.data(), x.data(), dw_a.data(), db_a.data());
    kAvx2Kernels.backward_weights(s, a.data(), x.data(), dw_b.data(), db_b.data());
    ASSERT_EQ(first(dw_a, s.in * s.out), first(dw_b, s.in * s.out));
    ASSERT_EQ(kAvx512Kernels.squared_norm(s.in * s.out, dw_a.data()),
              kAvx2Kernels.squared_norm(s.in * s.out, dw_a.data()));
  }
}

TEST(Kernels, Avx2AndAvx512GiveTheSameBitsInWhatIsNoProduct) {
  if (engines_here().size() < 2) GTEST_SKIP() << "this CPU has no AVX-512";
  Random random(10);
  for (const int64_t n : {1, 7, 16, 51, 100, 333}) {
    const std::vector<float> x = random_vector(n, random), gain = random_vector(n, random);
    std::vector<std::vector<float>> results;
    for (const Kernels* engine : {&kAvx512Kernels, &kAvx2Kernels}) {
      std::vector<float>& all = results.emplace_back();
      std::vector<float> m(x.size()), v = m, p = m, y = m, dgain = m, dbias = m, dx = m;
      for (size_t i = 0; i < v.size(); ++i) v[i] = std::abs(x[i]);
      all.push_back(engine->softmax(n, x.data(), y.data()));
      all.insert(all.end(), y.begin(), y.begin() + n);
      engine->adam(n, {0.9f, 0.999f, 1e-8f, 0.01f, 3.0f, 0.5f}, gain.data(), m.data(), v.data(), p.data());
      all.insert(all.end(), p.begin(), p.begin() + n);
      const NormShape shape{1, n, 1, padded_size(n), 1e-5f};
      std::array<float, 2> statistics{};
      engine->normalize(shape, x.data(), gain.data(), x.data(), statistics.data(), y.data());
      engine->normalize_backward(shape, x.data(), gain.data(), statistics.data(), y.data(),
                                 {dgain.data(), dbias.data(), dx.data()});
      for (const std::vector<float>* values : {&y, &dgain, &dx})
        all.insert(all.end(), values->begin(), values->begin() + n);
      engine->cosines(1, n, n, &gain[0], y.data());
      all.insert(all.end(), y.begin(), y.begin() + n);
    }
    EXPECT_EQ(results[0], results[1]) << n;
  }
}
#endif

}  // namespace
}  // namespace deepq
