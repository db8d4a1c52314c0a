#include "deepq/nn/ops/normalize_input.h"

#include <algorithm>
#include <utility>

#include "deepq/nn/layout_builder.h"
#include "deepq/nn/lowering.h"
#include "deepq/nn/pass.h"

namespace deepq {

void NormalizeInput::prepare(const Preparation& p) const { p.keep(mean), p.keep(scale); }

// Nearly always: whole registers, with what is behind the range, which no layer reads; of few numbers, as CartPole's
// four, a quarter of one.
template <int64_t kFloats>
void NormalizeInput::normalize_registers(const Pass& pass, int64_t first, int64_t count) const {
  const int64_t from_stride = pass.activation(0).stride, to_stride = pass.activation(to).stride;
  for (int64_t column = 0; column < ranges[0].columns; column += kFloats) {
    const float* __restrict const m = pass.parameter(mean) + column;
    const float* __restrict const s = pass.parameter(scale) + column;
    const float* __restrict x = pass.value(0) + first * from_stride + ranges[0].from_column + column;
    float* __restrict y = pass.value(to) + first * to_stride + column;
    for (int64_t row = 0; row < count; ++row, x += from_stride, y += to_stride)
      for (int64_t i = 0; i < kFloats; ++i) y[i] = std::min(clip, std::max(-clip, (x[i] - m[i]) * s[i]));
  }
}

// A difference and a product: no step that could be contracted, so that strict arithmetic needs no loop of its own.
void NormalizeInput::forward(const Pass& pass) const {
  pass.team->split(pass.rows, grain_of(cost(*pass.layout)), [&](int64_t first, int64_t count) {
    if (ranges.size() == 1 && ranges[0].columns <= 4)
      normalize_registers<4>(pass, first, count);
    else if (ranges.size() == 1)
      normalize_registers<kPadFloats>(pass, first, count);
    else
      normalize_ranges(pass, first, count);
  });
}

void NormalizeInput::normalize_ranges(const Pass& pass, int64_t first, int64_t count) const {
  const int64_t from_stride = pass.activation(0).stride, to_stride = pass.activation(to).stride;
  for (int64_t row = first; row < first + count; ++row) {
    const float* __restrict m = pass.parameter(mean);
    const float* __restrict s = pass.parameter(scale);
    float* __restrict y = pass.value(to) + row * to_stride;
    for (const auto& [from_column, columns] : ranges) {
      const float* __restrict const x = pass.value(0) + row * from_stride + from_column;
      for (int64_t i = 0; i < columns; ++i) y[i] = std::min(clip, std::max(-clip, (x[i] - m[i]) * s[i]));
      m += columns, s += columns, y += columns;
    }
  }
}

int64_t NormalizeInput::cost(const NetworkLayout& layout) const { return layout.activations[to].columns; }

void NormalizeInput::lower(Lowering& lowering) const {
  graph::NormalizeInput node{
      .ranges = {}, .to = to, .clip = clip, .mean = lowering.tensor(mean), .scale = lowering.tensor(scale)};
  for (const Range& range : ranges) node.ranges.push_back({range.from_column, range.columns});
  lowering.add(std::move(node));
}

size_t add_normalize_input(LayoutBuilder& builder, std::vector<NormalizeInput::Range> ranges) {
  int64_t columns = 0;
  for (const NormalizeInput::Range& range : ranges) columns += range.columns;
  const auto clip = static_cast<float>(builder.config.observation_clip);
  // Before the first observation the numbers go through as they are.
  NetworkLayout& layout = builder.layout;
  layout.input_mean = builder.add_statistics("observations/mean", columns, Init::kZero);
  layout.input_scale = builder.add_statistics("observations/scale", columns, Init::kOne);
  const size_t to =
      builder.add_activation({.columns = columns, .stride = padded_size(columns), .needs_gradient = false});
  layout.operations.push_back(NormalizeInput{std::move(ranges), to, *layout.input_mean, *layout.input_scale, clip});
  return to;
}

}  // namespace deepq
