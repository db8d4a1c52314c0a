#include "deepq/env/sync_vector_env.h"

#include <algorithm>
#include <cmath>
#include <exception>

#include "deepq/core/error.h"

namespace deepq {

SyncVectorEnv::SyncVectorEnv(const EnvFactory& factory, int64_t count, int64_t max_episode_steps, AtEnd at_end)
    : at_end_(at_end) {
  if (count < 1) throw Error::of("the number of environments is ", count, "; allowed: at least 1");
  if (!factory) throw Error("there is no environment: the factory is empty");
  for (int64_t i = 0; i < count; ++i) make_copy(factory, i);
  if (max_episode_steps > 0) spec_.max_episode_steps = max_episode_steps;
  make_room(envs_.size());
}

SyncVectorEnv::SyncVectorEnv(const EnvFactory& factory, int64_t count, uint64_t run_seed, int64_t max_episode_steps)
    : SyncVectorEnv(factory, count, max_episode_steps, AtEnd::kReset) {
  run_seed_ = run_seed;
  for (int64_t i = 0; i < count; ++i) begin_episode(i, world_seed(run_seed, i, spec_.seed_width));
}

SyncVectorEnv SyncVectorEnv::waiting(const EnvFactory& factory, int64_t max_episode_steps, int64_t limit_of_endless) {
  SyncVectorEnv world{factory, 1, max_episode_steps, AtEnd::kWait};
  // An evaluation must come to an end.
  if (world.spec_.max_episode_steps == 0) world.spec_.max_episode_steps = limit_of_endless;
  return world;
}

void SyncVectorEnv::begin_episode(int64_t copy, uint64_t seed) { start_afresh(static_cast<size_t>(copy), seed); }

void SyncVectorEnv::make_copy(const EnvFactory& factory, int64_t copy) try {
  envs_.push_back(factory());
  if (!envs_.back()) throw Error("the factory gave no object");
  const EnvSpec& spec = envs_.back()->spec();
  if (copy == 0) {
    check_spec(spec);
    spec_ = spec;
  } else if (!of_one_kind(spec, spec_)) {
    throw Error::of("the spec of environment '", spec.id, "' differs from that of copy 0, '", spec_.id, "'");
  }
} catch (const std::exception& error) {
  if (at_end_ == AtEnd::kWait && dynamic_cast<const Error*>(&error)) throw;  // the only one
  throw Error::of("cannot make copy ", copy, " of the environment: ", error.what());
}

// Runs a call into a user's environment; whatever it throws comes out as one line that begins with place().
template <class Call>
auto SyncVectorEnv::guard(size_t copy, Moment moment, const Call& call) const {
  try {
    return call(*envs_[copy]);
  } catch (const std::exception& error) {
    throw Error::of(place(copy, moment), ": ", error.what());
  } catch (...) {
    throw Error::of(place(copy, moment), ": something was thrown that is not a std::exception");
  }
}

std::string SyncVectorEnv::place(size_t copy, Moment moment) const {
  std::string text = "environment '" + spec_.id + "', copy " + std::to_string(copy);
  const std::string step = std::to_string(steps_);
  switch (moment) {
    case Moment::kReset:
      return text + ", reset after step " + step;
    case Moment::kStep:
      return text + ", step " + step + " (" + std::to_string(episode_lengths_[copy]) + " of its episode)";
    case Moment::kSerialize:
      return text + ", saved or restored after step " + step;
  }
  return text;
}

// `floats`: what reset() or step() returned, for environments that have no typed observation.
void SyncVectorEnv::take_observation(std::span<const float> floats, std::span<std::byte> to, size_t copy,
                                     Moment moment) const {
  guard(copy, moment, [&](Env& env) {
    const ObservationRow typed = env.typed_observation();
    if (typed.empty()) {
      layout_.take_numbers(floats, to);
    } else {
      if (static_cast<int64_t>(typed.bytes().size()) != layout_.number_bytes())
        throw Error::of("the observation has ", typed.bytes().size(), " bytes; allowed: ", layout_.number_bytes());
      std::ranges::copy(typed.bytes(), to.begin());
    }
    if (layout_.legal_words() > 0) take_legal_actions(env.legal_actions(), layout_.legal(to));
    if (layout_.legal_words() > 0 || !typed.empty()) layout_.check(ObservationRow(to));
  });
}

void SyncVectorEnv::take_legal_actions(LegalActions legal, std::span<uint64_t> to) const {
  // None, which a class that wraps another one may have forgotten to hand on, says nothing.
  if (legal.words().size() != to.size())
    throw Error::of("legal_actions() has ", legal.words().size(), " words; allowed: ", to.size());
  std::ranges::copy(legal.words(), to.begin());
}

void SyncVectorEnv::require_legal_action(std::span<std::byte> row, size_t copy, Moment moment) const {
  if (layout_.legal_words() > 0 && !has_choice(action_space_, layout_.legal(ObservationRow(row))))
    throw Error::of(place(copy, moment), ": no action is legal; allowed: at a true end alone");
}

void SyncVectorEnv::reset_copy(size_t copy, std::optional<uint64_t> seed) {
  const auto first = guard(copy, Moment::kReset, [&](Env& env) { return env.reset(seed); });
  take_observation(first, row(observations_, copy), copy, Moment::kReset);
  require_legal_action(row(observations_, copy), copy, Moment::kReset);
}

// As if no step had ever been taken.
void SyncVectorEnv::start_afresh(size_t copy, uint64_t seed) {
  reset_copy(copy, seed);
  std::ranges::copy(row(observations_, copy), row(next_observations_, copy).begin());
  rewards_[copy] = episode_returns_[copy] = 0;
  episode_lengths_[copy] = 0;
  terminated_[copy] = truncated_[copy] = 0;
}

void SyncVectorEnv::receive() {
  for (size_t i = 0; i < copies(); ++i) step_copy(i, actions_[i]);
}

void SyncVectorEnv::step_copy(size_t copy, int64_t action) {
  if (terminated_[copy] || truncated_[copy]) {
    episode_returns_[copy] = 0;
    episode_lengths_[copy] = 0;
  }
  // Before the step, so that an error names the step that it is in.
  ++episode_lengths_[copy];
  const Step result = guard(copy, Moment::kStep, [&](Env& env) { return env.step(action); });
  const std::span<std::byte> next = row(next_observations_, copy);
  take_observation(result.observation, next, copy, Moment::kStep);
  // One infinite reward would make every value that learns from it NaN, and nobody could tell where it came from.
  if (!std::isfinite(result.reward))
    throw Error::of(place(copy, Moment::kStep), ": the reward is ", number_text(result.reward),
                    "; allowed: finite numbers");
  rewards_[copy] = result.reward;
  episode_returns_[copy] += result.reward;
  terminated_[copy] = result.terminated;
  if (!result.terminated) require_legal_action(next, copy, Moment::kStep);
  const bool out_of_time = spec_.max_episode_steps > 0 && episode_lengths_[copy] >= spec_.max_episode_steps;
  truncated_[copy] = result.truncated || out_of_time;
  if (terminated_[copy] || truncated_[copy]) {
    // The true last observation stays in `next`; `observations_` has the new episode's first one.
    if (at_end_ == AtEnd::kReset) reset_copy(copy, std::nullopt);
  } else {
    std::ranges::copy(next, row(observations_, copy).begin());
  }
}

void SyncVectorEnv::serialize(Archive& archive) {
  serialize_results(archive);
  if (archive.loading()) restored_exactly_ = true;
  for (size_t i = 0; i < envs_.size(); ++i) {
    const auto scope = archive.scope("copy_" + std::to_string(i));
    const bool foreign = archive.loading() && loaded_another();
    const bool exact = !foreign && guard(i, Moment::kSerialize, [&](Env& env) { return env.serialize(archive); });
    // A world that cannot restore itself begins a new episode from a seed that no run has had.
    if (exact || !archive.loading()) continue;
    restored_exactly_ = false;
    start_afresh(i, next_seed_after_loading(run_seed_));
  }
}

}  // namespace deepq
