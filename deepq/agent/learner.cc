#include "deepq/agent/learner.h"

#include <algorithm>
#include <cmath>

#include "deepq/agent/exploration.h"
#include "deepq/core/error.h"
#include "deepq/core/hash.h"
#include "deepq/nn/kernels/flush_denormals.h"

namespace deepq {

Learner::Learner(const LearnerShape& shape, const NetworkConfig& network, const AgentConfig& agent,
                 const TargetConfig& target, Random& random)
    : shape_(shape),
      agent_(agent),
      target_config_(target),
      online_(shape.observation_size, network, shape.action_count, std::max(agent.batch_size, shape.act_rows),
              Trainable::kYes),
      target_(shape.observation_size, network, shape.action_count, agent.batch_size, Trainable::kNo),
      optimizer_(agent.optimizer, network.engine, online_.parameters().size()),
      observations_(agent.batch_size, shape.observation_size),
      next_observations_(agent.batch_size, shape.observation_size),
      actions_(static_cast<size_t>(agent.batch_size)),
      rewards_(actions_.size()),
      discounts_(actions_.size()),
      targets_(actions_.size()) {
  online_.initialize(random);
  target_.blend_from(online_, 1.0);
}

BatchBuffers Learner::batch() {
  const Rows rows = observations_.rows();
  return {rows.data, next_observations_.rows().data, rows.stride, actions_, rewards_, discounts_};
}

LearnStats Learner::update(double learning_rate) {
  const FlushDenormals guard;
  compute_targets();
  LearnStats stats = compute_loss_and_gradient();
  online_.backward(agent_.batch_size);
  stats.grad_norm = optimizer_.step(online_.gradients(), online_.parameters(), learning_rate);
  if (!std::isfinite(stats.loss) || !std::isfinite(stats.grad_norm))
    throw Error::of("update ", updates() + 1, ": the loss is ", stats.loss, " and the gradient's norm ",
                    stats.grad_norm,
                    "; both must be finite (a smaller agent.learning_rate or agent.max_grad_norm may help)");
  online_.parameters_changed();
  return stats;
}

// y = r + discount * max_a Q_target(s', a)                         (Mnih et al. 2015, algorithm 1)
// y = r + discount * Q_target(s', argmax_a Q_online(s', a))        (double: van Hasselt et al. 2016, equation 4)
void Learner::compute_targets() {
  const auto actions = static_cast<size_t>(shape_.action_count);
  const Rows value = target_.forward(next_observations_.rows(), agent_.batch_size);
  const Rows choice = agent_.double_q ? online_.forward(next_observations_.rows(), agent_.batch_size) : value;
  for (int64_t i = 0; i < agent_.batch_size; ++i) {
    const auto row = static_cast<size_t>(i);
    const float next_value = value[i][greedy_action({choice[i], actions})];
    targets_[row] = discounts_[row] == 0 ? rewards_[row] : rewards_[row] + discounts_[row] * next_value;
  }
}

// mean_i loss(Q(s_i, a_i) - y_i), and its gradient with respect to Q; no gradient flows through y.
LearnStats Learner::compute_loss_and_gradient() {
  const Rows q = online_.forward(observations_.rows(), agent_.batch_size);
  const Rows gradient = online_.output_gradient();
  const float share = 1.0f / static_cast<float>(agent_.batch_size);
  LearnStats stats;
  for (int64_t i = 0; i < agent_.batch_size; ++i) {
    const auto row = static_cast<size_t>(i);
    const float chosen = q[i][actions_[row]];
    const float error = chosen - targets_[row];
    const float size = std::abs(error);
    const bool linear = agent_.loss == Loss::kHuber && size > 1;
    const float scale = agent_.loss == Loss::kHuber ? 0.5f : 1.0f;
    std::fill_n(gradient[i], shape_.action_count, 0.0f);
    gradient[i][actions_[row]] = share * (linear ? std::copysign(1.0f, error) : 2 * scale * error);
    stats.loss += linear ? size - 0.5f : scale * error * error;
    stats.mean_q += chosen;
    stats.max_abs_q = std::max(stats.max_abs_q, static_cast<double>(std::abs(chosen)));
  }
  stats.loss /= static_cast<double>(agent_.batch_size);
  stats.mean_q /= static_cast<double>(agent_.batch_size);
  return stats;
}

void Learner::sync_target() {
  const FlushDenormals guard;
  target_.blend_from(online_, target_config_.tau);
}

Rows Learner::q_values(Rows observations, int64_t rows) {
  const FlushDenormals guard;
  return online_.forward(observations, rows);
}

bool Learner::parameters_are_finite() const {
  return std::ranges::all_of(online_.parameters(), [](float value) { return std::isfinite(value); });
}

std::string Learner::weights_sha256() {
  Archive archive;
  online_.serialize(archive, online_.parameters());
  std::vector<std::byte> bytes;
  for (const auto& [name, tensor] : archive.tensors())
    bytes.insert(bytes.end(), tensor.bytes.begin(), tensor.bytes.end());
  return sha256_hex(bytes);
}

void Learner::serialize(Archive& archive) {
  {
    const auto scope = archive.scope("online");
    online_.serialize(archive, online_.parameters());
  }
  {
    const auto scope = archive.scope("target");
    target_.serialize(archive, target_.parameters());
  }
  optimizer_.serialize(archive, online_);
  if (archive.loading()) {
    online_.parameters_changed();
    target_.parameters_changed();
  }
}

int64_t Learner::bytes(const LearnerShape& shape, const NetworkConfig& network, const AgentConfig& agent) {
  const int64_t rows = std::max(agent.batch_size, shape.act_rows);
  const int64_t target =
      Network::bytes(shape.observation_size, network, shape.action_count, agent.batch_size, Trainable::kNo);
  const int64_t online = Network::bytes(shape.observation_size, network, shape.action_count, rows, Trainable::kYes);
  const int64_t moments = 2 * Network::arena_bytes(shape.observation_size, network, shape.action_count);
  return target + online + moments + 2 * InputBuffer::bytes(agent.batch_size, shape.observation_size);
}

}  // namespace deepq
