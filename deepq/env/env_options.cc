#include "deepq/env/env_options.h"

#include <array>
#include <string_view>

namespace deepq {
namespace {

constexpr double kLongest = 1e9;  // seconds: what clocks can wait for

constexpr std::array<std::string_view, 2> kFrozenLakeMaps{"4x4", "8x8"};
constexpr std::array<std::string_view, 2> kGridWorldObservations{"one_hot", "coordinates"};
constexpr std::array<std::string_view, 2> kLineGameOpponents{"random", "minimax"};
constexpr std::array<std::string_view, 2> kAtariProtocols{"nature", "machado"};
constexpr std::array<std::string_view, 3> kAtariActions{"protocol", "minimal", "full"};

}  // namespace

void visit_fields(CartPoleOptions& options, FieldVisitor& visitor) {
  visitor.flag("hide_velocities", options.hide_velocities,
               "whether observations are position and angle alone, so that velocities must be told from several");
}

void visit_fields(TMazeOptions& options, FieldVisitor& visitor) {
  visitor.integer("length", options.length, Range::between(1, TMazeOptions::kLongest),
                  "steps from the start, where the goal's side is shown, to the junction where it must be known");
}

void visit_fields(FrozenLakeOptions& options, FieldVisitor& visitor) {
  visitor.choice("map", options.map, kFrozenLakeMaps, "the lake of FrozenLake-v1; FrozenLake8x8-v1 is always 8x8");
  visitor.flag("is_slippery", options.is_slippery, "whether a move may slip to a side");
  visitor.number("success_rate", options.success_rate, Range::between(0, 1),
                 "probability that a move on slippery ice goes where it should; each side takes half of the rest");
  visitor.number("goal_reward", options.goal_reward, Range{}.wide(), "reward for reaching the goal");
  visitor.number("hole_reward", options.hole_reward, Range{}.wide(), "reward for falling into a hole");
  visitor.number("frozen_reward", options.frozen_reward, Range{}.wide(), "reward for every other step");
}

void visit_fields(CliffWalkingOptions& options, FieldVisitor& visitor) {
  visitor.flag("is_slippery", options.is_slippery,
               "whether a move goes to each of its sides as often as ahead; CliffWalkingSlippery-v1 always is");
}

void visit_fields(TaxiOptions& options, FieldVisitor& visitor) {
  visitor.flag("is_rainy", options.is_rainy, "whether the taxi may slip to a side; Taxi-v4 only");
  visitor.flag("fickle_passenger", options.fickle_passenger,
               "whether the passenger may ask for another destination on the first way; Taxi-v4 only");
  visitor.flag(
      "action_mask", options.action_mask,
      "whether only moves that change something are legal: not into walls, pick up and set down where allowed");
  visitor.number("rainy_probability", options.rainy_probability, Range::between(0, 1),
                 "probability that a move in the rain goes where it should; each side takes half of the rest");
  visitor.number("fickle_probability", options.fickle_probability, Range::between(0, 1),
                 "fraction of episodes in which a fickle passenger asks for another destination");
}

void visit_fields(GridWorldOptions& options, FieldVisitor& visitor) {
  constexpr int64_t kMost = GridWorldOptions::kMostCells;  // all the cells may be
  visitor.integer("rows", options.rows, Range::between(1, kMost), "height of the grid");
  visitor.integer("columns", options.columns, Range::between(1, kMost), "width of the grid");
  visitor.integers("walls", options.walls, Range::at_least(0),
                   "cells that cannot be entered, each as row * columns + column");
  visitor.integers("goals", options.goals, Range::at_least(0), "cells that end the episode; none: the last cell");
  visitor.integers("starts", options.starts, Range::at_least(0),
                   "cells where episodes start, equally often; none: every cell but walls and goals");
  visitor.choice("observation", options.observation, kGridWorldObservations,
                 "the number of the cell, which networks see one-hot, or its row and column, each scaled to 0 to 1");
  visitor.number("step_reward", options.step_reward, Range{}.wide(), "reward for every step but one into a goal");
  visitor.number("goal_reward", options.goal_reward, Range{}.wide(), "reward for a step into a goal");
  visitor.integer("max_episode_steps", options.max_episode_steps, Range::at_least(0),
                  "steps after which an episode is truncated; 0: no limit");
}

void visit_fields(LineGameOptions& options, FieldVisitor& visitor) {
  visitor.choice("opponent", options.opponent, kLineGameOpponents,
                 "who plays against the agent: any free move, or the best within minimax_depth moves, ties drawn");
  visitor.integer("minimax_depth", options.minimax_depth, Range::between(1, 9),
                  "moves that the minimax opponent looks ahead, its own counted; 9 is all of TicTacToe-v0");
  visitor.number("random_moves", options.random_moves, Range::between(0, 1),
                 "fraction of its moves that the minimax opponent makes at random, among the free ones");
}

void visit_fields(MinAtarOptions& options, FieldVisitor& visitor) {
  visitor.number("sticky_action_probability", options.sticky_action_probability, Range::between(0, 1),
                 "chance that the game sees the last action again instead of the new one");
  visitor.flag("difficulty_ramping", options.difficulty_ramping,
               "whether Asterix, Seaquest and SpaceInvaders become harder with time");
}

void visit_fields(AtariOptions& options, FieldVisitor& visitor) {
  visitor.choice(
      "protocol", options.protocol, kAtariProtocols,
      "nature (Mnih et al. 2015): up to 30 no-ops at the start, a lost life is an end for learning, the game's "
      "own actions; machado (Machado et al. 2018): sticky actions with probability 0.25, only the game's end is "
      "one, all 18 actions");
  visitor.choice("actions", options.actions, kAtariActions,
                 "the game's own (minimal) or all 18 (full), instead of what the protocol has");
  visitor.integer("threads", options.threads, Range::between(1, 1024),
                  "threads that step the games; results do not depend on it");
  visitor.number("step_timeout", options.step_timeout, Range{.min = 0, .max = kLongest, .min_open = true},
                 "seconds after which a step counts as hung");
}

void visit_fields(GymnasiumOptions& options, FieldVisitor& visitor) {
  visitor.text("kwargs", options.kwargs,
               "arguments of gymnasium.make beside the id, as JSON: {\"is_slippery\": false}, or is_slippery=false");
  visitor.text(
      "observation_keys", options.observation_keys,
      "the parts of a Dict or Tuple observation that the agent sees, by their keys: image, robot/arm; empty: all");
  visitor.flag("action_masks", options.action_masks,
               "whether an environment that says which actions are legal, by info['action_mask'] or action_masks(), is "
               "kept to it");
  visitor.number("step_timeout", options.step_timeout, Range::between(0, kLongest),
                 "seconds after which a step counts as hung; 0: never");
}

void visit_fields(EnvOptions& options, FieldVisitor& visitor) {
  visitor.section("cartpole", "CartPole-v1");
  visit_fields(options.cartpole, visitor);
  visitor.section("frozen_lake", "FrozenLake-v1 and FrozenLake8x8-v1");
  visit_fields(options.frozen_lake, visitor);
  visitor.section("cliff_walking", "CliffWalking-v1 and CliffWalkingSlippery-v1");
  visit_fields(options.cliff_walking, visitor);
  visitor.section("taxi", "Taxi-v4; Taxi-v3 allows the defaults only");
  visit_fields(options.taxi, visitor);
  visitor.section("grid_world", "GridWorld-v0");
  visit_fields(options.grid_world, visitor);
  visitor.section("line_game", "TicTacToe-v0 and ConnectFour-v0");
  visit_fields(options.line_game, visitor);
  visitor.section("t_maze", "TMaze-v0");
  visit_fields(options.t_maze, visitor);
  visitor.section("minatar", "The MinAtar games");
  visit_fields(options.minatar, visitor);
  visitor.section("atari", "The Atari games, ALE/NAME-v5, which the Python package brings");
  visit_fields(options.atari, visitor);
  visitor.section("gymnasium", "Gymnasium's environments and one's own in Python");
  visit_fields(options.gymnasium, visitor);
}

std::string_view name_of(AtariOptions::Protocol protocol) { return kAtariProtocols[static_cast<size_t>(protocol)]; }

std::string_view name_of(AtariOptions::Actions actions) { return kAtariActions[static_cast<size_t>(actions)]; }

}  // namespace deepq
