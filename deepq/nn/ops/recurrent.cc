#include "deepq/nn/ops/recurrent.h"

#include <algorithm>

#include "deepq/core/error.h"
#include "deepq/nn/layout_builder.h"
#include "deepq/nn/lowering.h"
#include "deepq/nn/pass.h"

namespace deepq {
namespace {

// Some of a pass's sequences, at one of its steps.
class Steps {
 public:
  Steps(const Pass& pass, const Recurrent& layer)
      : pass_(pass), layer_(layer), sequences_(pass.rows / pass.sequences.steps) {
    DEEPQ_ASSERT(sequences_ * pass.sequences.steps == pass.rows);
  }

  int64_t sequences() const { return sequences_; }
  int64_t count() const { return pass_.sequences.steps; }
  int64_t row(int64_t step, int64_t sequence) const { return step * sequences_ + sequence; }

  CellShape cells(int64_t rows) const {
    return {rows, layer_.units, pass_.activation(layer_.gates).stride, pass_.activation(layer_.to).stride};
  }
  LayerShape product(int64_t rows) const {
    return {rows, layer_.units, layer_.gate_units(), pass_.activation(layer_.to).stride,
            pass_.activation(layer_.gates).stride};
  }

  // Row by row of one of the layer's activations, -1 being the step before the first.
  float* value(size_t activation, int64_t step, int64_t sequence) const {
    return pass_.value(activation) + row(step, sequence) * pass_.activation(activation).stride;
  }
  float* gradient(size_t activation, int64_t step, int64_t sequence) const {
    return pass_.gradient(activation) + row(step, sequence) * pass_.activation(activation).stride;
  }

  int64_t learnt_from(int64_t sequence) const {
    const auto& from = pass_.sequences.learnt_from;
    return from.empty() ? 0 : from[static_cast<size_t>(sequence)];
  }
  int64_t first_learnt() const {
    const auto& from = pass_.sequences.learnt_from;
    return from.empty() ? 0 : *std::ranges::min_element(from);
  }

