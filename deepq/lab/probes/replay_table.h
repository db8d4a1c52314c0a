// Tabular Q-learning with a memory: after every step the entry acted on is updated, then those of transitions drawn
// from all that were seen (Lin 1992; in a deterministic world the same as Dyna-Q, Sutton and Barto 2018, section 8.2).
// It tells apart what replay does and what the network does.
#pragma once

#include <cstdint>
#include <functional>

#include "deepq/env/env.h"
#include "deepq/train/evaluation.h"

namespace deepq::lab {

struct ReplayTableSettings {
  double learning_rate = 0.1, gamma = 0.99, epsilon = 0.1;
  int64_t replays_per_step = 63;
  int64_t env_steps = 10'000;
};

// For an environment whose typed_observation() is a state. Its time limit ends episodes, but is no end to the
// learner. `after_step` is called with the environment steps done and the policy of the table as it is then.
void run_replay_table(const ReplayTableSettings& settings, const EnvFactory& make_env, uint64_t seed,
                      const std::function<void(int64_t env_steps, Policy& policy)>& after_step);

}  // namespace deepq::lab
