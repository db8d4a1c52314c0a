#include "deepq/lab/experiments.h"

#include "deepq/lab/lab.h"

namespace deepq::lab {

const std::vector<Experiment>& experiments() {
  static const std::vector<Experiment> kExperiments = {
      curse_of_dimensionality(), deadly_triad(), architecture(), time_limits(), sarsa_replay(), learning_curve(),
  };
  return kExperiments;
}

}  // namespace deepq::lab
