// How far an agent's values are from what they stand for: the largest action value of every state along greedy
// episodes, against the discounted return that followed from there.
#pragma once

#include <vector>

#include "deepq/train/evaluation.h"

namespace deepq::lab {

struct PlayedEpisode {
  std::vector<double> values;   // largest action value of the state before each step
  std::vector<double> rewards;  // of each step
  bool terminated = false;      // else cut off
};

std::vector<PlayedEpisode> play_greedily(Policy& policy, const EnvFactory& env, const EvaluationPlan& plan);

struct ValueGap {
  double estimated = 0, realized = 0;  // means over the states counted; NaN without any
  int64_t states = 0;
};

struct GapRules {
  double gamma = 0.99;
  // Of an episode that was cut off, only states with at least so many steps after them count: the reward beyond is
  // missing, and gamma^horizon of it is all that may be.
  int64_t horizon = 500;
  // And only those that from_step to to_step - 1 steps of their episode came before: by default all that training sees.
  int64_t from_step = 0, to_step = 500;
};

ValueGap value_gap(const std::vector<PlayedEpisode>& episodes, const GapRules& rules);

}  // namespace deepq::lab
