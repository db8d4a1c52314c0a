// A world whose observations are a picture, numbers and a state: one step an episode, and only all of them together say
// what is right.
#pragma once

#include <array>
#include <cstring>
#include <vector>

#include "deepq/config/run_config.h"
#include "deepq/env/env.h"

namespace deepq::test {

class SignsEnv : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec kSpec{.id = "Signs-v0",
                               .observation_space = ObservationSpace(
                                   {{.kind = ObservationKind::kBytes, .shape = {6, 6, 1}, .name = "picture"},
                                    {.shape = {2}, .name = "turn"},
                                    {.kind = ObservationKind::kDiscrete, .shape = {1}, .count = 3, .name = "way"}}),
                               .action_count = 4,
                               .max_episode_steps = 8,
                               .side_by_side = true};
    return kSpec;
  }

  std::span<const float> reset(std::optional<uint64_t> seed) override {
    if (seed) random_ = Random(*seed);
    return draw();
  }

  Step step(int64_t action) override {
    const double reward = action == right() ? 1 : 0;
    const bool ended = random_.below(3) == 0;
    return {draw(), reward, ended, false};
  }

  // The quarter of the picture that is bright, one or two further by the others.
  int64_t right() const { return (quarter_ + turn_ + way_) % 4; }

  bool serialize(Archive& archive) override {
    random_.serialize(archive);
    archive.array("numbers", numbers_);
    for (auto [name, value] : {std::pair("quarter", &quarter_), std::pair("turn", &turn_), std::pair("way", &way_)})
      archive.value(name, *value, {0, 3});
    return true;
  }

 private:
  std::span<const float> draw() {
    numbers_.fill(0);
    quarter_ = static_cast<int64_t>(random_.below(4));
    turn_ = static_cast<int64_t>(random_.below(2));
    way_ = static_cast<int64_t>(random_.below(3));
    const auto row = static_cast<int64_t>(random_.below(3)) + 3 * (quarter_ / 2),
               column = static_cast<int64_t>(random_.below(3)) + 3 * (quarter_ % 2);
    numbers_[static_cast<size_t>(6 * row + column)] = 255;
    numbers_[static_cast<size_t>(36 + turn_)] = 1;
    numbers_[38] = static_cast<float>(way_);
    return numbers_;
  }

  Random random_;
  std::array<float, 39> numbers_{};
  int64_t quarter_ = 0, turn_ = 0, way_ = 0;
};

inline const EnvFactory kSigns = [] { return std::make_unique<SignsEnv>(); };

// Runs there, of DQN and PQN, with convolutions and without.
inline std::vector<RunConfig> signs_runs() {
  std::vector<RunConfig> configs(6);
  configs[1].agent.algorithm = AlgorithmKind::kPqn;
  configs[2].agent.n_step = 3;
  configs[2].replay.prioritized = true;
  configs[2].network.dueling = true;
  configs[3].network.hidden_sizes = {24};  // no convolutions
  configs[4].network.normalize_observations = configs[4].agent.normalize_rewards = true;
  configs[5] = configs[4];
  configs[5].agent.algorithm = AlgorithmKind::kPqn;
  for (RunConfig& config : configs) {
    config.env.id = "Signs-v0";
    config.env.count = 2;
    config.agent.batch_size = 16;
    config.agent.gamma = 0;
    config.network.input_divisor = 255;
    if (&config != &configs[3] && &config != &configs[5]) {
      config.network.conv_channels = {8};
      config.network.conv_kernels = {3};
      config.network.conv_strides = {1};
    }
    config.train.episodes = 0;
    config.train.env_steps = 600;
    config.train.learning_starts_env_steps = 64;
    config.pqn.rollout_steps = 8;
    config.pqn.minibatches = 4;
    config.eval.final_episodes = 0;
    config.checkpoint.every_env_steps = 0;
  }
  return configs;
}

}  // namespace deepq::test
