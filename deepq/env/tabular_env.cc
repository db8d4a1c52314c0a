#include "deepq/env/tabular_env.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "deepq/core/error.h"

namespace deepq {

TabularEnv::TabularEnv(EnvSpec spec, const std::vector<double>& start_weights, const OutcomesOf& outcomes_of)
    : spec_(std::move(spec)) {
  DEEPQ_ASSERT(static_cast<int64_t>(start_weights.size()) == spec_.observation_space.states());
  const double weights = std::accumulate(start_weights.begin(), start_weights.end(), 0.0);
  double cumulative = 0;
  // Summed up in the order of the states, as NumPy's cumsum does: the last bits decide which draw means what.
  for (const double weight : start_weights) cumulative_starts_.push_back(cumulative += weight / weights);
  // The outcomes of all pairs in one row; `first_` says where those of a pair begin, and so where they end.
  first_.push_back(0);
  for (int64_t state = 0; state < spec_.observation_space.states(); ++state) {
    for (int64_t action = 0; action < spec_.action_count; ++action) {
      const std::vector<Outcome> outcomes = outcomes_of(state, action);
      DEEPQ_ASSERT(!outcomes.empty());
      outcomes_.insert(outcomes_.end(), outcomes.begin(), outcomes.end());
      first_.push_back(static_cast<uint32_t>(outcomes_.size()));
    }
  }
}

std::span<const Outcome> TabularEnv::outcomes(int64_t state, int64_t action) const {
  const auto pair = static_cast<size_t>(state * spec_.action_count + action);
  return std::span(outcomes_).subspan(first_[pair], first_[pair + 1] - first_[pair]);
}

void TabularEnv::move_to(int64_t state) {
  state_ = state;
  observation_[0] = static_cast<float>(state);
}

std::span<const float> TabularEnv::reset(std::optional<uint64_t> seed) {
  if (seed) random_ = Random(*seed);
  const auto first = cumulative_starts_.begin();
  // The first sum above the draw.
  const auto drawn = std::upper_bound(first, cumulative_starts_.end(), random_.uniform());
  move_to(drawn == cumulative_starts_.end() ? 0 : drawn - first);  // past the end: see step
  return observation_;
}

// The first outcome whose cumulative probability exceeds the draw. Rounding can leave the whole sum just below a draw;
// the reference's argmax then takes the first outcome, and so does this.
Step TabularEnv::step(int64_t action) {
  const std::span<const Outcome> possible = outcomes(state_, action);
  // Also where one outcome is certain: the reference draws then too, and the stream must stay beside its.
  const double draw = random_.uniform();
  const Outcome* drawn = &possible[0];
  double cumulative = 0;
  for (const Outcome& outcome : possible) {
    cumulative += outcome.probability;
    if (cumulative > draw) {
      drawn = &outcome;
      break;
    }
  }
  move_to(drawn->next_state);
  return {.observation = observation_, .reward = drawn->reward, .terminated = drawn->terminated, .truncated = false};
}

bool TabularEnv::serialize(Archive& archive) {
  random_.serialize(archive);
  archive.value("state", state_, {0, spec_.observation_space.states() - 1});
  move_to(state_);
  return true;
}

void check_probability(std::string_view key, double value) {
  if (!(value >= 0 && value <= 1)) throw Error::of(key, " is ", number_text(value), "; allowed: 0 to 1");
}

}  // namespace deepq
