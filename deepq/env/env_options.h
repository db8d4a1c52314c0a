// Settings of single environments: the keyword arguments that Gymnasium's make() takes, one section each. What a
// setting means is said in visit_fields.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "deepq/core/fields.h"

namespace deepq {

struct CartPoleOptions {
  bool hide_velocities = false;
};

struct TMazeOptions {
  static constexpr int64_t kLongest = 1 << 20;

  int64_t length = 10;
};

struct FrozenLakeOptions {
  enum class Map { k4x4, k8x8 };

  Map map = Map::k4x4;
  bool is_slippery = true;
  double success_rate = 1.0 / 3.0;
  double goal_reward = 1;
  double hole_reward = 0;
  double frozen_reward = 0;
};

struct CliffWalkingOptions {
  bool is_slippery = false;
};

struct TaxiOptions {
  bool is_rainy = false;
  bool fickle_passenger = false;
  bool action_mask = false;
  double rainy_probability = 0.8;
  double fickle_probability = 0.3;
};

struct GridWorldOptions {
  enum class Observation { kOneHot, kCoordinates };
  static constexpr int64_t kMostCells = int64_t{1} << 24;  // a letter and a number of 32 bits for each

  int64_t rows = 5;
  int64_t columns = 5;
  std::vector<int64_t> walls = {};
  std::vector<int64_t> goals = {};
  std::vector<int64_t> starts = {};
  Observation observation = Observation::kOneHot;
  double step_reward = 0;
  double goal_reward = 1;
  int64_t max_episode_steps = 100;
};

// Of TicTacToe-v0 and ConnectFour-v0.
struct LineGameOptions {
  enum class Opponent { kRandom, kMinimax };

  Opponent opponent = Opponent::kRandom;
  int64_t minimax_depth = 4;
  double random_moves = 0;
};

struct MinAtarOptions {
  double sticky_action_probability = 0.1;
  bool difficulty_ramping = true;
};

// Of the Atari games, which a program with an EnvSource may bring.
struct AtariOptions {
  enum class Protocol { kNature, kMachado };
  enum class Actions { kProtocol, kMinimal, kFull };

  Protocol protocol = Protocol::kNature;
  Actions actions = Actions::kProtocol;
  int64_t threads = 1;
  double step_timeout = 60;
};

// Of all environments that are Python objects but the Atari games.
struct GymnasiumOptions {
  std::string kwargs;
  bool action_masks = true;
  std::string observation_keys;
  double step_timeout = 0;
};

struct EnvOptions {
  CartPoleOptions cartpole;
  FrozenLakeOptions frozen_lake;
  CliffWalkingOptions cliff_walking;
  TaxiOptions taxi;
  GridWorldOptions grid_world;
  LineGameOptions line_game;
  TMazeOptions t_maze;
  MinAtarOptions minatar;
  AtariOptions atari;
  GymnasiumOptions gymnasium;
  // No setting: whether pictures will be asked for, which Gymnasium's environments must be told when they are made.
  bool draws = false;
};

void visit_fields(CartPoleOptions& options, FieldVisitor& visitor);
void visit_fields(TMazeOptions& options, FieldVisitor& visitor);
void visit_fields(FrozenLakeOptions& options, FieldVisitor& visitor);
void visit_fields(CliffWalkingOptions& options, FieldVisitor& visitor);
void visit_fields(TaxiOptions& options, FieldVisitor& visitor);
void visit_fields(GridWorldOptions& options, FieldVisitor& visitor);
void visit_fields(LineGameOptions& options, FieldVisitor& visitor);
void visit_fields(MinAtarOptions& options, FieldVisitor& visitor);
void visit_fields(AtariOptions& options, FieldVisitor& visitor);
void visit_fields(GymnasiumOptions& options, FieldVisitor& visitor);
void visit_fields(EnvOptions& options, FieldVisitor& visitor);  // all of them, in sections

std::string_view name_of(AtariOptions::Protocol protocol);  // as the setting has it: "nature"
std::string_view name_of(AtariOptions::Actions actions);

}  // namespace deepq
