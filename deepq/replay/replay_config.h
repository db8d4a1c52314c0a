// How past transitions are stored and drawn (Lin 1992; Mnih et al. 2015; by priority: Schaul et al. 2016).
#pragma once

#include <string>

#include "deepq/core/fields.h"

namespace deepq {

struct ReplayConfig {
  int64_t capacity = 10'000;
  bool with_replacement = false;
  bool prioritized = false;
  double priority_alpha = 0.6;
  double priority_epsilon = 1e-6;
  double importance_beta = 0.4;
  double importance_beta_end = 1.0;
  int64_t importance_beta_anneal_env_steps = 0;
  // Of networks with memory alone: they learn from sequences.
  int64_t sequence_length = 80;
  int64_t burn_in = 40;
  int64_t sequence_overlap = 40;
  bool stored_state = true;
  double priority_mix = 0.9;
  std::string demonstrations = {};         // paths, with commas between them; "": none
  std::string demonstrations_sha256 = {};  // of what they hold; "": not known yet
  double demonstration_fraction = 0.25;
};

void visit_fields(ReplayConfig& config, FieldVisitor& visitor);

// The exponent of the importance weights after `env_steps`, which are this `fraction` of the run. Linear from
// importance_beta to importance_beta_end, and constant from there.
double importance_beta_at(const ReplayConfig& config, int64_t env_steps, double fraction);

}  // namespace deepq