 private:
  const Pass& pass_;
  const Recurrent& layer_;
  int64_t sequences_;
};

// What is remembered before the first step, and after the last: the state, then the cell's.
void put_before(const Pass& pass, const Recurrent& layer, const Steps& steps) {
  const std::span<const float> from = pass.sequences.before;
  const int64_t units = layer.units, size = layer.memory_size();
  DEEPQ_ASSERT(from.empty() || static_cast<int64_t>(from.size()) == steps.sequences() * size);
  for (int64_t s = 0; s < steps.sequences(); ++s) {
    float* const state = steps.value(layer.to, -1, s);
    float* const cell = layer.kind == Memory::kLstm ? steps.value(layer.cell, -1, s) : nullptr;
    const float* const remembered = from.data() + s * size;
    if (from.empty()) {
      std::fill_n(state, units, 0.0f);
      if (cell) std::fill_n(cell, units, 0.0f);
    } else {
      std::copy_n(remembered, units, state);
      if (cell) std::copy_n(remembered + units, units, cell);
    }
  }
}

void take_after(const Pass& pass, const Recurrent& layer, const Steps& steps) {
  const std::span<float> to = pass.sequences.after;
  const int64_t units = layer.units, size = layer.memory_size();
  if (to.empty()) return;
  DEEPQ_ASSERT(static_cast<int64_t>(to.size()) == steps.sequences() * size);
  for (int64_t s = 0; s < steps.sequences(); ++s) {
    float* const remembered = to.data() + s * size;
    std::copy_n(steps.value(layer.to, steps.count() - 1, s), units, remembered);
    if (layer.kind == Memory::kLstm)
      std::copy_n(steps.value(layer.cell, steps.count() - 1, s), units, remembered + units);
  }
}

LayerWeights weights_of(const Pass& pass, size_t weight, int64_t transposed, size_t bias) {
  return {pass.parameter(weight), pass.transposed + transposed, pass.parameter(bias)};
}

// The gradients of a weight and its bias, from those of its sums in some rows.
void learn_weights(const Pass& pass, const LayerShape& shape, const float* dy, const float* x, size_t weight,
                   size_t bias) {
  pass.team->split(shape.out, grain_of(shape.rows * shape.in), [&](int64_t first, int64_t count) {
    LayerShape part = shape;
    part.out = count;
    pass.kernels->backward_weights(part, dy + first, x, pass.parameter_gradient(weight) + first * shape.in,
                                   pass.parameter_gradient(bias) + first);
  });
}

// From the last step of some sequences to the first that is learnt from: the gradients of the sums of all gates.
void go_back(const Pass& pass, const Recurrent& layer, const Steps& steps, int64_t first, int64_t count) {
  const bool lstm = layer.kind == Memory::kLstm;
  const int64_t stride = pass.activation(layer.before).stride;
  const size_t state_sums = lstm ? layer.gates : layer.sums;
  // Room for two rows of each sequence; of a single step nothing comes back, and one of zeros does for both.
  float* const product = steps.gradient(layer.before, 0, first);
  float* const around = steps.count() > 1 ? steps.gradient(layer.before, 1, first) : product;
  std::fill_n(product, count * stride, 0.0f);
  std::fill_n(around, count * stride, 0.0f);
  for (int64_t step = steps.count() - 1; step >= steps.first_learnt(); --step) {
    const CellGradients gradients{.output = steps.gradient(layer.to, step, first),
                                  .product = product,
                                  .around = around,
                                  .input = steps.gradient(layer.gates, step, first),
                                  .state = steps.gradient(layer.sums, step, first)};
    const float* const gates = steps.value(layer.gates, step, first);
    if (lstm)
      pass.kernels->lstm_backward(steps.cells(count), gates, steps.value(layer.cell, step - 1, first),
                                  steps.value(layer.cell, step, first), gradients);
    else
      pass.kernels->gru_backward(steps.cells(count), gates, steps.value(layer.sums, step, first),
                                 steps.value(layer.to, step - 1, first), gradients);
    if (step == steps.first_learnt()) return;
    pass.kernels->backward_input(steps.product(count), steps.gradient(state_sums, step, first),
                                 pass.parameter(layer.weight_hh), nullptr, product);
    for (int64_t i = 0; i < count; ++i) {
      if (steps.learnt_from(first + i) != step) continue;
      std::fill_n(product + i * stride, layer.units, 0.0f);
      std::fill_n(around + i * stride, layer.units, 0.0f);
    }
  }
}

}  // namespace

void Recurrent::prepare(const Preparation& p) const {
  for (const size_t tensor : {weight_ih, weight_hh, bias_ih, bias_hh}) p.keep(tensor);
  const auto transpose = [&](size_t weight, int64_t inputs, int64_t begin) {
    p.kernels->transpose(gate_units(), inputs, p.effective + p.layout->tensors[weight].begin, p.transposed + begin);
  };
  transpose(weight_ih, in, transposed_ih);
  transpose(weight_hh, units, transposed_hh);
}

// The input's products are one for all steps; the state's come step by step. Threads share the sequences.
void Recurrent::forward(const Pass& pass) const {
  const Steps steps(pass, *this);
  put_before(pass, *this, steps);
  const LayerWeights of_input = weights_of(pass, weight_ih, transposed_ih, bias_ih);
  const LayerWeights of_state = weights_of(pass, weight_hh, transposed_hh, bias_hh);
  const int64_t in_stride = pass.activation(from).stride, gates_stride = pass.activation(gates).stride;
  pass.team->split(pass.rows, grain_of(gate_units() * in), [&](int64_t first, int64_t count) {
    pass.kernels->forward({count, in, gate_units(), in_stride, gates_stride}, pass.value(from) + first * in_stride,
                          of_input, false, pass.value(gates) + first * gates_stride);
  });
  pass.team->split(steps.sequences(), grain_of(steps.count() * gate_units() * units),
                   [&](int64_t first, int64_t count) {
                     for (int64_t step = 0; step < steps.count(); ++step) {
                       const float* const last = steps.value(to, step - 1, first);
                       float* const state_sums = steps.value(sums, step, first);
                       pass.kernels->forward(steps.product(count), last, of_state, false, state_sums);
                       if (kind == Memory::kLstm)
                         pass.kernels->lstm(steps.cells(count), steps.value(gates, step, first), state_sums,
                                            steps.value(cell, step - 1, first), steps.value(cell, step, first),
                                            steps.value(to, step, first));
                       else
                         pass.kernels->gru(steps.cells(count), steps.value(gates, step, first), state_sums, last,
                                           steps.value(to, step, first));
                     }
                   });
  take_after(pass, *this, steps);
}

void Recurrent::backward(const Pass& pass) const {
  const Steps steps(pass, *this);
  pass.team->split(steps.sequences(), grain_of(steps.count() * gate_units() * units),
                   [&](int64_t first, int64_t count) { go_back(pass, *this, steps, first, count); });
  // Rows of the steps before are none of the sums below.
  const int64_t begin = steps.row(steps.first_learnt(), 0), count = pass.rows - begin;
  const int64_t in_stride = pass.activation(from).stride, gates_stride = pass.activation(gates).stride;
  const LayerShape of_input{count, in, gate_units(), in_stride, gates_stride};
  const float* const dinput = pass.gradient(gates) + begin * gates_stride;
  const size_t state_sums = kind == Memory::kLstm ? gates : sums;
  const float* const x = pass.value(from) + begin * in_stride;
  learn_weights(pass, of_input, dinput, x, weight_ih, bias_ih);
  learn_weights(pass, steps.product(count), pass.gradient(state_sums) + begin * gates_stride,
                steps.value(to, steps.first_learnt() - 1, 0), weight_hh, bias_hh);
  if (!pass.activation(from).needs_gradient) return;
  std::fill_n(pass.gradient(from), begin * in_stride, 0.0f);
  pass.team->split(count, grain_of(gate_units() * in), [&](int64_t first, int64_t rows) {
    LayerShape part = of_input;
    part.rows = rows;
    pass.kernels->backward_input(part, dinput + first * gates_stride, pass.parameter(weight_ih),
                                 pass.activation(from).rectified ? x + first * in_stride : nullptr,
                                 pass.gradient(from) + (begin + first) * in_stride);
  });
}

void Recurrent::lower(Lowering& lowering) const {
  lowering.add(graph::Recurrent{from, to, kind, in, units, lowering.tensor(weight_ih), lowering.tensor(weight_hh),
                                lowering.tensor(bias_ih), lowering.tensor(bias_hh)});
}

size_t add_recurrent(LayoutBuilder& builder, size_t from) {
  NetworkLayout& layout = builder.layout;
  Recurrent layer{.kind = builder.config.recurrent,
                  .from = from,
                  .in = layout.activations[from].columns,
                  .units = builder.config.recurrent_size,
                  .transposed_ih = layout.transposed};
  const int64_t in = layer.in, units = layer.units, outputs = layer.gate_units();
  layer.transposed_hh = layer.transposed_ih + transposed_size(in, outputs);
  layout.transposed = layer.transposed_hh + transposed_size(units, outputs);
  const Activation state{.columns = units, .stride = padded_size(units)};
  const Activation gates{.columns = outputs, .stride = padded_size(outputs)};
  layer.gates = builder.add_activation(gates);
  layer.sums = builder.add_activation(gates);
  layer.before = builder.add_activation(state);
  layer.to = builder.add_activation(state);
  if (layer.kind == Memory::kLstm) {
    layer.cell_before = builder.add_activation(state);
    layer.cell = builder.add_activation(state);
  }
  // Where PyTorch's recurrent layers begin: all uniform in +-1 / sqrt(units).
  const auto tensor = [&](const char* name, std::vector<int64_t> shape) {
    return builder.add_tensor(std::string("recurrent/") + name, std::move(shape), Init::kUniform, units);
  };
  layer.weight_ih = tensor("weight_ih", {outputs, in});
  layer.weight_hh = tensor("weight_hh", {outputs, units});
  layer.bias_ih = tensor("bias_ih", {outputs});
  layer.bias_hh = tensor("bias_hh", {outputs});
  layout.memory += layer.memory_size();
  layout.operations.push_back(layer);
  return layer.to;
}

}  // namespace deepq
