// Actions on several axes: one step an episode or a few, in one of twelve states; each axis has one right choice there,
// and the reward is the part of the axes on which it was taken.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "deepq/config/run_config.h"
#include "deepq/env/env.h"

namespace deepq::test {

class BranchesEnv : public Env {
 public:
  static constexpr int64_t kStates = 12;
  enum class Masks { kNo, kYes };

  explicit BranchesEnv(std::vector<int64_t> axes, Masks masks = Masks::kNo) : actions_(axes) {
    spec_ = {.id = "Branches-v0",
             .observation_space = ObservationSpace::discrete(kStates),
             .action_count = actions_.count(),
             .action_axes = std::move(axes),
             .max_episode_steps = 5,
             .side_by_side = true};
    if (masks == Masks::kNo) return;
    spec_.observation_space = spec_.observation_space.with_legal_actions(actions_.values());
    legal_.resize(LegalActions::words_for(static_cast<size_t>(actions_.values())));
  }

  const EnvSpec& spec() const override { return spec_; }

  std::span<const float> reset(std::optional<uint64_t> seed) override {
    if (seed) random_ = Random(*seed);
    return draw();
  }

  Step step(int64_t action) override {
    const double reward = right_part(action);
    const bool ended = random_.below(3) == 0;
    return {draw(), reward, ended, false};
  }

  int64_t right_choice(size_t axis) const { return state_ * static_cast<int64_t>(axis + 1) % spec_.action_axes[axis]; }
  double right_part(int64_t action) const {
    int64_t right = 0;
    actions_.visit_choices(
        action, [&](size_t axis, int64_t, int64_t choice) { right += choice == right_choice(axis) ? 1 : 0; });
    return static_cast<double>(right) / static_cast<double>(spec_.action_axes.size());
  }

  // Of each axis all but the choice behind the right one; of two alone, both.
  LegalActions legal_actions() const override { return LegalActions(legal_); }

  bool serialize(Archive& archive) override {
    random_.serialize(archive);
    archive.value("state", state_, {0, kStates - 1});
    place();
    return true;
  }

 private:
  std::span<const float> draw() {
    state_ = static_cast<int64_t>(random_.below(kStates));
    place();
    return {&number_, 1};
  }

  void place() {
    number_ = static_cast<float>(state_);
    if (legal_.empty()) return;
    std::ranges::fill(legal_, uint64_t{0});
    int64_t first = 0;
    for (size_t axis = 0; axis < spec_.action_axes.size(); ++axis) {
      const int64_t size = spec_.action_axes[axis], left_out = (right_choice(axis) + 1) % size;
      for (int64_t choice = 0; choice < size; ++choice)
        if (size < 3 || choice != left_out) allow(legal_, static_cast<size_t>(first + choice));
      first += size;
    }
  }

  EnvSpec spec_;
  ActionSpace actions_;
  Random random_;
  std::vector<uint64_t> legal_;
  int64_t state_ = 0;
  float number_ = 0;
};

inline EnvFactory branches(std::vector<int64_t> axes, BranchesEnv::Masks masks = BranchesEnv::Masks::kNo) {
  return [axes = std::move(axes), masks] { return std::make_unique<BranchesEnv>(axes, masks); };
}

// A run there; `change` chooses among what combines with branching.
inline RunConfig branches_run() {
  RunConfig config;
  config.env.id = "Branches-v0";
  config.env.count = 2;
  config.agent.batch_size = 32;
  config.agent.gamma = 0.5;
  config.network.hidden_sizes = {32};
  config.train.episodes = 0;
  config.train.env_steps = 600;
  config.train.learning_starts_env_steps = 64;
  config.eval.final_episodes = 0;
  config.checkpoint.every_env_steps = 0;
  return config;
}

// By name, of what combines with branching.
inline std::vector<std::pair<std::string, RunConfig>> branches_runs() {
  std::vector<std::pair<std::string, RunConfig>> runs;
  for (const char* name : {"plain", "double", "dueling", "n_step", "prioritized", "noisy", "all"}) {
    RunConfig config = branches_run();
    const auto is = [name = std::string_view(name)](std::string_view one) { return name == one || name == "all"; };
    config.agent.double_q = is("double");
    config.network.dueling = is("dueling");
    if (is("n_step")) config.agent.n_step = 3;
    config.replay.prioritized = is("prioritized");
    config.network.noisy =
        name == std::string_view("noisy");  // explores by itself, and too little here with the others
    runs.emplace_back(name, config);
  }
  return runs;
}

}  // namespace deepq::test
