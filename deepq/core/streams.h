// Where all random numbers of a run come from: a stream of its own for each purpose, each copy of a world and each
// episode that is evaluated, derived from the run's seed by NumPy's SeedSequence and a spawn key. No two of them meet,
// not those of other runs either: runs of neighbouring seeds share nothing.
#pragma once

#include <cstdint>

#include "deepq/core/random.h"

namespace deepq {

enum class Stream : uint32_t {
  kInitialization,  // of networks, then their noise
  kExploration,
  kSampling,           // from the replay store; PQN's order, double Q-learning's coins
  kEvaluation,         // episodes of the evaluations during training, counted through from the run's beginning
  kFinalEvaluation,    // episodes of the evaluation after training
  kChosenEvaluation,   // episodes for a seed that the user gave
  kProbe,              // episodes that an experiment of the lab plays to measure something
  kWorld,              // copies that are trained on
  kWorldAfterLoading,  // copies that began anew because their state could not be restored, counted through
  kExperiment,         // whatever else an experiment of the lab draws
};

// Of a purpose that needs one.
Random random_stream(uint64_t run_seed, Stream purpose);

// What a world's reset() takes: all 64 bits or, as many simulators in Python do, numbers below 2^31. Of these a run
// never gives the same to two worlds or episodes (but for users' evaluation seeds among each other, rarely).
enum class SeedWidth { k64, k31 };

// Of a copy to train on. Copy 0 takes the run's seed itself, so that its episodes are those of Gymnasium's same seed;
// one that is too wide is derived as the others are.
uint64_t world_seed(uint64_t run_seed, int64_t copy, SeedWidth width);

// Of the `number`-th copy, from 0, that began anew after loading.
uint64_t world_seed_after_loading(uint64_t run_seed, int64_t number, SeedWidth width);

// Episodes that are played beside training. Each has a world's seed and a stream for its random actions, which depend
// on its number alone: however many are played side by side, they are the same.
struct EpisodeStreams {
  uint64_t run_seed = 0;
  Stream purpose = Stream::kFinalEvaluation;
  uint64_t number = 0;  // of several for the same purpose: the seed that the user chose, the moment of a probe
  int64_t first_episode = 0;

  // Of the `episode`-th, from 0, after first_episode.
  uint64_t world_seed(int64_t episode, SeedWidth width) const;
  Random exploration(int64_t episode) const;
};

// Of an experiment's measurement; `moment`: the environment steps of the run so far.
inline EpisodeStreams probe_streams(int64_t run_seed, int64_t moment = 0) {
  return {static_cast<uint64_t>(run_seed), Stream::kProbe, static_cast<uint64_t>(moment)};
}

}  // namespace deepq
