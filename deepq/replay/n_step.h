// From steps to transitions over n of them (Sutton 1988; Hessel et al. 2018, section 2, "Multi-step learning"): reward
// sum_j gamma^j r_j and discount gamma^k, k being the window's real length. Where an episode ends the shorter windows
// are handed out too: with discount 0 at a true end; at a truncation with gamma^k, from the true last observation.
// No window crosses an end. One open list of windows for each environment; not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "deepq/core/action_space.h"
#include "deepq/core/archive.h"
#include "deepq/core/error.h"
#include "deepq/replay/batch.h"

namespace deepq {

// One step of one environment. Terminated and truncated at once counts as terminated.
struct StepRecord {
  ObservationRow observation;  // acted on
  int64_t action = 0;
  double reward = 0;
  bool terminated = false;
  bool truncated = false;
  ObservationRow next_observation;  // the true last one where the episode ended, never the reset's
};

class NStepAccumulator {
 public:
  // `layout`: of the observations, which it keeps as they come.
  NStepAccumulator(int64_t env_count, int64_t n_step, double gamma, const ObservationLayout& layout);

  // Calls emit(const Transition&) for each window that the step completes, the oldest first: none, one, or at an
  // episode's end all that are open. Its observations are valid during the call only. No allocation.
  template <class Emit>
  void add(int64_t env, const StepRecord& step, Emit&& emit);

  // Forgets all open windows: for environments that did not go on where they were.
  void clear();

  void serialize(Archive& archive, const ActionSpace& actions);

  // Calls visit(env, steps so far, observation that it began with) for each open window.
  template <class Visit>
  void visit_open(Visit&& visit) const {
    for (int64_t env = 0; env < static_cast<int64_t>(open_.size()); ++env)
      for (int64_t age = 0, open = open_[static_cast<size_t>(env)]; age < open; ++age)
        visit(env, open - age, observation(slot(env, age)));
  }

  static int64_t bytes(int64_t env_count, int64_t n_step, const ObservationLayout& layout);

 private:
  // Where the window lies that is the age-th oldest of its environment.
  size_t slot(int64_t env, int64_t age) const {
    return static_cast<size_t>(env * n_step_ + (oldest_[static_cast<size_t>(env)] + age) % n_step_);
  }
  ObservationRow observation(size_t slot) const {
    return ObservationRow(std::span(observations_).subspan(slot * row_bytes_, row_bytes_));
  }
  void open_window(int64_t env, const StepRecord& step);

  int64_t n_step_;
  ObservationLayout layout_;
  size_t row_bytes_;
  std::vector<double> powers_;          // gamma^0 ... gamma^n
  std::vector<int64_t> oldest_, open_;  // [env]: place of the oldest window in the ring, number of windows
  // [env, n], a ring for each environment: what each window began with, and its rewards so far.
  std::vector<std::byte> observations_;
  std::vector<int64_t> actions_;
  std::vector<double> reward_sums_;
};

template <class Emit>
void NStepAccumulator::add(int64_t env, const StepRecord& step, Emit&& emit) {
  const bool ended = step.terminated || step.truncated;
  const auto discount = [&](int64_t length) {
    return step.terminated ? 0.0f : static_cast<float>(powers_[static_cast<size_t>(length)]);
  };
  if (n_step_ == 1) {  // nothing to keep, nothing to copy
    emit(
        Transition{step.observation, step.action, static_cast<float>(step.reward), discount(1), step.next_observation});
    return;
  }
  open_window(env, step);
  int64_t& oldest = oldest_[static_cast<size_t>(env)];
  int64_t& open = open_[static_cast<size_t>(env)];
  while (open == n_step_ || (ended && open > 0)) {
    const size_t from = slot(env, 0);
    emit(Transition{observation(from), actions_[from], static_cast<float>(reward_sums_[from]), discount(open),
                    step.next_observation, open});
    oldest = (oldest + 1) % n_step_;
    --open;
  }
}

}  // namespace deepq
