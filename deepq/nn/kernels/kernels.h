// The arithmetic of the network behind one narrow seam: fully connected layers, their gradients, and the optimisers'
// loops. One source, vector.inc, fills the same table for AVX-512, AVX2, NEON, WebAssembly's SIMD128 and what every
// machine has, each in fast and in strict arithmetic (core/arithmetic.h); plain loops are the oracle of the tests.
// Matrices are row-major; activations have rows of padded_size(n) floats, whose tail holds nothing that is ever read as
// a value.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "deepq/core/arithmetic.h"
#include "deepq/nn/network_config.h"

namespace deepq {

// The functions here are static: each engine has its own copy, compiled for its own instruction set.

// One AVX-512 register. Vector loads may run this far past the end of any buffer that is given to a kernel.
inline constexpr int64_t kPadFloats = 16;
static constexpr int64_t whole_registers(int64_t n) { return (n + kPadFloats - 1) / kPadFloats * kPadFloats; }

// From one row of activations to the next. Rows a multiple of 512 bytes apart would share a few of the cache's sets, so
// they are moved on.
static constexpr int64_t padded_size(int64_t n) {
  return whole_registers(n) % 128 == 0 ? whole_registers(n) + kPadFloats : whole_registers(n);
}

// Transposed weights lie in panels of this many outputs, each panel [in, its width] without gaps: a product reads one
// panel after another from end to end. The last panel's width is what is left, in whole registers.
inline constexpr int64_t kPanel = 64;
static constexpr int64_t panel_width(int64_t out, int64_t first) {
  return whole_registers(out - first) < kPanel ? whole_registers(out - first) : kPanel;
}
static constexpr int64_t transposed_size(int64_t in, int64_t out) { return in * whole_registers(out); }

struct LayerShape {
  int64_t rows, in, out;
  int64_t in_stride, out_stride;  // floats from one row of inputs, or of outputs, to the next
};
static constexpr LayerShape padded_shape(int64_t rows, int64_t in, int64_t out) {
  return {rows, in, out, padded_size(in), padded_size(out)};
}

struct LayerWeights {
  const float* weight;      // [out, in]
  const float* transposed;  // [in, out] in panels, see kPanel
  const float* bias;        // [out]
};

struct AdamStep {  // Kingma and Ba 2015, algorithm 1, in PyTorch's order of operations
  float beta1, beta2, epsilon;
  float step_size;          // learning rate / (1 - beta1^t)
  float inverse_root_bias;  // 1 / sqrt(1 - beta2^t)
  float gradient_scale;     // from clipping; 1 when not clipped
};

struct RmsPropStep {  // epsilon: added outside the root, as in PyTorch; epsilon_inside: under it, as in Mnih et al.
                      // 2015
  float decay, epsilon, epsilon_inside, learning_rate, gradient_scale;
  bool centered;
};

struct NoiseShape {
  int64_t out, in;
};

// Implicit quantiles: for each row of features `fractions` rows of an embedding, and as many of the result.
struct MultiplyShape {
  int64_t rows, fractions, columns;
  int64_t features_stride, stride;  // the latter of embedding and result
  bool features_rectified = true;   // they come out of a ReLU
};

// Layer normalisation of `blocks` blocks of `columns` in each row.
struct NormShape {
  int64_t rows, columns, blocks, stride;
  float epsilon;
};
// Atoms at equal distances, two or more (Bellemare et al. 2017).
struct Support {
  int64_t atoms;
  float v_min, v_max, step;
};
struct NormGradients {
  float *gain, *bias, *x;
};

// A square kernel that goes over images of [height, width, channels]; outputs are [out_height, out_width, out], an
// image's after another's without a gap. Weights are [out, kernel rows, kernel columns, channels].
struct ConvolutionShape {
  int64_t height, width, channels, kernel, stride, out_height, out_width, out;
  int64_t image_stride;  // floats from one image to the next
  int64_t out_stride;    // floats from one position's outputs to the next
};

// A square kernel that goes over images of [height, width, channels], as far as `padding` beyond their edges.
struct PoolShape {
  int64_t height, width, channels, kernel, stride, padding, out_height, out_width;
};

// One step of a recurrent cell for some sequences: a row each. In rows of gates those of one kind lie side by side.
struct CellShape {
  int64_t rows, units;
  int64_t gates_stride, state_stride;
};

// Where its gradients come from and go to.
struct CellGradients {
  const float* output;   // by the state after the step, of what reads it there
  const float* product;  // the same of the next step, through its products
  float* around;         // of the next step past its products; becomes that of this step for the one before
  float *input, *state;  // by the sums of input and state; LSTM: they are the same, and `state` is not asked for
};

struct Kernels {
  std::string_view name;

