#include "deepq/agent/normalizers.h"

#include <algorithm>

namespace deepq {
namespace {

std::span<const float> real_leaf(const ObservationLayout& layout, ObservationRow row, size_t leaf) {
  const std::span<const std::byte> bytes = layout.leaf(row, leaf);
  return {reinterpret_cast<const float*>(bytes.data()), bytes.size() / sizeof(float)};
}

std::vector<size_t> normalized_leaves(const ObservationSpace& space, const NetworkConfig& network) {
  std::vector<size_t> leaves;
  // How many actions there are is no matter of the inputs.
  const std::vector<InputPart> inputs = network_for(space, ActionSpace(1)).inputs;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i].is_normalized(network)) leaves.push_back(i);
  return leaves;
}

size_t numbers_of(const ObservationSpace& space, const std::vector<size_t>& leaves) {
  size_t numbers = 0;
  for (const size_t leaf : leaves) numbers += static_cast<size_t>(space.leaves()[leaf].size());
  return numbers;
}

}  // namespace

void RunningMoments::serialize(Archive& archive) {
  archive.value("count", count_, kCount);
  archive.array("mean", means_);
  archive.array("squares", squares_);
  constexpr double kLargest = 1e300;
  archive.check_all("mean", means_, {-kLargest, kLargest});
  archive.check_all("squares", squares_, {0, kLargest});
  reciprocal_ = count_ > 0 ? 1 / static_cast<double>(count_) : 0;
}

ObservationNormalizer::ObservationNormalizer(const ObservationSpace& space, const NetworkConfig& network)
    : layout_(space),
      leaves_(normalized_leaves(space, network)),
      moments_(numbers_of(space, leaves_)),
      mean_(moments_.size()),
      scale_(moments_.size()) {}

void ObservationNormalizer::observe(const ObservationRows& given, const StepResult& result, LearningEngine& engine) {
  const ObservationRows observations = given.in(layout_);
  for (size_t env = 0; env < result.actions.size(); ++env) {
    // There the observation is the last of an episode that is over.
    if (result.is_skipped(env)) continue;
    moments_.next();
    size_t first = 0;
    for (const size_t leaf : leaves_) {
      const std::span<const float> numbers = real_leaf(layout_, observations[static_cast<int64_t>(env)], leaf);
      moments_.add(first, numbers);
      first += numbers.size();
    }
  }
  if (moments_.count() == 0) return;
  for (size_t i = 0; i < mean_.size(); ++i) {
    mean_[i] = static_cast<float>(moments_.mean(i));
    scale_[i] = static_cast<float>(moments_.scale(i));
  }
  engine.set_input_statistics(mean_, scale_);
}

void RewardNormalizer::observe(const StepResult& result) {
  for (size_t env = 0; env < returns_.size(); ++env) {
    if (result.is_skipped(env)) continue;
    double& discounted = returns_[env];
    discounted = agent_.gamma * discounted + agent_.training_reward(result.rewards[env]);
    moments_.next();
    moments_.add(0, std::span<const double>(&discounted, 1));
    if (result.is_end(env, agent_) || result.truncated[env] != 0) discounted = 0;
  }
}

void RewardNormalizer::normalize(std::span<float> rewards) const {
  if (moments_.count() == 0) return;
  const auto factor = static_cast<float>(moments_.scale(0)), clip = static_cast<float>(agent_.normalized_reward_clip);
  for (float& reward : rewards) reward = std::clamp(factor * reward, -clip, clip);
}

void RewardNormalizer::drop_partial_episodes() { std::ranges::fill(returns_, 0.0); }

void RewardNormalizer::serialize(Archive& archive) {
  moments_.serialize(archive);
  archive.array("open_returns", returns_);
}

Normalizers::Normalizers(const AlgorithmShape& shape, const NetworkConfig& network, const AgentConfig& agent) {
  if (network.normalize_observations) observations_.emplace(shape.observation, network);
  if (agent.normalize_rewards) rewards_.emplace(shape.env_count, agent);
}

void Normalizers::serialize(Archive& archive) {
  if (observations_) {
    const auto scope = archive.scope("observation_statistics");
    observations_->serialize(archive);
  }
  if (rewards_) {
    const auto scope = archive.scope("reward_statistics");
    rewards_->serialize(archive);
  }
}

void Normalizers::take(Archive& archive) {
  const auto take_from = [&](const char* name, auto& normalizer) {
    const auto scope = archive.scope(name);
    if (normalizer && archive.contains("count")) normalizer->take(archive);
  };
  take_from("observation_statistics", observations_);
  take_from("reward_statistics", rewards_);
}

}  // namespace deepq
