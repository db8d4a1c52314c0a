// Max-pooling against the reference kernels, bit for bit, and against its definition.
#include <cmath>

#include "deepq/nn/kernels/kernels_test.h"

namespace deepq {
namespace {

using test::random_vector;

using PoolingTest = test::KernelsTest;

struct Case {
  int64_t images, height, width, channels, kernel, stride, padding;
  PoolShape shape() const {
    return {height,
            width,
            channels,
            kernel,
            stride,
            padding,
            (height + 2 * padding - kernel) / stride + 1,
            (width + 2 * padding - kernel) / stride + 1};
  }
  int64_t in() const { return images * height * width * channels; }
  int64_t out() const { return images * shape().out_height * shape().out_width * channels; }
};

const std::vector<Case> kCases = {{2, 84, 84, 16, 3, 2, 1}, {3, 9, 7, 5, 3, 2, 1},  {1, 1, 1, 1, 3, 2, 1},
                                  {2, 3, 3, 17, 3, 2, 1},   {2, 6, 5, 32, 2, 2, 0}, {1, 5, 8, 70, 3, 1, 1},
                                  {4, 4, 4, 3, 4, 3, 2},    {2, 7, 7, 130, 1, 1, 0}};

std::vector<float> room(int64_t n) { return std::vector<float>(static_cast<size_t>(n + kPadFloats), 7.0f); }

bool untouched(const std::vector<float>& room) {
  return std::all_of(room.end() - kPadFloats, room.end(), [](float value) { return value == 7.0f; });
}

TEST_P(PoolingTest, GivesTheReferencesBits) {
  Random random(1);
  for (const Case& c : kCases)
    for (const bool ties : {false, true}) {
      std::vector<float> x = random_vector(c.in(), random);
      if (ties)
        for (float& value : x) value = std::floor(2 * value);  // -2 to 1, and the NaNs beyond the end
      const std::vector<float> dy = random_vector(c.out(), random);
      std::vector<float> y = room(c.out()), y_plain = y, dx = room(c.in()), dx_plain = dx;
      fast().max_pool(c.images, c.shape(), x.data(), y.data());
      plain().max_pool(c.images, c.shape(), x.data(), y_plain.data());
      EXPECT_EQ(y, y_plain) << c.height << " " << c.channels << " " << ties;
      fast().max_pool_backward(c.images, c.shape(), x.data(), y.data(), dy.data(), dx.data());
      plain().max_pool_backward(c.images, c.shape(), x.data(), y.data(), dy.data(), dx_plain.data());
      EXPECT_EQ(dx, dx_plain) << c.height << " " << c.channels << " " << ties;
      EXPECT_TRUE(untouched(y) && untouched(dx));
    }
}

TEST_P(PoolingTest, ANanStaysOne) {
  const Case c{1, 4, 4, 3, 3, 2, 1};
  Random random(2);
  std::vector<float> x = random_vector(c.in(), random);
  x[(1 * 4 + 1) * 3 + 2] = std::nanf("");  // row 1, column 1, under all four positions but in one channel
  for (const Kernels* const engine : {&fast(), &plain()}) {
    std::vector<float> y = room(c.out());
    engine->max_pool(1, c.shape(), x.data(), y.data());
    for (size_t i = 0; i < 12; ++i) EXPECT_EQ(std::isnan(y[i]), i % 3 == 2) << i;
  }
}

// One channel, by hand: the kernel reaches one beyond the edges; the first of two equal numbers gets the gradient.
TEST_P(PoolingTest, IsWhatItsDefinitionSays) {
  const Case c{1, 4, 4, 1, 3, 2, 1};
  std::vector<float> x = room(16);
  const std::vector<float> image{1, 5, 2, 0,  //
                                 5, 3, 9, 9,  //
                                 4, 0, 6, 1,  //
                                 8, 2, 0, 7};
  std::copy(image.begin(), image.end(), x.begin());
  for (const Kernels* const engine : {&fast(), &plain()}) {
    std::vector<float> y = room(4), dx = room(16);
    engine->max_pool(1, c.shape(), x.data(), y.data());
    EXPECT_EQ(test::first(y, 4), (std::vector<float>{5, 9, 8, 9}));
    std::vector<float> dy = room(4);
    for (size_t i = 0; i < 4; ++i) dy[i] = static_cast<float>(i + 1);
    engine->max_pool_backward(1, c.shape(), x.data(), y.data(), dy.data(), dx.data());
    EXPECT_EQ(test::first(dx, 16), (std::vector<float>{0, 1, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 3, 0, 0, 0}));
  }
}

INSTANTIATE_TEST_SUITE_P(Vector, PoolingTest, ::testing::ValuesIn(test::engines_here()),
                         [](const auto& engine) { return std::string(engine.param->name); });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PoolingTest);

}  // namespace
}  // namespace deepq
