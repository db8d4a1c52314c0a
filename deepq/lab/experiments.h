// One function for each experiment, each in the file of its name; the table is in experiments.cc.
#pragma once

#include "deepq/lab/experiment.h"

namespace deepq::lab {

Experiment deadly_triad();
Experiment correlation();
Experiment replay_ratio();
Experiment target_network();
Experiment ablation();

}  // namespace deepq::lab