  // y[rows, out] = x[rows, in] weight^T + bias, then max(0, y) when `relu` (a NaN stays one).
  void (*forward)(const LayerShape&, const float* x, const LayerWeights&, bool relu, float* y);

  // dx[rows, in] = dy[rows, out] weight; where x is given, a ReLU's output, zero where it is not positive.
  void (*backward_input)(const LayerShape&, const float* dy, const float* weight, const float* x, float* dx);

  // dweight[out, in] = dy^T x and dbias[out] = the column sums of dy.
  void (*backward_weights)(const LayerShape&, const float* dy, const float* x, float* dweight, float* dbias);

  // transposed = matrix[rows, columns]^T as [columns, rows] in panels of rows, see kPanel.
  void (*transpose)(int64_t rows, int64_t columns, const float* matrix, float* transposed);

  // From pairs of uniform numbers as many of normal ones, as Random::normal() makes them, and of each f(x) = sign(x)
  // sqrt(|x|), the factors of factorised noise (Fortunato et al. 2018, equation 11).
  void (*noise_factors)(int64_t pairs, const double* uniform, float* to);

  // to[out, in] = plus + x[out, in] (out in^T), the noise of Fortunato et al. 2018, equation 10; a null `plus` is 0.
  void (*scale_by_noise)(const NoiseShape&, const float* in, const float* out, const float* x, const float* plus,
                         float* to);

  // to[rows, columns] = cos(pi k fraction), k being the column and the fraction that of the row, not negative.
  void (*cosines)(int64_t rows, int64_t columns, int64_t stride, const float* fraction, float* to);

  // to = features * embedding.
  void (*multiply_rows)(const MultiplyShape&, const float* features, const float* embedding, float* to);
  // Where a factor comes out of a ReLU, as the embedding does, its gradient is zero where it is not positive. dfeatures
  // may be null.
  void (*multiply_rows_backward)(const MultiplyShape&, const float* features, const float* embedding, const float* dy,
                                 float* dfeatures, float* dembedding);

  // y = max(0, gain (x - mean) * inverse deviation + bias); statistics: mean and inverse deviation of each row and
  // block.
  void (*normalize)(const NormShape&, const float* x, const float* gain, const float* bias, float* statistics,
                    float* y);
  void (*normalize_backward)(const NormShape&, const float* x, const float* gain, const float* statistics,
                             const float* dy, const NormGradients&);

  // p = softmax(x), and 0 up to the end of its last register.
  void (*softmax)(int64_t n, const float* x, float* p);

  // p as softmax has it; returns -sum target log p, and its gradient by x, p - target, times `weight`.
  float (*cross_entropy)(int64_t n, const float* x, const float* target, float weight, float* p, float* gradient);

  // Adds n probabilities to `to` [atoms]: each at its value, clamped to the support and split between the two nearest
  // atoms (Bellemare et al. 2017, algorithm 1).
  void (*project)(const Support&, int64_t n, const float* value, const float* probability, float* to);

  float (*dot)(int64_t n, const float* x, const float* y);

