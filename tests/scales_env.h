// A world whose numbers are all of the wrong size: one far from 0, one very small, and large rewards. What is right is
// said by both together. Steps are independent of each other.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "deepq/config/run_config.h"
#include "deepq/env/env.h"

namespace deepq::test {

class ScalesEnv : public Env {
 public:
  const EnvSpec& spec() const override {
    static const EnvSpec kSpec{.id = "Scales-v0",
                               .observation_space = ObservationSpace::real({2}),
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
    const double reward = action == right() ? 1000 : 0;
    const bool ended = random_.below(3) == 0;
    return {draw(), reward, ended, false};
  }

  int64_t right() const { return 2 * far_ + small_; }

  bool serialize(Archive& archive) override {
    random_.serialize(archive);
    archive.array("numbers", numbers_);
    archive.value("far", far_, {0, 1});
    archive.value("small", small_, {0, 1});
    return true;
  }

 private:
  std::span<const float> draw() {
    far_ = static_cast<int64_t>(random_.below(2));
    small_ = static_cast<int64_t>(random_.below(2));
    numbers_ = {far_ ? 5040.0f : 5000.0f, small_ ? 3e-3f : 1e-3f};
    return numbers_;
  }

  Random random_;
  std::array<float, 2> numbers_{};
  int64_t far_ = 0, small_ = 0;
};

inline const EnvFactory kScales = [] { return std::make_unique<ScalesEnv>(); };

inline RunConfig scales_run() {
  RunConfig config;
  config.env.id = "Scales-v0";
  config.env.count = 2;
  config.agent.batch_size = 16;
  config.agent.gamma = 0;
  config.agent.optimizer.learning_rate = 3e-3;
  config.agent.normalize_rewards = true;
  config.network.hidden_sizes = {16};
  config.network.normalize_observations = true;
  config.train.episodes = 0;
  config.train.env_steps = 3'000;
  config.train.learning_starts_env_steps = 64;
  config.pqn.rollout_steps = 8;
  config.pqn.minibatches = 4;
  config.exploration.epsilon_end = 0.3;
  config.eval.final_episodes = 0;
  config.checkpoint.every_env_steps = 0;
  return config;
}

// With each of the variants, by name.
inline std::vector<std::pair<std::string, RunConfig>> scales_runs() {
  std::vector<std::pair<std::string, RunConfig>> runs;
  const auto add = [&](const std::string& name, void (*change)(RunConfig&)) {
    change(runs.emplace_back(name, scales_run()).second);
  };
  add("plain", [](RunConfig&) {});
  add("linear", [](RunConfig& c) { c.network.hidden_sizes = {}; });
  add("double", [](RunConfig& c) { c.agent.double_q = true; });
  add("dueling_norm", [](RunConfig& c) { c.network.dueling = c.network.layer_norm = true; });
  add("noisy", [](RunConfig& c) {
    c.network.noisy = true;
    c.network.hidden_sizes = {32};
    c.train.env_steps = 8'000;  // noise goes on where epsilon would have come down
  });
  add("prioritized", [](RunConfig& c) { c.replay.prioritized = true; });
  add("n_step", [](RunConfig& c) { c.agent.n_step = 3; });
  add("munchausen", [](RunConfig& c) { c.agent.munchausen = true; });
  add("soft", [](RunConfig& c) { c.target = {.tau = 0.05, .sync_every_updates = 1}; });
  add("rmsprop", [](RunConfig& c) { c.agent.optimizer.kind = OptimizerKind::kRmsProp; });
  add("overlap", [](RunConfig& c) { c.train.overlap = true; });
  add("strict", [](RunConfig& c) { c.network.arithmetic = Arithmetic::kStrict; });
  add("threads", [](RunConfig& c) { c.network.threads = 2; });
  add("categorical", [](RunConfig& c) {
    c.agent.value.representation = Representation::kCategorical;
    c.agent.value.v_min = -1, c.agent.value.v_max = 4;
  });
  add("quantile", [](RunConfig& c) { c.agent.value.representation = Representation::kQuantile; });
  add("implicit", [](RunConfig& c) { c.agent.value.representation = Representation::kImplicit; });
  add("pqn", [](RunConfig& c) { c.agent.algorithm = AlgorithmKind::kPqn; });
  return runs;
}

}  // namespace deepq::test
