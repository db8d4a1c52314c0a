// One function for each experiment, each in the file of its name; the table is in experiments.cc.
#pragma once

#include "deepq/lab/experiment.h"

namespace deepq::lab {

Experiment curse_of_dimensionality();
Experiment deadly_triad();
Experiment architecture();
Experiment time_limits();
Experiment sarsa_replay();
Experiment learning_curve();

}  // namespace deepq::lab
