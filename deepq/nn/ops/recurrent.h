// A recurrent layer: a gated recurrent unit (Cho et al. 2014) or a long short-term memory (Hochreiter and Schmidhuber
// 1997), in PyTorch's equations and order of gates (kernels.h). It goes through the steps of the pass's sequences and
// back (Werbos 1990), but no further back than what is learnt from (Sequences::learnt_from): the steps before it warm
// the state up (Kapturowski et al. 2019, "burn-in").
#pragma once

#include <cstddef>
#include <cstdint>

#include "deepq/nn/kernels/kernels.h"
#include "deepq/nn/network_config.h"
#include "deepq/nn/ops/fwd.h"

namespace deepq {

struct Recurrent {
  Memory kind;
  size_t from, to = 0;               // `to`: the states of all steps
  size_t before = 0;                 // lies just before `to`, so that the states before all steps are one matrix, too
  size_t gates = 0, sums = 0;        // of each step: the gates, from the sums of the input; the sums of the state
  size_t cell_before = 0, cell = 0;  // LSTM: as before and to
  int64_t in, units;
  size_t weight_ih = 0, weight_hh = 0, bias_ih = 0, bias_hh = 0;  // tensors
  int64_t transposed_ih, transposed_hh = 0;                       // where their transposed weights begin

  int64_t gate_units() const { return (kind == Memory::kLstm ? 4 : 3) * units; }
  int64_t memory_size() const { return (kind == Memory::kLstm ? 2 : 1) * units; }

  void prepare(const Preparation& preparation) const;
  void forward(const Pass& pass) const;
  void backward(const Pass& pass) const;
  int64_t cost(const NetworkLayout&) const { return gate_units() * (in + units); }
  void lower(Lowering& lowering) const;
};

size_t add_recurrent(LayoutBuilder& builder, size_t from);

}  // namespace deepq
