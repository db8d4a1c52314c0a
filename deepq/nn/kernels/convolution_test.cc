// Convolutions against the reference kernels: the Nature network's three, small ones, and shapes with tails everywhere.
#include <tuple>

#include "deepq/nn/kernels/kernels_test.h"

namespace deepq {
namespace {

using test::all_close;
using test::random_vector;

using ConvolutionTest = test::KernelsTest;

struct Case {
  int64_t images, height, width, channels, kernel, stride, out;
};

const std::vector<Case> kCases = {
    {2, 84, 84, 4, 8, 4, 32}, {2, 20, 20, 32, 4, 2, 64}, {3, 9, 9, 64, 3, 1, 64}, {4, 10, 10, 6, 3, 1, 16},
    {1, 1, 1, 1, 1, 1, 1},    {2, 5, 7, 3, 2, 3, 5},     {3, 8, 5, 1, 5, 1, 17},  {2, 6, 9, 17, 3, 2, 33},
    {1, 4, 4, 130, 2, 1, 70}, {2, 7, 6, 10, 1, 2, 130},  {5, 3, 3, 5, 3, 1, 2},   {1, 4, 3, 400, 2, 1, 20},
    {2, 40, 30, 2, 3, 1, 9},
};

struct Layer {
  Layer(const Case& c, Random& random)
      : shape{c.height,
              c.width,
              c.channels,
              c.kernel,
              c.stride,
              (c.height - c.kernel) / c.stride + 1,
              (c.width - c.kernel) / c.stride + 1,
              c.out,
              c.height * c.width * c.channels + 5,
              c.out},
        images(c.images),
        in(c.kernel * c.kernel * c.channels),
        rows(c.images * shape.out_height * shape.out_width),
        image(random_vector(images * shape.image_stride, random)),
        weight(random_vector(c.out * in, random)),
        bias(random_vector(c.out, random)),
        dy(random_vector(rows * c.out, random)),
        transposed(static_cast<size_t>(transposed_size(in, c.out) + kPadFloats)) {
    kPlainKernels.transpose(c.out, in, weight.data(), transposed.data());
  }
  LayerWeights weights() const { return {weight.data(), transposed.data(), bias.data()}; }

