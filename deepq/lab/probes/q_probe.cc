#include "deepq/lab/probes/q_probe.h"

#include <algorithm>

#include "deepq/agent/choose.h"
#include "deepq/core/error.h"

namespace deepq::lab {

QProbe::QProbe(const RunConfig& config, const EnvSpec& env, int64_t rows)
    : policy_(config, env.observation_space, env.action_count),
      observations_(static_cast<size_t>(rows * env.observation_size())),
      values_(static_cast<size_t>(rows * env.action_count)) {
  DEEPQ_ASSERT(ObservationLayout(env.observation_space).is_real());
}

std::span<const double> QProbe::q_values(const Network& network) {
  policy_.copy_parameters(network);
  const auto size = static_cast<size_t>(policy_.observation_size()),
             most = static_cast<size_t>(policy_.most_rows()) * size;
  auto to = values_.begin();
  // As many rows as the policy takes at a time: what is beside a row changes none of its bits.
  for (std::span<const float> left = observations_; !left.empty(); left = left.subspan(std::min(most, left.size())))
    to = std::ranges::copy(policy_.values(left.first(std::min(most, left.size()))), to).out;
  return values_;
}

void QProbe::max_q(const Network& network, std::span<double> values) {
  const std::span<const double> q = q_values(network);
  const auto actions = static_cast<size_t>(policy_.action_count());
  for (size_t i = 0; i < values.size(); ++i) values[i] = largest_value(q.subspan(i * actions, actions));
}

const Dqn& dqn_of(const Algorithm& algorithm) {
  const auto* dqn = dynamic_cast<const Dqn*>(&algorithm);
  DEEPQ_ASSERT(dqn != nullptr);
  return *dqn;
}

}  // namespace deepq::lab
