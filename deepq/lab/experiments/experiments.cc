#include "deepq/lab/experiments/experiments.h"

#include "deepq/lab/lab.h"

namespace deepq::lab {

const std::vector<Experiment>& experiments() {
  static const std::vector<Experiment> kExperiments = {
      curse_of_dimensionality(),
      deadly_triad(),
      correlation(),
      target_network(),
      time_limits(),
      learning_curve(),
      overestimation(),
      dueling(),
      prioritized(),
      ablation(),
      sarsa_replay(),
      max_bias(),
      replay_ratio(),
      architecture(),
  };
  return kExperiments;
}

}  // namespace deepq::lab
