// GridWorld-v0: a grid of any size with walls, goals and starting cells of the user's choice; nothing in it is random
// but the start. A move against a wall or the edge stays where it is; reaching a goal ends the episode. Actions: up
// (0), right (1), down (2), left (3). State: the cell, row by row, or its scaled row and column. Ours, after the grid
// worlds of Sutton and Barto 2018, "Reinforcement Learning", chapters 3 and 4.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "deepq/core/random.h"
#include "deepq/env/env_options.h"
#include "deepq/env/grid.h"
#include "deepq/env/tabular_env.h"

namespace deepq {

class GridWorld final : public Env {
 public:
  // Throws deepq::Error for a cell outside the grid, a goal in a wall, a start in a wall or goal, and no start at all.
  explicit GridWorld(const GridWorldOptions& options = {});

  const EnvSpec& spec() const override { return spec_; }
  std::span<const float> reset(std::optional<uint64_t> seed) override;
  Step step(int64_t action) override;
  ObservationRow typed_observation() const override {
    return shows_coordinates_ ? ObservationRow() : ObservationRow(std::span(&cell_, 1));
  }
  bool serialize(Archive& archive) override;
  std::string render_text() const override;
  Picture picture() const override;

  int64_t cell() const { return cell_; }
  int64_t cell_count() const { return grid_.cells(); }
  const std::vector<int32_t>& starts() const { return starts_; }  // in ascending order

  bool is_wall(int64_t cell) const { return letters_[static_cast<size_t>(cell)] == kWall; }
  bool is_goal(int64_t cell) const { return letters_[static_cast<size_t>(cell)] == kGoal; }

  // What follows, in the form of TabularEnv::outcomes. Not for walls and goals, where nothing is ever done.
  std::array<Outcome, 1> outcomes(int64_t cell, int64_t action) const;

 private:
  static constexpr char kFree = '.', kWall = '#', kGoal = 'G';

  void place(std::string_view key, const std::vector<int64_t>& cells, char letter);
  void choose_starts(const std::vector<int64_t>& cells);
  std::span<const float> observe();
  size_t checked(std::string_view key, int64_t cell) const;

  Grid grid_;
  EnvSpec spec_;
  bool shows_coordinates_;
  double step_reward_, goal_reward_;
  std::string letters_;  // by cell
  std::vector<int32_t> starts_;
  Random random_;
  int64_t cell_ = 0;
  std::array<float, 2> observation_{};
};

}  // namespace deepq
