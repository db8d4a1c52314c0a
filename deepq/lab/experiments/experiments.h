// One function for each experiment, each in the file of its name; the table is in experiments.cc.
#pragma once

#include "deepq/lab/experiment.h"

namespace deepq::lab {

Experiment curse_of_dimensionality();
Experiment deadly_triad();
Experiment correlation();
Experiment replay_ratio();
Experiment target_network();
Experiment overestimation();
Experiment max_bias();
Experiment dueling();
Experiment prioritized();
Experiment architecture();
Experiment time_limits();
Experiment sarsa_replay();
Experiment learning_curve();
Experiment ablation();

}  // namespace deepq::lab
