// From the transitions of an n-step window to sequences (sequence_store.h), one open for each environment. Those of an
// episode begin `period` learnt steps apart, each with as much of the burn-in as the episode has had steps for; the
// last one ends with the episode, unless all its steps were learnt in the one before. Not thread-safe.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "deepq/replay/sequence_store.h"

namespace deepq {

class SequenceBuilder {
 public:
  SequenceBuilder(int64_t env_count, const SequenceFormat& format);

  // Before an environment's step enters its window: what was acted on, and what the network remembered before it.
  void begin_step(int64_t env, ObservationRow observation, std::span<const float> remembered);

  // A window that the step has completed. Calls emit(record) for the sequence that ends with it. No allocation.
  template <class Emit>
  void add(int64_t env, const Transition& transition, Emit&& emit) {
    take(env, transition);
    if (open_[static_cast<size_t>(env)].done == open_[static_cast<size_t>(env)].burn_in + format_.shape().length) {
      emit(finished(env));
      begin_next(env);
    }
  }

  // The step was the last of its episode, for learning; all its windows have come.
  template <class Emit>
  void end_episode(int64_t env, Emit&& emit) {
    if (has_news(env)) emit(finished(env));
    open_[static_cast<size_t>(env)] = {};
  }

  // Forgets all that is open.
  void clear() { std::ranges::fill(open_, Open{}); }

  void serialize(Archive& archive, const ActionSpace& actions);

  static int64_t bytes(int64_t env_count, const SequenceFormat& format);

 private:
  struct Open {
    int64_t burn_in = 0;
    int64_t done = 0;   // steps whose windows have come, burn-in included
    int64_t begun = 0;  // steps that have begun
    int64_t known = 0;  // learnt steps that the sequence before has, too
  };

  std::byte* record(int64_t env) { return records_.data() + env * format_.bytes(); }
  float* remembered(int64_t env, int64_t step) {
    return remembered_.data() + (env * format_.shape().steps() + step) * format_.shape().memory_size;
  }
  bool has_news(int64_t env) const {
    const Open& open = open_[static_cast<size_t>(env)];
    return open.done > open.burn_in + open.known;
  }
  void take(int64_t env, const Transition& transition);
  std::span<const std::byte> finished(int64_t env);
  void begin_next(int64_t env);

  SequenceFormat format_;
  std::vector<Open> open_;            // [env]
  AlignedBuffer<std::byte> records_;  // [env]
  std::vector<float> remembered_;     // [env, step, memory_size]: before each step that has begun
};

}  // namespace deepq
