#include "deepq/env/t_maze.h"

namespace deepq {
namespace {

constexpr double kGoalReward = 4;
constexpr double kPenalty = -0.1;  // for the wrong side, and for a wall
constexpr int64_t kLimit = 10;     // times the shortest way

enum Action { kUp, kRight, kDown, kLeft };

}  // namespace

TMaze::TMaze(const TMazeOptions& options)
    : junction_(options.length),
      spec_{.id = "TMaze-v0",
            .observation_space = ObservationSpace::real({3}).within({0, 0, 0}, {1, 1, 1}),
            .action_count = 4,
            .max_episode_steps = kLimit * (options.length + 1),
            .solved_return = 3.9,
            .has_solved_return = true,
            .largest_reward = kGoalReward,
            .side_by_side = true} {}

std::span<const float> TMaze::reset(std::optional<uint64_t> seed) {
  if (seed) random_ = Random(*seed);
  cell_ = 0;
  goal_is_up_ = random_.below(2) == 0;
  return observe();
}

Step TMaze::step(int64_t action) {
  const bool turns = action == kUp || action == kDown;
  if (turns && cell_ == junction_) {
    const bool found = (action == kUp) == goal_is_up_;
    return {.observation = observe(), .reward = found ? kGoalReward : kPenalty, .terminated = true};
  }
  const int64_t next = cell_ + (action == kRight ? 1 : action == kLeft ? -1 : 0);
  const bool wall = turns || next < 0 || next > junction_;
  if (!wall) cell_ = next;
  return {.observation = observe(), .reward = wall ? kPenalty : 0};
}

std::span<const float> TMaze::observe() {
  if (cell_ == 0)
    observation_ = goal_is_up_ ? std::array{0.0f, 1.0f, 1.0f} : std::array{1.0f, 1.0f, 0.0f};
  else
    observation_ = cell_ == junction_ ? std::array{0.0f, 1.0f, 0.0f} : std::array{1.0f, 0.0f, 1.0f};
  return observation_;
}

bool TMaze::serialize(Archive& archive) {
  random_.serialize(archive);
  archive.value("cell", cell_, {0, junction_});
  archive.value("goal_is_up", goal_is_up_);
  observe();
  return true;
}

// As much of a long corridor as fits a line, around the agent.
std::string TMaze::render_text() const {
  constexpr int64_t kMost = 72;
  const int64_t first = junction_ < kMost || cell_ < kMost / 2 ? 0 : cell_ - kMost / 2;
  const int64_t last = first + kMost > junction_ ? junction_ : first + kMost;
  const auto columns = static_cast<size_t>(last - first);
  const bool sees_junction = last == junction_;
  std::string corridor(columns + 1, '.');
  corridor[static_cast<size_t>(cell_ - first)] = '@';
  const auto side = [&](bool is_goal) {
    return std::string(columns, '#') + (!sees_junction ? '#' : is_goal ? 'G' : '.') + "\n";
  };
  return side(goal_is_up_) + corridor + "\n" + side(!goal_is_up_);
}

// Its text, a square for each letter.
Picture TMaze::picture() const {
  const std::string text = render_text();
  const int columns = static_cast<int>(text.find('\n')), cell = columns < 24 ? 36 : 12;
  Painter painter(columns * cell, 3 * cell, {52, 58, 64});
  for (int i = 0; i < static_cast<int>(text.size()); ++i) {
    const char letter = text[static_cast<size_t>(i)];
    if (letter == '#' || letter == '\n') continue;
    const int row = i / (columns + 1), column = i % (columns + 1);
    const double x = column * cell, y = row * cell;
    painter.rectangle(x, y, x + cell, y + cell, letter == 'G' ? Rgb{129, 199, 132} : Rgb{245, 246, 248});
    if (letter == '@') painter.disc(x + cell / 2.0, y + cell / 2.0, cell * 0.32, {214, 69, 65});
  }
  return painter.take();
}

}  // namespace deepq
