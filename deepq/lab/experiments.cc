#include "deepq/lab/experiments.h"

#include "deepq/lab/lab.h"

namespace deepq::lab {

const std::vector<Experiment>& experiments() {
  static const std::vector<Experiment> kExperiments = {
      deadly_triad(),
      correlation(),
      replay_ratio(),
      target_network(),
      ablation(),
  };
  return kExperiments;
}

}  // namespace deepq::lab
