// TMaze-v0: what is seen at the start says on which side of the junction at the corridor's end the goal lies; in
// between all looks alike, so that it must be remembered. Actions: up (0), right (1), down (2), left (3). Observation:
// three numbers, (0, 1, 1) at the start if the goal is up and (1, 1, 0) if it is down, (1, 0, 1) in the corridor, (0,
// 1, 0) at the junction. Reward: 4 for turning to the goal, -0.1 for turning away, both of which end the episode, and
// -0.1 for walking into a wall. Source: Bakker 2001, "Reinforcement learning with long short-term memory", section 4.1.
// The limit, ten times the way, is ours.
#pragma once

#include <array>

#include "deepq/core/random.h"
#include "deepq/env/env.h"
#include "deepq/env/env_options.h"

namespace deepq {

class TMaze final : public Env {
 public:
  explicit TMaze(const TMazeOptions& options = {});

  const EnvSpec& spec() const override { return spec_; }
  std::span<const float> reset(std::optional<uint64_t> seed) override;
  Step step(int64_t action) override;
  bool serialize(Archive& archive) override;
  std::string render_text() const override;
  Picture picture() const override;

 private:
  std::span<const float> observe();

  int64_t junction_;  // cells from the start
  EnvSpec spec_;
  Random random_;
  int64_t cell_ = 0;
  bool goal_is_up_ = false;
  std::array<float, 3> observation_{};
};

}  // namespace deepq
