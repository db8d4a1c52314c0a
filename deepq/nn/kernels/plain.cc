// The plain twins: each kernel as the formula in its header comment, one loop nest, no intrinsics. Compiled without
// fused multiply-add, so they give the same bits on every machine.
#include <algorithm>
#include <cmath>

#include "deepq/nn/kernels/kernels.h"

namespace deepq {
namespace {

void forward(const LayerShape& shape, const float* x, const LayerWeights& layer, bool relu, float* y) {
  const int64_t x_stride = padded_size(shape.in), y_stride = padded_size(shape.out);
  for (int64_t r = 0; r < shape.rows; ++r, x += x_stride, y += y_stride) {
    for (int64_t o = 0; o < shape.out; ++o) {
      float sum = layer.bias[o];
      for (int64_t i = 0; i < shape.in; ++i) sum += x[i] * layer.weight[o * shape.in + i];
      y[o] = relu && sum < 0 ? 0 : sum;
    }
  }
}

void backward_input(const LayerShape& shape, const float* dy, const float* weight, const float* x, float* dx) {
  const int64_t in_stride = padded_size(shape.in), out_stride = padded_size(shape.out);
  for (int64_t r = 0; r < shape.rows; ++r, dy += out_stride, x += in_stride, dx += in_stride) {
    std::fill_n(dx, shape.in, 0.0f);
    for (int64_t o = 0; o < shape.out; ++o)
      for (int64_t i = 0; i < shape.in; ++i) dx[i] += dy[o] * weight[o * shape.in + i];
    for (int64_t i = 0; i < shape.in; ++i) dx[i] = x[i] > 0 ? dx[i] : 0;
  }
}

void backward_weights(const LayerShape& shape, const float* dy, const float* x, float* dweight, float* dbias) {
  const int64_t in_stride = padded_size(shape.in), out_stride = padded_size(shape.out);
  std::fill_n(dweight, shape.out * shape.in, 0.0f);
  std::fill_n(dbias, shape.out, 0.0f);
  for (int64_t r = 0; r < shape.rows; ++r, dy += out_stride, x += in_stride) {
    for (int64_t o = 0; o < shape.out; ++o) {
      dbias[o] += dy[o];
      for (int64_t i = 0; i < shape.in; ++i) dweight[o * shape.in + i] += dy[o] * x[i];
    }
  }
}

void transpose(int64_t rows, int64_t columns, const float* matrix, float* transposed) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c)
      transposed[r / kPanel * kPanel * columns + c * panel_width(rows, r / kPanel * kPanel) + r % kPanel] =
          matrix[r * columns + c];
}

double squared_norm(int64_t n, const float* x) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += double{x[i]} * x[i];
  return sum;
}

void adam(int64_t n, const AdamStep& step, const float* gradient, float* mean, float* square, float* parameter) {
  for (int64_t i = 0; i < n; ++i) {
    const float g = gradient[i] * step.gradient_scale;
    mean[i] += (1 - step.beta1) * (g - mean[i]);
    square[i] = step.beta2 * square[i] + (1 - step.beta2) * g * g;
    parameter[i] -= step.step_size * mean[i] / (std::sqrt(square[i]) * step.inverse_root_bias + step.epsilon);
  }
}

void rmsprop(int64_t n, const RmsPropStep& step, const float* gradient, float* mean, float* square, float* parameter) {
  for (int64_t i = 0; i < n; ++i) {
    const float g = gradient[i] * step.gradient_scale;
    square[i] = step.decay * square[i] + (1 - step.decay) * g * g;
    float variance = square[i];
    if (step.centered) {
      mean[i] += (1 - step.decay) * (g - mean[i]);
      variance = std::max(0.0f, variance - mean[i] * mean[i]);
    }
    parameter[i] -= step.learning_rate * g / (std::sqrt(variance) + step.epsilon);
  }
}

void blend(int64_t n, float tau, const float* from, float* to) {
  for (int64_t i = 0; i < n; ++i) to[i] += tau * (from[i] - to[i]);
}

}  // namespace

const Kernels kPlainKernels{"plain", forward, backward_input, backward_weights, transpose, squared_norm,
                            adam,    rmsprop, blend};

}  // namespace deepq
