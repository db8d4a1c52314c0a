#include "deepq/agent/action_values.h"

namespace deepq {

ActionValues::ActionValues(const AgentConfig& config, Numerics numerics, int64_t action_count, int64_t max_rows)
    : value_(make_value(config, numerics)),
      action_count_(action_count),
      fractions_per_row_(config.value.representation == Representation::kImplicit ? config.value.action_samples : 0),
      q_(static_cast<size_t>(max_rows * padded_size(action_count))) {
  const std::vector<float> middles = middle_fractions(fractions_per_row_);
  // A pass takes fractions for each of its rows: here the same ones for all.
  for (int64_t i = 0; i < max_rows; ++i) fractions_.insert(fractions_.end(), middles.begin(), middles.end());
}

Rows ActionValues::operator()(Network& network, ObservationBatch& observations, int64_t rows, std::span<float> memory) {
  return values_of(network.forward(observations.rows(), rows, fractions(rows),
                                   {.before = memory, .after = memory, .learnt_from = {}}),
                   rows, network.output_size() / action_count_);
}

Rows ActionValues::operator()(LearningEngine& engine, ObservationBatch& observations, int64_t rows,
                              std::span<float> memory) {
  const Rows outputs = engine.forward(ParameterCopy::kOnline, observations.rows(), rows, fractions(rows),
                                      {.before = memory, .after = memory, .learnt_from = {}});
  return values_of(outputs, rows, engine.output_size() / action_count_);
}

std::span<const float> ActionValues::fractions(int64_t rows) const {
  return std::span(fractions_).first(static_cast<size_t>(rows * fractions_per_row_));
}

Rows ActionValues::values_of(Rows outputs, int64_t rows, int64_t width) {
  // A scalar is its own expectation: nothing is copied.
  if (std::holds_alternative<ScalarValue>(value_)) return outputs;
  const Rows q{q_.data(), padded_size(action_count_)};
  std::visit(
      [&](auto& value) {
        for (int64_t r = 0; r < rows; ++r) {
          const ActionOutputs row = outputs_of(outputs, r, fractions_per_row_, width);
          for (int64_t a = 0; a < action_count_; ++a) q[r][a] = value.q(row, a);
        }
      },
      value_);
  return q;
}

ActionOutputs outputs_of(Rows outputs, int64_t row, int64_t fractions, int64_t width) {
  // Implicit values: a row for each fraction, with a number for each action. Others: one row, `width` numbers an
  // action.
  if (fractions > 0) return {outputs[row * fractions], 1, outputs.stride, fractions};
  return {outputs[row], width, 1, width};
}

}  // namespace deepq