  // Quantile regression (Dabney, Rowland et al. 2018, equation 10) of n quantiles against m targets: for each quantile
  // the sums over the targets, of the loss and of its derivative by the quantile. u = target - quantile:
  // loss = |fraction - [u < 0]| Huber(u).
  void (*quantile_huber)(int64_t n, const float* quantile, const float* fraction, int64_t m, const float* target,
                         float* loss, float* gradient);

  double (*squared_norm)(int64_t n, const float* x);
  void (*adam)(int64_t n, const AdamStep&, const float* gradient, float* mean, float* square, float* parameter);
  void (*rmsprop)(int64_t n, const RmsPropStep&, const float* gradient, float* mean, float* square, float* parameter);

  // to = (1 - tau) to + tau from.
  void (*blend)(int64_t n, float tau, const float* from, float* to);

  // As forward and backward_weights, with the patch under each position of the kernel as a row of x.
  void (*convolve)(int64_t images, const ConvolutionShape&, const float* image, const LayerWeights&, bool relu,
                   float* y);
  void (*convolve_weights)(int64_t images, const ConvolutionShape&, const float* dy, const float* image, float* dweight,
                           float* dbias);
  // Each number of the image becomes the sum of those that are its copies in the patches; where `activation` is given,
  // a ReLU's output of the image's shape, zero where it is not positive.
  void (*add_patches)(int64_t images, const ConvolutionShape&, const float* patches, int64_t patch_stride,
                      const float* activation, float* image);
  // to[pixels, channels] = scale * from[channels, pixels].
  void (*to_channels_last)(int64_t channels, int64_t pixels, float scale, const float* from, float* to);

  // y = the largest number of x under the kernel, for each channel; a NaN, where there is one. Images lie without gaps.
  void (*max_pool)(int64_t images, const PoolShape&, const float* x, float* y);
  // Each dy goes to the first of the numbers that are as large as y; dx is 0 elsewhere.
  void (*max_pool_backward)(int64_t images, const PoolShape&, const float* x, const float* y, const float* dy,
                            float* dx);

  // A gated recurrent unit's step (Cho et al. 2014, as PyTorch has it). `gates` come as the sums of the input, W_i x +
  // b_i, and `sums` are those of the state, W_h h + b_h, of the reset gate r, the update gate z and the candidate n:
  //   r = s(i_r + h_r), z = s(i_z + h_z), n = tanh(i_n + r h_n), after = (1 - z) n + z before
  // s being the logistic function. In `gates` r, z and n are left.
  void (*gru)(const CellShape&, float* gates, const float* sums, const float* before, float* after);
  void (*gru_backward)(const CellShape&, const float* gates, const float* sums, const float* before,
                       const CellGradients&);
  // A long short-term memory's step (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000): input
  // gate i, forget gate f, candidate g, output gate o, and
  //   cell = f cell_before + i g, after = o tanh(cell)
  void (*lstm)(const CellShape&, float* gates, const float* sums, const float* cell_before, float* cell, float* after);
  void (*lstm_backward)(const CellShape&, const float* gates, const float* cell_before, const float* cell,
                        const CellGradients&);
};

// The library that only acts (deepq/act) is compiled without what learns: those entries are null there.
#ifdef DEEPQ_ONLY_ACTS
inline constexpr bool kLearns = false;
#else
inline constexpr bool kLearns = true;
#endif

extern const Kernels kPlainKernels;

// The table for this CPU. All strict tables give the same bits, but for kPlainKernels: its loops add in
// another order.
const Kernels& kernels_for(Numerics numerics);

// The vector tables that this CPU can run, the fastest first. Fast ones give the same bits where they have fused
// multiply-add.
std::vector<const Kernels*> vector_kernels_here(Arithmetic arithmetic);

// Which tables Engine::kAuto means from now on, by the name of the fast one ("avx2", "plain"): for benchmarks and tests
// of what other CPUs would do. Throws deepq::Error where this CPU or build has none of that name. Not thread-safe.
void use_kernels(std::string_view name);

}  // namespace deepq
