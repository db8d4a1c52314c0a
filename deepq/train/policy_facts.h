// What a checkpoint tells of the agent in it, beside its parameters: one list of names, which the Trainer writes and
// checks and Policy reads.
#pragma once

#include <optional>
#include <string>

#include "deepq/agent/observations.h"
#include "deepq/core/archive.h"
#include "deepq/env/env.h"

namespace deepq {

struct PolicyFacts {
  ObservationSpace observation;
  ActionSpace actions;                 // the environment's
  int64_t action_start = 0;            // see EnvSpec
  std::optional<double> epsilon = {};  // of the run's exploring; older files do not tell
  int64_t env_steps = 0;               // of the run

  // Throws deepq::Error for numbers that no agent has.
  void serialize(Archive& archive);
};

// Of an agent that learns in such an environment.
PolicyFacts facts_of(const ObservationSpace& observation, const EnvSpec& env);

// Throws deepq::Error, by the file's name for it, where what was loaded is another agent than one of `own`.
void require_same(const Archive& archive, const PolicyFacts& loaded, const PolicyFacts& own);

}  // namespace deepq
