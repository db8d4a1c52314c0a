#include "deepq/lab/probes/q_probe.h"

#include "deepq/agent/choose.h"
#include "deepq/core/error.h"
#include "deepq/nn/kernels/flush_denormals.h"

namespace deepq::lab {

QProbe::QProbe(const RunConfig& config, const EnvSpec& env, int64_t rows)
    : rows_(rows),
      actions_(env.action_count),
      copy_(config.network, {.input = env.observation_space.shape(), .actions = env.action_count}, rows,
            Trainable::kNo),
      input_(rows, env.observation_size()) {
  // Rows of numbers and one value for each action: what a probe puts in and reads out.
  DEEPQ_ASSERT(env.observation_space.states() == 0 && config.agent.value.representation == Representation::kScalar);
}

Rows QProbe::q_values(const Network& network) {
  const FlushDenormals guard(Arithmetic::kFast);
  // A copy's parameters: its own buffers, so the learner's activations stay as they are.
  copy_.blend_from(network, 1.0);
  return copy_.forward(input_.rows(), rows_);
}

void QProbe::max_q(const Network& network, std::span<double> values) {
  const Rows q = q_values(network);
  for (int64_t i = 0; i < rows_; ++i)
    values[static_cast<size_t>(i)] = largest_value({q[i], static_cast<size_t>(actions_)});
}

const Dqn& dqn_of(const Algorithm& algorithm) {
  const auto* dqn = dynamic_cast<const Dqn*>(&algorithm);
  DEEPQ_ASSERT(dqn != nullptr);
  return *dqn;
}

}  // namespace deepq::lab
