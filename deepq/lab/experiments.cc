#include "deepq/lab/experiments.h"

#include "deepq/lab/lab.h"

namespace deepq::lab {

const std::vector<Experiment>& experiments() {
  static const std::vector<Experiment> kExperiments = {
      curse_of_dimensionality(),
      deadly_triad(),
      correlation(),
      replay_ratio(),
      target_network(),
      overestimation(),
      max_bias(),
      dueling(),
      prioritized(),
      architecture(),
      time_limits(),
      sarsa_replay(),
      learning_curve(),
      ablation(),
  };
  return kExperiments;
}

}  // namespace deepq::lab
