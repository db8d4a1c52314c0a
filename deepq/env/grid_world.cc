#include "deepq/env/grid_world.h"

#include <algorithm>

#include "deepq/core/error.h"

namespace deepq {
namespace {

constexpr int64_t kMostCells = GridWorldOptions::kMostCells;

Grid checked_grid(const GridWorldOptions& options) {
  const auto check = [](std::string_view key, int64_t value) {
    if (value < 1 || value > kMostCells) throw Error::of(key, " is ", value, "; allowed: 1 to ", kMostCells);
  };
  check("grid_world.rows", options.rows);
  check("grid_world.columns", options.columns);
  if (options.rows > kMostCells / options.columns)  // not rows * columns, which may overflow
    throw Error::of("grid_world.rows is ", options.rows, " and grid_world.columns is ", options.columns,
                    "; allowed: up to ", kMostCells, " cells in all");
  return {options.rows, options.columns};
}

EnvSpec make_spec(const GridWorldOptions& options) {
  const bool shows_coordinates = options.observation == GridWorldOptions::Observation::kCoordinates;
  return {.id = "GridWorld-v0",
          .observation_space = shows_coordinates ? ObservationSpace::real({2}).within({0, 0}, {1, 1})
                                                 : ObservationSpace::discrete(options.rows * options.columns),
          .action_count = 4,
          .max_episode_steps = options.max_episode_steps,
          .side_by_side = true};
}

float scaled(int64_t index, int64_t count) {
  return count > 1 ? static_cast<float>(index) / static_cast<float>(count - 1) : 0.0f;
}

}  // namespace

GridWorld::GridWorld(const GridWorldOptions& options)
    : grid_(checked_grid(options)),
      spec_(make_spec(options)),
      shows_coordinates_(spec_.observation_space.states() == 0),
      step_reward_(options.step_reward),
      goal_reward_(options.goal_reward),
      letters_(static_cast<size_t>(grid_.cells()), kFree) {
  place("grid_world.walls", options.walls, kWall);
  place("grid_world.goals", options.goals.empty() ? std::vector{grid_.cells() - 1} : options.goals, kGoal);
  choose_starts(options.starts);
  cell_ = starts_[0];
}

size_t GridWorld::checked(std::string_view key, int64_t cell) const {
  if (cell < 0 || cell >= grid_.cells())
    throw Error::of(key, " holds ", cell, "; allowed: 0 to ", grid_.cells() - 1, ", the cells of the grid");
  return static_cast<size_t>(cell);
}

void GridWorld::place(std::string_view key, const std::vector<int64_t>& cells, char letter) {
  for (const int64_t cell : cells) {
    char& here = letters_[checked(key, cell)];
    if (here == kWall && letter == kGoal)
      throw Error::of(key, " holds ", cell, ", which is one of grid_world.walls; allowed: cells without a wall");
    here = letter;
  }
}

void GridWorld::choose_starts(const std::vector<int64_t>& cells) {
  for (const int64_t cell : cells) {
    if (letters_[checked("grid_world.starts", cell)] != kFree)
      throw Error::of("grid_world.starts holds ", cell, ", which is a ", is_wall(cell) ? "wall" : "goal",
                      "; allowed: cells that are neither wall nor goal");
    starts_.push_back(static_cast<int32_t>(cell));
  }
  if (cells.empty())
    for (int64_t cell = 0; cell < grid_.cells(); ++cell)
      if (!is_wall(cell) && !is_goal(cell)) starts_.push_back(static_cast<int32_t>(cell));
  if (starts_.empty())
    throw Error("grid_world.starts is empty and no cell is free; allowed: at least one that is neither wall nor goal");
  std::sort(starts_.begin(), starts_.end());
  starts_.erase(std::unique(starts_.begin(), starts_.end()), starts_.end());  // named twice is no more likely
}

std::span<const float> GridWorld::reset(std::optional<uint64_t> seed) {
  if (seed) random_ = Random(*seed);
  cell_ = starts_[random_.below(starts_.size())];
  return observe();
}

std::array<Outcome, 1> GridWorld::outcomes(int64_t cell, int64_t action) const {
  int64_t next = grid_.neighbor(cell, static_cast<Heading>(action));
  if (is_wall(next)) next = cell;
  const bool arrived = is_goal(next);
  return {Outcome{.probability = 1,
                  .reward = arrived ? goal_reward_ : step_reward_,
                  .next_state = static_cast<int32_t>(next),
                  .terminated = arrived}};
}

Step GridWorld::step(int64_t action) {
  const auto [outcome] = outcomes(cell_, action);
  cell_ = outcome.next_state;
  return {.observation = observe(), .reward = outcome.reward, .terminated = outcome.terminated, .truncated = false};
}

std::span<const float> GridWorld::observe() {
  if (!shows_coordinates_) {
    observation_[0] = static_cast<float>(cell_);
    return std::span(observation_).first(1);
  }
  observation_ = {scaled(cell_ / grid_.columns, grid_.rows), scaled(cell_ % grid_.columns, grid_.columns)};
  return observation_;
}

bool GridWorld::serialize(Archive& archive) {
  random_.serialize(archive);
  archive.value("cell", cell_, {0, grid_.cells() - 1});
  if (is_wall(cell_)) throw Error::of("the saved cell is ", cell_, ", a wall; allowed: cells without one");
  observe();
  return true;
}

std::string GridWorld::render_text() const { return grid_.text(letters_, cell_); }

Picture GridWorld::picture() const { return grid_.picture(letters_, cell_); }

}  // namespace deepq
