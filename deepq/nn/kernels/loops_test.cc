// What the vector engines have besides products, against the reference kernels, across sizes with and without tails, at
// random values; and exactly known cases.
#include <cmath>
#include <numbers>

#include "deepq/nn/kernels/kernels_test.h"

namespace deepq {
namespace {

using test::all_close;
using test::engines_here;
using test::first;
using test::Matrix;
using test::random_vector;

using LoopsTest = test::KernelsTest;

// Layer normalisation of one block and of two, forwards and backwards.
TEST_P(LoopsTest, NormalisationEqualsPlain) {
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

TEST_P(LoopsTest, SoftmaxEqualsPlain) {
  Random random(7);
  for (const int64_t n : {1, 2, 15, 16, 17, 51, 200}) {
    for (const float scale : {1.0f, 30.0f, 300.0f}) {
      std::vector<float> x = random_vector(n, random);
      for (float& value : x) value *= scale;
      std::vector<float> p(static_cast<size_t>(whole_registers(n)), 7.0f), expected = p;
      fast().softmax(n, x.data(), p.data());
      plain().softmax(n, x.data(), expected.data());
      EXPECT_TRUE(all_close(p, expected, 2e-6)) << n << " " << scale;
      EXPECT_TRUE(std::all_of(p.begin() + n, p.end(), [](float rest) { return rest == 0; })) << n;
      EXPECT_TRUE(std::equal(p.begin() + n, p.end(), expected.begin() + n)) << n;
    }
  }
}

// However small a probability is, down to what a float holds: e^x / sum in both engines.
TEST_P(LoopsTest, SoftmaxOfFarApartValuesIsExact) {
  const std::vector<float> below{0, 1, 7.5f, 15, 19.5f, 20.5f, 25, 30, 42, 55, 63, 70, 77, 80, 83, 85.5f, 86};
  const auto n = static_cast<int64_t>(below.size());
  for (const float largest : {0.0f, 40.0f, -3.0f}) {
    std::vector<float> x, target(below.size());
    for (const float distance : below) x.push_back(largest - distance);
    x.resize(x.size() + kPadFloats);
    double sum = 0;
    for (const float distance : below) sum += std::exp(-double{distance});
    for (const Kernels* kernels : {&fast(), &plain()}) {
      std::vector<float> p(static_cast<size_t>(whole_registers(n))), again = p, gradient = p;
      kernels->softmax(n, x.data(), p.data());
      kernels->cross_entropy(n, x.data(), target.data(), 2, again.data(), gradient.data());
      for (size_t i = 0; i < below.size(); ++i) {
        const double expected = std::exp(-double{below[i]}) / sum;
        EXPECT_NEAR(p[i], expected, 1e-5 * expected) << "e^-" << below[i];
        EXPECT_NEAR(again[i], expected, 1e-5 * expected) << "e^-" << below[i];
        EXPECT_NEAR(gradient[i], 2 * expected, 2e-5 * expected) << "e^-" << below[i];
      }
    }
  }
}

TEST_P(LoopsTest, QuantileHuberEqualsPlain) {
  Random random(8);
  for (const auto& [n, m] : std::vector<std::array<int64_t, 2>>{{1, 1}, {5, 6}, {16, 16}, {33, 9}, {50, 50}}) {
    std::vector<float> quantile = random_vector(n, random), target = random_vector(m, random);
    for (float& value : target) value *= 3;
    std::vector<float> fraction(quantile.size());
    for (float& value : fraction) value = static_cast<float>(random.uniform());
    const auto room = static_cast<size_t>(n + kPadFloats);
    std::vector<float> loss(room), gradient(room), expected_loss(room), expected_gradient(room);
    fast().quantile_huber(n, quantile.data(), fraction.data(), m, target.data(), loss.data(), gradient.data());
    plain().quantile_huber(n, quantile.data(), fraction.data(), m, target.data(), expected_loss.data(),
                           expected_gradient.data());
    EXPECT_TRUE(all_close(first(loss, n), first(expected_loss, n))) << n << " " << m;
    EXPECT_TRUE(all_close(first(gradient, n), first(expected_gradient, n))) << n << " " << m;
  }
}

TEST_P(LoopsTest, NoiseEqualsPlain) {
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

TEST_P(LoopsTest, NoiseFactorsEqualPlain) {
  Random random(16);
  for (const int64_t pairs : {1, 3, 4, 8, 9, 1000}) {
    std::vector<double> uniform(static_cast<size_t>(2 * pairs));
    for (double& value : uniform) value = random.uniform();
    if (pairs == 9)
      uniform = {0,   0,     0,   0.5,   0x1.0p-53, 0.25,  1 - 0x1.0p-53, 0.75, 0.5, 1 - 0x1.0p-53,
                 0.3, 0.125, 0.3, 0.375, 0.3,       0.625, 0.3,           0.875};
    std::vector<float> to(uniform.size()), expected(uniform.size());
    fast().noise_factors(pairs, uniform.data(), to.data());
    plain().noise_factors(pairs, uniform.data(), expected.data());
    for (size_t i = 0; i < to.size(); ++i) EXPECT_NEAR(to[i], expected[i], 1e-6) << pairs << " " << i;
  }
}

TEST_P(LoopsTest, CosinesAreThoseOfTheLibrary) {
  Random random(12);
  const std::vector<float> fractions{0,     0.5f, 0.25f, 1, 1e-7f, 0.99999994f, static_cast<float>(random.uniform()),
                                     0.123f};
  for (const Kernels* engine : {&fast(), &plain()}) {
    Matrix to(8, 67, random);
    engine->cosines(8, 67, padded_size(67), fractions.data(), to.data());
    for (int64_t r = 0; r < 8; ++r)
      for (int64_t k = 0; k < 67; ++k)
        EXPECT_NEAR(to.at(r, k),
                    std::cos(std::numbers::pi * static_cast<double>(k) * fractions[static_cast<size_t>(r)]), 3e-7);
  }
}

TEST_P(LoopsTest, MultiplyRowsEqualPlain) {
  Random random(13);
  for (const auto& [rows, fractions, columns] :
       std::vector<std::array<int64_t, 3>>{{1, 1, 1}, {3, 5, 16}, {4, 8, 37}}) {
    const MultiplyShape shape{rows, fractions, columns, padded_size(columns), padded_size(columns)};
    const int64_t all = rows * fractions;
    Matrix features(rows, columns, random), embedding(all, columns, random), dy(all, columns, random);
    Matrix to(all, columns, random), expected(all, columns, random);
    fast().multiply_rows(shape, features.data(), embedding.data(), to.data());
    plain().multiply_rows(shape, features.data(), embedding.data(), expected.data());
    EXPECT_EQ(to.values(), expected.values());
    Matrix dfeatures(rows, columns, random), expected_dfeatures(rows, columns, random);
    fast().multiply_rows_backward(shape, features.data(), embedding.data(), dy.data(), dfeatures.data(), to.data());
    plain().multiply_rows_backward(shape, features.data(), embedding.data(), dy.data(), expected_dfeatures.data(),
                                   expected.data());
    EXPECT_TRUE(all_close(dfeatures.values(), expected_dfeatures.values()));
    EXPECT_EQ(to.values(), expected.values());
    fast().multiply_rows_backward(shape, features.data(), embedding.data(), dy.data(), nullptr, to.data());
    EXPECT_EQ(to.values(), expected.values());
  }
}

TEST_P(LoopsTest, OptimisersAndNormEqualPlain) {
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

TEST_P(LoopsTest, CrossEntropyAndDotEqualPlain) {
  Random random(14);
  for (const int64_t n : {2, 15, 16, 17, 51, 200}) {
    const std::vector<float> x = random_vector(n, random);
    std::vector<float> target = random_vector(n, random), p(x.size()), expected_p = p;
    std::vector<float> gradient(x.size()), expected_gradient = gradient;
    const float loss = fast().cross_entropy(n, x.data(), target.data(), 0.3f, p.data(), gradient.data());
    const float expected =
        plain().cross_entropy(n, x.data(), target.data(), 0.3f, expected_p.data(), expected_gradient.data());
    EXPECT_NEAR(loss, expected, 1e-5 * static_cast<double>(n));
    EXPECT_TRUE(all_close(p, expected_p, 2e-6)) << n;
    EXPECT_TRUE(all_close(gradient, expected_gradient, 2e-6)) << n;
    EXPECT_NEAR(fast().dot(n, x.data(), target.data()), plain().dot(n, x.data(), target.data()), 1e-5);
  }
}

// Values inside the support, outside and exactly on atoms, and one that is no number.
TEST_P(LoopsTest, ProjectionEqualsPlain) {
  Random random(15);
  const Support support{21, -5, 5, 0.5f};
  for (const int64_t n : {1, 7, 16, 51}) {
    std::vector<float> value = random_vector(n, random), probability = random_vector(n, random);
    for (size_t i = 0; i < static_cast<size_t>(n); ++i) value[i] = i % 3 == 0 ? std::floor(6 * value[i]) : 6 * value[i];
    std::vector<float> to(21), expected(21);
    fast().project(support, n, value.data(), probability.data(), to.data());
    plain().project(support, n, value.data(), probability.data(), expected.data());
    EXPECT_TRUE(all_close(to, expected)) << n;
    value[0] = std::numeric_limits<float>::quiet_NaN();
    fast().project(support, n, value.data(), probability.data(), to.data());
    EXPECT_TRUE(std::isnan(to[0]));
  }
}

// Before the first atom and after the last lies memory of others. It holds -0, which even adding a 0 would change.
TEST_P(LoopsTest, ProjectionStaysOnTheAtoms) {
  constexpr size_t kGuard = 32;
  for (const int64_t atoms : {2, 3, 21, 51}) {
    const Support support{atoms, -1, 2, 3.0f / static_cast<float>(atoms - 1)};
    std::vector<float> value{-1,
                             2,
                             -1.5f,
                             2.5f,
                             -1e30f,
                             1e30f,
                             2 - 1e-6f,
                             -1 + 1e-6f,
                             0.7f,
                             std::nextafter(2.0f, 0.0f),
                             std::nextafter(2.0f, 3.0f)};
    const auto n = static_cast<int64_t>(value.size());
    value.resize(value.size() + kPadFloats);
    const std::vector<float> probability(value.size(), 0.1f);
    for (const Kernels* kernels : {&fast(), &plain()}) {
      std::vector<float> memory(kGuard + static_cast<size_t>(atoms) + kGuard, -0.0f);
      kernels->project(support, n, value.data(), probability.data(), memory.data() + kGuard);
      double mass = 0;
      for (size_t i = 0; i < memory.size(); ++i) {
        const bool inside = i >= kGuard && i < kGuard + static_cast<size_t>(atoms);
        if (inside) mass += memory[i];
        EXPECT_TRUE(inside || (memory[i] == 0 && std::signbit(memory[i]))) << atoms << " atoms, place " << i;
      }
      EXPECT_NEAR(mass, 0.1 * static_cast<double>(n), 1e-5) << atoms << " atoms";
      EXPECT_GE(memory[kGuard + static_cast<size_t>(atoms) - 1], 0.4999f) << "what lies at the end and beyond";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Vector, LoopsTest, ::testing::ValuesIn(engines_here()),
                         [](const auto& engine) { return std::string(engine.param->name); });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(LoopsTest);

// All results of one table's loops, one after another.
std::vector<float> results_of(const Kernels& engine, int64_t n) {
  Random random(10);
  std::vector<float> all;
  const auto keep = [&](const std::vector<float>& values) {
    all.insert(all.end(), values.begin(), values.begin() + n);
  };
  const std::vector<float> x = random_vector(n, random), gain = random_vector(n, random);
  std::vector<float> m(x.size()), v = m, p = m, y = m, dgain = m, dbias = m, dx = m;
  for (size_t i = 0; i < v.size(); ++i) v[i] = std::abs(x[i]);
  engine.softmax(n, x.data(), y.data());
  keep(y);
  engine.adam(n, {0.9f, 0.999f, 1e-8f, 0.01f, 3.0f, 0.5f}, gain.data(), m.data(), v.data(), p.data());
  keep(p);
  engine.rmsprop(n, {0.9f, 1e-3f, 0, 0.01f, 0.5f, true}, gain.data(), m.data(), v.data(), p.data());
  keep(p);
  engine.blend(n, 0.3f, x.data(), p.data());
  keep(p);
  const NormShape shape{1, n, 1, padded_size(n), 1e-5f};
  std::array<float, 2> statistics{};
  engine.normalize(shape, x.data(), gain.data(), x.data(), statistics.data(), y.data());
  engine.normalize_backward(shape, x.data(), gain.data(), statistics.data(), y.data(),
                            {dgain.data(), dbias.data(), dx.data()});
  for (const std::vector<float>* values : {&y, &dgain, &dx}) keep(*values);
  all.push_back(engine.cross_entropy(n, x.data(), gain.data(), 0.3f, y.data(), dx.data()));
  all.push_back(engine.dot(n, x.data(), gain.data()));
  std::vector<float> atoms(n < 2 ? 2 : static_cast<size_t>(n));
  engine.project({static_cast<int64_t>(atoms.size()), -0.9f, 0.8f, 0.1f}, n, x.data(), y.data(), atoms.data());
  all.insert(all.end(), atoms.begin(), atoms.end());
  engine.quantile_huber(n, x.data(), v.data(), n, gain.data(), y.data(), dx.data());
  keep(y), keep(dx);
  std::vector<double> uniform(2 * y.size());
  for (size_t i = 0; i < uniform.size(); ++i) uniform[i] = static_cast<double>(i % 97) / 97;
  engine.noise_factors(n / 2, uniform.data(), y.data());
  keep(y);
  engine.scale_by_noise({1, n}, x.data(), y.data(), gain.data(), v.data(), p.data());
  keep(p);
  engine.cosines(1, n, n, &gain[0], y.data());
  keep(y);
  return all;
}

TEST(Loops, TwinsGiveTheSameBits) {
  for (const auto& [one, other] : test::twins_here())
    for (const int64_t n : {1, 7, 16, 51, 100, 333})
      EXPECT_EQ(results_of(*one, n), results_of(*other, n)) << one->name << " " << other->name << " " << n;
}

// A moment that decays for ever stays a number that is quick to compute with, though nothing has told the CPU to.
TEST(Loops, StrictOptimizersKeepNoDenormalMoments) {
  for (const Kernels* engine : vector_kernels_here(Arithmetic::kStrict)) {
    std::vector<float> none(5 + kPadFloats), mean(none.size(), 1e-20f), square(none.size(), 1e-20f), p = none;
    for (int i = 0; i < 1000; ++i) {
      engine->adam(5, {0.9f, 0.9f, 1e-8f, 0.01f, 1, 1}, none.data(), mean.data(), square.data(), p.data());
      for (const float moment : {mean[0], square[4]}) ASSERT_NE(std::fpclassify(moment), FP_SUBNORMAL) << engine->name;
    }
    EXPECT_EQ(mean[0], 0);
    square = std::vector<float>(none.size(), 1e-20f);
    for (int i = 0; i < 1000; ++i) {
      engine->rmsprop(5, {0.9f, 1e-8f, 0, 0.01f, 1, false}, none.data(), mean.data(), square.data(), p.data());
      for (int k = 0; k < 5; ++k) ASSERT_NE(std::fpclassify(square[static_cast<size_t>(k)]), FP_SUBNORMAL);
    }
    EXPECT_EQ(square[0], 0);
  }
}

}  // namespace
}  // namespace deepq
