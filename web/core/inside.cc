// What a page shows of a DQN's inside: what its replay holds, and what its target network says. The agent is not
// disturbed: networks and buffers are copies.
#include "deepq/agent/dqn.h"
#include "web/core/run.h"

namespace deepq::web {

std::vector<double> Run::target_values(std::span<const float> observations) {
  const auto* const dqn = dynamic_cast<const Dqn*>(&trainer_.algorithm());
  if (!dqn) return {};
  const Policy& policy = trainer_.policy();
  if (!target_) target_.emplace(trainer_.config(), policy.observation_space(), policy.action_count());
  target_->copy_parameters(dqn->learner().target_network());
  return values_by(*target_, observations);
}

std::vector<float> Run::replay(int64_t count, int64_t window) const {
  const auto* const dqn = dynamic_cast<const Dqn*>(&trainer_.algorithm());
  const int64_t held = dqn ? dqn->stored() : 0, among = window > 0 ? std::min(window, held) : held;
  count = std::min(count, among);
  if (count <= 0) return {};
  std::vector<int64_t> indices(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    const int64_t age = count > 1 ? (count - 1 - i) * (among - 1) / (count - 1) : 0;
    indices[static_cast<size_t>(i)] = (dqn->newest() + held - age) % held;
  }
  const ObservationSpace& space = trainer_.env_spec().observation_space;
  ObservationBatch from(space, count), next(space, count);
  std::vector<int64_t> actions(indices.size());
  std::vector<float> rewards(indices.size()), discounts(indices.size()), rows;
  dqn->gather(indices, {from.to(), next.to(), actions, rewards, discounts});
  for (int64_t i = 0; i < count; ++i) {
    // A state is one number here, and not the columns that a network sees.
    if (space.states() > 0)
      rows.push_back(static_cast<float>(from.to().hot[i]));
    else
      rows.insert(rows.end(), from.rows()[i], from.rows()[i] + space.size());
    const auto at = static_cast<size_t>(i);
    rows.insert(rows.end(), {static_cast<float>(actions[at]), rewards[at], discounts[at]});
  }
  return rows;
}

}  // namespace deepq::web
