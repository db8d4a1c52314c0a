// The reference kernels: each one as the formula in its header comment, one loop nest, no intrinsics. Compiled without
// fused multiply-add, so they give the same bits on every machine.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "deepq/nn/kernels/kernels.h"

namespace deepq {
namespace {

void forward(const LayerShape& shape, const float* x, const LayerWeights& layer, bool relu, float* y) {
  const int64_t x_stride = shape.in_stride, y_stride = shape.out_stride;
  for (int64_t r = 0; r < shape.rows; ++r, x += x_stride, y += y_stride) {
    for (int64_t o = 0; o < shape.out; ++o) {
      float sum = layer.bias[o];
      for (int64_t i = 0; i < shape.in; ++i) sum += x[i] * layer.weight[o * shape.in + i];
      y[o] = relu && sum < 0 ? 0 : sum;
    }
  }
}

void backward_input(const LayerShape& shape, const float* dy, const float* weight, const float* x, float* dx) {
  const int64_t in_stride = shape.in_stride, out_stride = shape.out_stride;
  for (int64_t r = 0; r < shape.rows; ++r, dy += out_stride, dx += in_stride) {
    std::fill_n(dx, shape.in, 0.0f);
    for (int64_t o = 0; o < shape.out; ++o)
      for (int64_t i = 0; i < shape.in; ++i) dx[i] += dy[o] * weight[o * shape.in + i];
    for (int64_t i = 0; x && i < shape.in; ++i) dx[i] = x[r * in_stride + i] > 0 ? dx[i] : 0;
  }
}

void backward_weights(const LayerShape& shape, const float* dy, const float* x, float* dweight, float* dbias) {
  const int64_t in_stride = shape.in_stride, out_stride = shape.out_stride;
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

void noise_factors(int64_t pairs, const double* uniform, float* to) {
  const auto factor = [](double normal) {
    return static_cast<float>(std::copysign(std::sqrt(std::abs(normal)), normal));
  };
  for (int64_t i = 0; i < pairs; ++i, uniform += 2, to += 2) {
    // Box and Muller, as Random::normal(); then sign(x) sqrt(|x|).
    const double radius = std::sqrt(-2 * std::log(1 - uniform[0])), angle = 2 * std::numbers::pi * uniform[1];
    to[0] = factor(radius * std::cos(angle));
    to[1] = factor(radius * std::sin(angle));
  }
}

void scale_by_noise(const NoiseShape& shape, const float* in, const float* out, const float* x, const float* plus,
                    float* to) {
  for (int64_t r = 0; r < shape.out; ++r)
    for (int64_t c = 0; c < shape.in; ++c) {
      const int64_t at = r * shape.in + c;
      to[at] = x[at] * (out[r] * in[c]);
      if (plus) to[at] += plus[at];
    }
}

// cos(k x) = 2 cos(x) cos((k - 1) x) - cos((k - 2) x), in double.
void cosines(int64_t rows, int64_t columns, int64_t stride, const float* fraction, float* to) {
  for (int64_t r = 0; r < rows; ++r, to += stride) {
    double before = 1, now = std::cos(std::numbers::pi * static_cast<double>(fraction[r]));
    const double twice = 2 * now;
    to[0] = 1;
    for (int64_t k = 1; k < columns; ++k) {
      to[k] = static_cast<float>(now);
      const double next = twice * now - before;
      before = now;
      now = next;
    }
  }
}

void multiply_rows(const MultiplyShape& shape, const float* features, const float* embedding, float* to) {
  for (int64_t r = 0; r < shape.rows; ++r)
    for (int64_t t = r * shape.fractions; t < (r + 1) * shape.fractions; ++t)
      for (int64_t c = 0; c < shape.columns; ++c)
        to[t * shape.stride + c] = features[r * shape.features_stride + c] * embedding[t * shape.stride + c];
}

void multiply_rows_backward(const MultiplyShape& shape, const float* features, const float* embedding, const float* dy,
                            float* dfeatures, float* dembedding) {
  for (int64_t r = 0; r < shape.rows; ++r)
    for (int64_t c = 0; c < shape.columns; ++c) {
      const int64_t at = r * shape.features_stride + c;
      float sum = 0;
      for (int64_t t = r * shape.fractions; t < (r + 1) * shape.fractions; ++t) {
        const int64_t from = t * shape.stride + c;
        dembedding[from] = embedding[from] > 0 ? dy[from] * features[at] : 0;
        sum += dy[from] * embedding[from];
      }
      if (dfeatures) dfeatures[at] = !shape.features_rectified || features[at] > 0 ? sum : 0;
    }
}

void normalize(const NormShape& shape, const float* x, const float* gain, const float* bias, float* statistics,
               float* y) {
  const auto n = static_cast<float>(shape.columns);
  for (int64_t r = 0; r < shape.rows; ++r) {
    for (int64_t b = 0; b < shape.blocks; ++b) {
      const int64_t begin = b * shape.columns, end = begin + shape.columns;
      const float* const row = x + r * shape.stride;
      float mean = 0, variance = 0;
      // In two passes: the variance of numbers far from 0 would else be a difference of large sums.
      for (int64_t c = begin; c < end; ++c) mean += row[c] / n;
      for (int64_t c = begin; c < end; ++c) variance += (row[c] - mean) * (row[c] - mean) / n;
      const float inverse = 1 / std::sqrt(variance + shape.epsilon);
      *statistics++ = mean;
      *statistics++ = inverse;
      for (int64_t c = begin; c < end; ++c) {
        const float value = gain[c] * ((row[c] - mean) * inverse) + bias[c];
        y[r * shape.stride + c] = value < 0 ? 0 : value;
      }
    }
  }
}

void normalize_backward(const NormShape& shape, const float* x, const float* gain, const float* statistics,
                        const float* dy, const NormGradients& to) {
  const auto n = static_cast<float>(shape.columns);
  std::fill_n(to.gain, shape.columns * shape.blocks, 0.0f);
  std::fill_n(to.bias, shape.columns * shape.blocks, 0.0f);
  for (int64_t r = 0; r < shape.rows; ++r) {
    for (int64_t b = 0; b < shape.blocks; ++b) {
      const float mean = *statistics++, inverse = *statistics++;
      float sum = 0, product = 0;  // means of the normalised values' gradient, and of that times the values
      for (int64_t c = b * shape.columns; c < (b + 1) * shape.columns; ++c) {
        const float normal = (x[r * shape.stride + c] - mean) * inverse, d = dy[r * shape.stride + c];
        to.gain[c] += d * normal;
        to.bias[c] += d;
        sum += gain[c] * d / n;
        product += gain[c] * d * normal / n;
      }
      for (int64_t c = b * shape.columns; c < (b + 1) * shape.columns; ++c) {
        const int64_t at = r * shape.stride + c;
        to.x[at] = inverse * (gain[c] * dy[at] - sum - (x[at] - mean) * inverse * product);
      }
    }
  }
}

float softmax_and_log_sum(int64_t n, const float* x, float* p) {
  const float largest = *std::max_element(x, x + n);
  float sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += p[i] = std::exp(x[i] - largest);
  for (int64_t i = 0; i < n; ++i) p[i] /= sum;
  std::fill(p + n, p + whole_registers(n), 0.0f);
  return largest + std::log(sum);
}

void softmax(int64_t n, const float* x, float* p) { softmax_and_log_sum(n, x, p); }

float cross_entropy(int64_t n, const float* x, const float* target, float weight, float* p, float* gradient) {
  const float log_sum = softmax_and_log_sum(n, x, p);
  float loss = 0;
  for (int64_t i = 0; i < n; ++i) {
    loss += target[i] * (log_sum - x[i]);
    gradient[i] = weight * (p[i] - target[i]);
  }
  return loss;
}

// A place exactly on an atom gives that atom everything: the fraction is 0 then.
void project(const Support& support, int64_t n, const float* value, const float* probability, float* to) {
  for (int64_t i = 0; i < n; ++i) {
    const float place = (std::clamp(value[i], support.v_min, support.v_max) - support.v_min) / support.step;
    const int64_t below = place > 0 ? std::min(static_cast<int64_t>(place), support.atoms - 1) : 0;  // 0 for a NaN, too
    const float fraction = place - static_cast<float>(below);
    to[below] += probability[i] * (1 - fraction);
    if (below + 1 < support.atoms) to[below + 1] += probability[i] * fraction;
  }
}

float dot(int64_t n, const float* x, const float* y) {
  float sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += x[i] * y[i];
  return sum;
}

void quantile_huber(int64_t n, const float* quantile, const float* fraction, int64_t m, const float* target,
                    float* loss, float* gradient) {
  for (int64_t i = 0; i < n; ++i) {
    loss[i] = gradient[i] = 0;
    for (int64_t j = 0; j < m; ++j) {
      const float u = target[j] - quantile[i], size = std::abs(u);
      const float weight = std::abs(fraction[i] - (u < 0 ? 1.0f : 0.0f));
      loss[i] += weight * (size <= 1 ? 0.5f * u * u : size - 0.5f);
      gradient[i] -= weight * std::clamp(u, -1.0f, 1.0f);
    }
  }
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
    parameter[i] -= step.learning_rate * g / (std::sqrt(variance + step.epsilon_inside) + step.epsilon);
  }
}

void blend(int64_t n, float tau, const float* from, float* to) {
  for (int64_t i = 0; i < n; ++i) to[i] += tau * (from[i] - to[i]);
}

// Calls visit(image number, its position number, its number in the patch) for every number of every patch.
template <class Visit>
void over_patches(int64_t images, const ConvolutionShape& s, const Visit& visit) {
  const int64_t depth = s.kernel * s.channels, positions = s.out_height * s.out_width;
  for (int64_t i = 0; i < images; ++i)
    for (int64_t p = 0; p < positions; ++p)
      for (int64_t k = 0; k < s.kernel * depth; ++k) {
        // k / depth is the line of the kernel, k % depth the pixel and channel in it: the same run in patch and image.
        const int64_t row = p / s.out_width * s.stride + k / depth, column = p % s.out_width * s.stride;
        visit(i * s.image_stride + (row * s.width + column) * s.channels + k % depth, i * positions + p, k);
      }
}

void convolve(int64_t images, const ConvolutionShape& s, const float* image, const LayerWeights& layer, bool relu,
              float* y) {
  const int64_t in = s.kernel * s.kernel * s.channels, rows = images * s.out_height * s.out_width;
  for (int64_t r = 0; r < rows; ++r) std::copy_n(layer.bias, s.out, y + r * s.out_stride);
  over_patches(images, s, [&](int64_t at, int64_t r, int64_t k) {
    for (int64_t o = 0; o < s.out; ++o) y[r * s.out_stride + o] += image[at] * layer.weight[o * in + k];
  });
  for (int64_t r = 0; relu && r < rows; ++r)
    for (int64_t o = 0; o < s.out; ++o) {
      float& value = y[r * s.out_stride + o];
      value = value < 0 ? 0 : value;
    }
}

void convolve_weights(int64_t images, const ConvolutionShape& s, const float* dy, const float* image, float* dweight,
                      float* dbias) {
  const int64_t in = s.kernel * s.kernel * s.channels;
  std::fill_n(dweight, s.out * in, 0.0f);
  std::fill_n(dbias, s.out, 0.0f);
  for (int64_t r = 0; r < images * s.out_height * s.out_width; ++r)
    for (int64_t o = 0; o < s.out; ++o) dbias[o] += dy[r * s.out_stride + o];
  over_patches(images, s, [&](int64_t at, int64_t r, int64_t k) {
    for (int64_t o = 0; o < s.out; ++o) dweight[o * in + k] += dy[r * s.out_stride + o] * image[at];
  });
}

void add_patches(int64_t images, const ConvolutionShape& s, const float* patches, int64_t patch_stride,
                 const float* activation, float* image) {
  std::fill_n(image, images * s.image_stride, 0.0f);
  over_patches(images, s, [&](int64_t at, int64_t r, int64_t k) { image[at] += patches[r * patch_stride + k]; });
  for (int64_t i = 0; activation && i < images * s.image_stride; ++i) image[i] = activation[i] > 0 ? image[i] : 0;
}

void to_channels_last(int64_t channels, int64_t pixels, float scale, const float* from, float* to) {
  for (int64_t p = 0; p < pixels; ++p)
    for (int64_t c = 0; c < channels; ++c) to[p * channels + c] = scale * from[c * pixels + p];
}

// Calls visit(the pixel's number in the image) for each pixel under the kernel that is in the image.
template <class Visit>
void over_window(const PoolShape& s, int64_t out_row, int64_t out_column, const Visit& visit) {
  for (int64_t k = 0; k < s.kernel * s.kernel; ++k) {
    const int64_t row = out_row * s.stride - s.padding + k / s.kernel;
    const int64_t column = out_column * s.stride - s.padding + k % s.kernel;
    if (row >= 0 && row < s.height && column >= 0 && column < s.width) visit(row * s.width + column);
  }
}

void max_pool(int64_t images, const PoolShape& s, const float* x, float* y) {
  for (int64_t i = 0; i < images; ++i, x += s.height * s.width * s.channels)
    for (int64_t p = 0; p < s.out_height * s.out_width; ++p, y += s.channels)
      for (int64_t c = 0; c < s.channels; ++c) {
        y[c] = -std::numeric_limits<float>::infinity();
        over_window(s, p / s.out_width, p % s.out_width, [&](int64_t pixel) {
          const float value = x[pixel * s.channels + c];
          if (value > y[c] || std::isnan(value)) y[c] = value;
        });
      }
}

void max_pool_backward(int64_t images, const PoolShape& s, const float* x, const float* y, const float* dy, float* dx) {
  const int64_t size = s.height * s.width * s.channels;
  std::fill_n(dx, images * size, 0.0f);
  for (int64_t i = 0; i < images; ++i, x += size, dx += size)
    for (int64_t p = 0; p < s.out_height * s.out_width; ++p, y += s.channels, dy += s.channels)
      for (int64_t c = 0; c < s.channels; ++c) {
        bool met = false;
        over_window(s, p / s.out_width, p % s.out_width, [&](int64_t pixel) {
          const int64_t at = pixel * s.channels + c;
          if (!met && x[at] == y[c]) dx[at] += dy[c], met = true;
        });
      }
}

float logistic(float x) { return 1 / (1 + std::exp(-x)); }

void gru(const CellShape& s, float* gates, const float* sums, const float* before, float* after) {
  for (int64_t r = 0; r < s.rows; ++r, gates += s.gates_stride, sums += s.gates_stride)
    for (int64_t u = 0; u < s.units; ++u) {
      float &reset = gates[u], &update = gates[s.units + u], &candidate = gates[2 * s.units + u];
      reset = logistic(reset + sums[u]);
      update = logistic(update + sums[s.units + u]);
      candidate = std::tanh(candidate + reset * sums[2 * s.units + u]);
      const int64_t at = r * s.state_stride + u;
      after[at] = candidate + update * (before[at] - candidate);
    }
}

void gru_backward(const CellShape& s, const float* gates, const float* sums, const float* before,
                  const CellGradients& to) {
  for (int64_t r = 0; r < s.rows; ++r, gates += s.gates_stride, sums += s.gates_stride)
    for (int64_t u = 0; u < s.units; ++u) {
      const float reset = gates[u], update = gates[s.units + u], candidate = gates[2 * s.units + u];
      const int64_t at = r * s.state_stride + u, input = r * s.gates_stride + u;
      const float after = to.output[at] + to.product[at] + to.around[at];
      const float dcandidate = after * (1 - update) * (1 - candidate * candidate);
      const float dupdate = after * (before[at] - candidate) * update * (1 - update);
      const float dreset = dcandidate * sums[2 * s.units + u] * reset * (1 - reset);
      to.input[input] = to.state[input] = dreset;
      to.input[input + s.units] = to.state[input + s.units] = dupdate;
      to.input[input + 2 * s.units] = dcandidate;
      to.state[input + 2 * s.units] = dcandidate * reset;
      to.around[at] = after * update;
    }
}

void lstm(const CellShape& s, float* gates, const float* sums, const float* cell_before, float* cell, float* after) {
  for (int64_t r = 0; r < s.rows; ++r, gates += s.gates_stride, sums += s.gates_stride)
    for (int64_t u = 0; u < s.units; ++u) {
      float &input = gates[u], &forget = gates[s.units + u];
      float &candidate = gates[2 * s.units + u], &output = gates[3 * s.units + u];
      input = logistic(input + sums[u]);
      forget = logistic(forget + sums[s.units + u]);
      candidate = std::tanh(candidate + sums[2 * s.units + u]);
      output = logistic(output + sums[3 * s.units + u]);
      const int64_t at = r * s.state_stride + u;
      cell[at] = forget * cell_before[at] + input * candidate;
      after[at] = output * std::tanh(cell[at]);
    }
}

void lstm_backward(const CellShape& s, const float* gates, const float* cell_before, const float* cell,
                   const CellGradients& to) {
  for (int64_t r = 0; r < s.rows; ++r, gates += s.gates_stride)
    for (int64_t u = 0; u < s.units; ++u) {
      const float input = gates[u], forget = gates[s.units + u];
      const float candidate = gates[2 * s.units + u], output = gates[3 * s.units + u];
      const int64_t at = r * s.state_stride + u, of_gates = r * s.gates_stride + u;
      const float squashed = std::tanh(cell[at]), after = to.output[at] + to.product[at];
      const float dcell = to.around[at] + after * output * (1 - squashed * squashed);
      to.input[of_gates] = dcell * candidate * input * (1 - input);
      to.input[of_gates + s.units] = dcell * cell_before[at] * forget * (1 - forget);
      to.input[of_gates + 2 * s.units] = dcell * input * (1 - candidate * candidate);
      to.input[of_gates + 3 * s.units] = after * squashed * output * (1 - output);
      to.around[at] = dcell * forget;
    }
}

constexpr Kernels plain_kernels() {
  Kernels table{};
  table.name = "plain";
  table.forward = forward;
  table.transpose = transpose;
  table.noise_factors = noise_factors;
  table.scale_by_noise = scale_by_noise;
  table.cosines = cosines;
  table.multiply_rows = multiply_rows;
  table.normalize = normalize;
  table.softmax = softmax;
  table.dot = dot;
  table.convolve = convolve;
  table.to_channels_last = to_channels_last;
  table.max_pool = max_pool;
  table.gru = gru;
  table.lstm = lstm;
  if constexpr (kLearns) {
    table.backward_input = backward_input;
    table.backward_weights = backward_weights;
    table.multiply_rows_backward = multiply_rows_backward;
    table.normalize_backward = normalize_backward;
    table.cross_entropy = cross_entropy;
    table.project = project;
    table.quantile_huber = quantile_huber;
    table.squared_norm = squared_norm;
    table.adam = adam;
    table.rmsprop = rmsprop;
    table.blend = blend;
    table.convolve_weights = convolve_weights;
    table.add_patches = add_patches;
    table.max_pool_backward = max_pool_backward;
    table.gru_backward = gru_backward;
    table.lstm_backward = lstm_backward;
  }
  return table;
}

}  // namespace

constinit const Kernels kPlainKernels = plain_kernels();

}  // namespace deepq
