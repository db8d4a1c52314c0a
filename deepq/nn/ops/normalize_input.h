// to = (x - mean) * scale, cut to +- clip, of the real numbers among the input's: side by side, for the layers or a
// join behind it. Mean and scale are kept up to date by what observes (agent/normalizers.h); nothing is learnt here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "deepq/nn/ops/fwd.h"

namespace deepq {

struct NormalizeInput {
  struct Range {
    int64_t from_column, columns;
  };

  std::vector<Range> ranges;  // of the input
  size_t to;
  size_t mean, scale;  // tensors, a number for each column of `to`
  float clip;

  void prepare(const Preparation& preparation) const;
  void forward(const Pass& pass) const;
  void backward(const Pass&) const {}
  int64_t cost(const NetworkLayout& layout) const;
  void lower(Lowering& lowering) const;

 private:
  template <int64_t kFloats>
  void normalize_registers(const Pass& pass, int64_t first, int64_t count) const;
  void normalize_ranges(const Pass& pass, int64_t first, int64_t count) const;
};

size_t add_normalize_input(LayoutBuilder& builder, std::vector<NormalizeInput::Range> ranges);

}  // namespace deepq