  ConvolutionShape shape;
  int64_t images, in, rows;
  std::vector<float> image, weight, bias, dy, transposed;
};

// Memory for n results and the register that a kernel may write or read beyond them; what lies there must stay.
std::vector<float> room(int64_t n) { return std::vector<float>(static_cast<size_t>(n + kPadFloats), 7.0f); }

bool untouched(const std::vector<float>& room) {
  return std::all_of(room.end() - kPadFloats, room.end(), [](float value) { return value == 7.0f; });
}

TEST_P(ConvolutionTest, ForwardEqualsPlain) {
  Random random(1);
  for (const Case& c : kCases)
    for (const bool relu : {false, true}) {
      const Layer layer(c, random);
      std::vector<float> y = room(layer.rows * c.out), expected = y;
      fast().convolve(layer.images, layer.shape, layer.image.data(), layer.weights(), relu, y.data());
      plain().convolve(layer.images, layer.shape, layer.image.data(), layer.weights(), relu, expected.data());
      EXPECT_TRUE(all_close(y, expected, 1e-5, 3)) << c.kernel << " " << c.channels << " " << c.out;
      EXPECT_TRUE(untouched(y));
    }
}

TEST_P(ConvolutionTest, WeightGradientsEqualPlain) {
  Random random(2);
  for (const Case& c : kCases) {
    const Layer layer(c, random);
    std::vector<float> dweight = room(c.out * layer.in), dbias = room(c.out), expected = dweight, expected_bias = dbias;
    fast().convolve_weights(layer.images, layer.shape, layer.dy.data(), layer.image.data(), dweight.data(),
                            dbias.data());
    plain().convolve_weights(layer.images, layer.shape, layer.dy.data(), layer.image.data(), expected.data(),
                             expected_bias.data());
    EXPECT_TRUE(all_close(dweight, expected, 1e-5, 10)) << c.kernel << " " << c.channels << " " << c.out;
    EXPECT_TRUE(all_close(dbias, expected_bias, 1e-5, 10)) << c.out;
    EXPECT_TRUE(untouched(dweight) && untouched(dbias));
  }
}

// As after a ReLU: `fraction` of the numbers is zero, in places for a whole run of them.
void rectify(std::vector<float>& numbers, double fraction, Random& random) {
  for (size_t i = 0; i + kPadFloats < numbers.size();) {
    const size_t run = random.below(2) == 0 ? 1 : std::min<size_t>(random.below(200), numbers.size() - kPadFloats - i);
    const bool zero = random.uniform() < fraction;
    for (const size_t end = i + run; i < end; ++i)
      if (zero) numbers[i] = random.below(2) == 0 ? 0.0f : -0.0f;
  }
}

TEST_P(ConvolutionTest, WithManyZerosEqualsPlain) {
  Random random(7);
  for (const Case& c : kCases)
    for (const double fraction : {0.2, 0.5, 0.9, 1.0}) {
      Layer layer(c, random);
      rectify(layer.image, fraction, random);
      rectify(layer.dy, fraction, random);
      std::vector<float> y = room(layer.rows * c.out), y_plain = y, dweight = room(c.out * layer.in),
                         dweight_plain = dweight, dbias = room(c.out), dbias_plain = dbias;
      fast().convolve(layer.images, layer.shape, layer.image.data(), layer.weights(), true, y.data());
      plain().convolve(layer.images, layer.shape, layer.image.data(), layer.weights(), true, y_plain.data());
      EXPECT_TRUE(all_close(y, y_plain, 1e-5, 3)) << c.kernel << " " << c.channels << " " << c.out;
      for (const auto& [engine, dw, db] :
           {std::tuple{&fast(), &dweight, &dbias}, std::tuple{&plain(), &dweight_plain, &dbias_plain}})
        engine->convolve_weights(layer.images, layer.shape, layer.dy.data(), layer.image.data(), dw->data(),
                                 db->data());
      EXPECT_TRUE(all_close(dweight, dweight_plain, 1e-5, 10)) << c.kernel << " " << c.channels << " " << c.out;
      EXPECT_TRUE(untouched(y) && untouched(dweight));
    }
}

// The numbers of a line that are not zero are listed with 16 bits each.
TEST_P(ConvolutionTest, LinesOfMoreThan65536NumbersEqualPlain) {
  Random random(9);
  for (const Case& c :
       {Case{1, 1, 2, 32'769, 1, 1, 5}, Case{1, 1, 2, 65'530, 1, 1, 5}, Case{1, 1, 1, 65'536, 1, 1, 17},
        Case{1, 1, 2, 65'600, 1, 1, 5}, Case{1, 2, 2, 32'800, 2, 1, 17}, Case{1, 1, 1, 131'200, 1, 1, 3}}) {
    Layer layer(c, random);
    for (size_t i = 0; i < layer.image.size(); ++i)
      if (i % 97 != 0) layer.image[i] = 0;
    std::vector<float> y = room(layer.rows * c.out), expected = y;
    fast().convolve(layer.images, layer.shape, layer.image.data(), layer.weights(), false, y.data());
    plain().convolve(layer.images, layer.shape, layer.image.data(), layer.weights(), false, expected.data());
    EXPECT_TRUE(all_close(y, expected, 1e-5, 10)) << c.kernel << " " << c.channels << " " << c.out;
    EXPECT_TRUE(untouched(y));
  }
}

// A channel that is zero is left out of the sums; one whose weights are zero is not.
TEST_P(ConvolutionTest, LeavingZerosOutChangesNoBit) {
  Random random(8);
  for (const Case& c : kCases) {
    Layer layer(c, random);
    for (int64_t i = 0; i < c.out * layer.in; ++i)
      if (i % c.channels % 2 == 0) layer.weight[static_cast<size_t>(i)] = 0;
    kPlainKernels.transpose(c.out, layer.in, layer.weight.data(), layer.transposed.data());
    std::vector<float> y = room(layer.rows * c.out), without = y;
    fast().convolve(layer.images, layer.shape, layer.image.data(), layer.weights(), false, y.data());
    for (int64_t image = 0; image < c.images; ++image)
      for (int64_t i = 0; i < c.height * c.width * c.channels; ++i)
        if (i % c.channels % 2 == 0) layer.image[static_cast<size_t>(image * layer.shape.image_stride + i)] = 0;
    fast().convolve(layer.images, layer.shape, layer.image.data(), layer.weights(), false, without.data());
    EXPECT_EQ(y, without) << c.kernel << " " << c.channels << " " << c.out;
  }
}

// As threads share them: an output's gradients are the same bits whichever others are computed with it.
TEST_P(ConvolutionTest, WeightGradientsOfSomeOutputsAreThoseOfAll) {
  Random random(6);
  for (const Case& c : kCases) {
    const Layer layer(c, random);
    std::vector<float> dweight = room(c.out * layer.in), dbias = room(c.out), parts = dweight, parts_bias = dbias;
    for (const Kernels* kernels : {&fast(), &plain()}) {
      kernels->convolve_weights(layer.images, layer.shape, layer.dy.data(), layer.image.data(), dweight.data(),
                                dbias.data());
      for (int64_t first = 0; first < c.out; first += 7) {
        ConvolutionShape some = layer.shape;
        some.out = std::min<int64_t>(7, c.out - first);
        kernels->convolve_weights(layer.images, some, layer.dy.data() + first, layer.image.data(),
                                  parts.data() + first * layer.in, parts_bias.data() + first);
      }
      EXPECT_EQ(parts, dweight) << c.kernel << " " << c.channels << " " << c.out;
      EXPECT_EQ(parts_bias, dbias);
    }
  }
}

TEST(Convolution, TwinsGiveTheSameBits) {
  for (const auto& [one, other] : test::twins_here()) {
    Random random(8);
    for (const Case& c : kCases) {
      const Layer layer(c, random);
      std::vector<std::vector<float>> results;
      for (const Kernels* kernels : {one, other}) {
        std::vector<float> y = room(layer.rows * layer.shape.out_stride), dweight = room(c.out * layer.in),
                           dbias = room(c.out);
        kernels->convolve(layer.images, layer.shape, layer.image.data(), layer.weights(), true, y.data());
        kernels->convolve_weights(layer.images, layer.shape, layer.dy.data(), layer.image.data(), dweight.data(),
                                  dbias.data());
        y.insert(y.end(), dweight.begin(), dweight.end());
        y.insert(y.end(), dbias.begin(), dbias.end());
        results.push_back(y);
      }
      EXPECT_EQ(results[0], results[1]) << one->name << " " << other->name << " " << c.kernel << " " << c.channels;
    }
  }
}

TEST_P(ConvolutionTest, ImageGradientsEqualPlain) {
  Random random(3);
  for (const Case& c : kCases)
    for (const bool rectified : {false, true}) {
      const Layer layer(c, random);
      const int64_t stride = padded_size(layer.in);
      const std::vector<float> patches = random_vector(layer.rows * stride, random);
      std::vector<float> dx = room(layer.images * layer.shape.image_stride), expected = dx;
      const float* const activation = rectified ? layer.image.data() : nullptr;
      fast().add_patches(layer.images, layer.shape, patches.data(), stride, activation, dx.data());
      plain().add_patches(layer.images, layer.shape, patches.data(), stride, activation, expected.data());
      EXPECT_TRUE(all_close(dx, expected, 1e-6)) << c.kernel << " " << c.channels;
    }
}

TEST_P(ConvolutionTest, ToChannelsLastEqualsPlain) {
  Random random(4);
  for (const int64_t channels : {1, 2, 3, 4, 5, 16})
    for (const int64_t pixels : {1, 7, 16, 49, 7056}) {
      const std::vector<float> from = random_vector(channels * pixels, random);
      std::vector<float> to = room(channels * pixels), expected = to;
      fast().to_channels_last(channels, pixels, 0.25f, from.data(), to.data());
      plain().to_channels_last(channels, pixels, 0.25f, from.data(), expected.data());
      EXPECT_EQ(to, expected) << channels << " " << pixels;
    }
}

// The convolution is what its definition says, whatever the reference kernel computes: a matrix of patches times
// weights.
TEST_P(ConvolutionTest, IsAProductOfPatches) {
  Random random(5);
  const Layer layer({2, 6, 9, 3, 3, 2, 4}, random);
  const ConvolutionShape& s = layer.shape;
  std::vector<float> y = room(layer.rows * s.out);
  fast().convolve(layer.images, s, layer.image.data(), layer.weights(), false, y.data());
  for (int64_t i = 0, at = 0; i < layer.images; ++i)
    for (int64_t row = 0; row < s.out_height; ++row)
      for (int64_t column = 0; column < s.out_width; ++column)
        for (int64_t o = 0; o < s.out; ++o, ++at) {
          double sum = layer.bias[static_cast<size_t>(o)];
          for (int64_t ky = 0; ky < 3; ++ky)
            for (int64_t kx = 0; kx < 3; ++kx)
              for (int64_t c = 0; c < 3; ++c)
                sum += double{layer.image[static_cast<size_t>(i * s.image_stride +
                                                              ((row * 2 + ky) * 9 + column * 2 + kx) * 3 + c)]} *
                       layer.weight[static_cast<size_t>(((o * 3 + ky) * 3 + kx) * 3 + c)];
          EXPECT_NEAR(y[static_cast<size_t>(at)], sum, 1e-5);
        }
}

INSTANTIATE_TEST_SUITE_P(Vector, ConvolutionTest, ::testing::ValuesIn(test::engines_here()),
                         [](const auto& engine) { return std::string(engine.param->name); });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ConvolutionTest);

}  // namespace
}  // namespace deepq
