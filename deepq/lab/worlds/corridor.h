// The corridor of Wang et al. 2016, section 4.1: ten cells up, fifty to the right, ten up; an episode begins at the
// first and ends at the last, with the only reward, 1. Actions are up, down, left, right, and any number that do
// nothing. A policy that is greedy but for epsilon is evaluated by a network, and the error against its true action
// values is measured.
#pragma once

#include <cstdint>
#include <vector>

#include "deepq/nn/network_config.h"

namespace deepq::lab {

class Corridor {
 public:
  static constexpr int64_t kCells = 70, kGoal = kCells - 1;
  enum Move : int64_t { kUp, kDown, kLeft, kRight };  // larger ones do nothing

  static int64_t next(int64_t cell, int64_t action);
  static int64_t best_action(int64_t cell);  // towards the goal

  // Of the policy that takes a uniformly random one of `actions` with probability epsilon, else the best one:
  // [cell * actions + action], the goal left out.
  static std::vector<double> action_values(int64_t actions, double epsilon, double gamma);
};

struct CorridorSettings {
  NetworkConfig network;
  int64_t actions = 5;
  double epsilon = 0.001, gamma = 0.99;
  int64_t updates = 20'000, batch = 32;
  double learning_rate = 1e-3;
};

struct CorridorRun {
  std::vector<double> error;  // sum over cells and actions of the squared error, at kPoints moments, evenly spread
};
constexpr int64_t kCorridorPoints = 100;

// One step of the policy and one update of TD(0) with Adam for each, on a batch drawn from all steps so far. Targets
// are expectations over the policy, from the present network, which sees cells one-hot.
CorridorRun evaluate_in_corridor(const CorridorSettings& settings, uint64_t seed);

}  // namespace deepq::lab
