#include "deepq/env/vector_env.h"

#include <algorithm>

#include "deepq/core/error.h"

namespace deepq {

void VectorEnv::make_room(size_t count) {
  action_space_ = spec_.actions();
  layout_ = spec_.observation_space;
  observations_.resize(count * static_cast<size_t>(layout_.row_bytes()));
  next_observations_.resize(observations_.size());
  rewards_.resize(count);
  episode_returns_.resize(count);
  episode_lengths_.resize(count);
  terminated_.resize(count);
  truncated_.resize(count);
  actions_.resize(count);
}

void VectorEnv::take_results(const VectorEnv& other) {
  observations_ = other.observations_;
  next_observations_ = other.next_observations_;
  take_outcomes(other);
}

void VectorEnv::take_outcomes(const VectorEnv& other) {
  rewards_ = other.rewards_;
  episode_returns_ = other.episode_returns_;
  episode_lengths_ = other.episode_lengths_;
  terminated_ = other.terminated_;
  truncated_ = other.truncated_;
  skipped_ = other.skipped_;
  life_lost_ = other.life_lost_;
}

void VectorEnv::send(std::span<const int64_t> actions) {
  if (actions.size() != copies())
    throw Error::of("environment '", spec_.id, "' got ", actions.size(), " actions for ", count(), " copies");
  // All are checked before any copy takes a step: a refused call has changed nothing.
  for (size_t i = 0; i < actions.size(); ++i)
    if (actions[i] < 0 || actions[i] >= spec_.action_count)
      throw Error::of("environment '", spec_.id, "', copy ", i, ", step ", steps_ + 1, ": the action is ", actions[i],
                      "; allowed: 0 to ", spec_.action_count - 1);
  for (size_t i = 0; layout_.legal_words() > 0 && i < actions.size(); ++i)
    if (!is_begun_anew(i) && !is_legal(action_space_, actions[i], observations().legal(static_cast<int64_t>(i))))
      throw Error::of("environment '", spec_.id, "', copy ", i, ", step ", steps_ + 1, ": action ", actions[i],
                      " is illegal there");
  ++steps_;
  std::ranges::copy(actions, actions_.begin());
  begin_step();
}

bool VectorEnv::next_step_is_skipped() const {
  for (size_t i = 0; i < copies(); ++i)
    if (!is_begun_anew(i)) return false;
  return true;
}

void VectorEnv::serialize_results(Archive& archive) {
  std::string id = spec_.id;
  archive.text("id", id);
  if (archive.loading()) loaded_id_ = id;
  if (id != spec_.id && !takes_any_state_)
    throw Error::of("the saved state is one of environment '", id, "', not of '", spec_.id, "'");
  archive.value("steps", steps_, kCount);
  if (!archive.loading() || archive.contains("begun_after_loading"))  // absent in older files
    archive.value("begun_after_loading", begun_after_loading_, kCount);
  layout_.serialize(archive, "observations", observations_);
  layout_.serialize(archive, "next_observations", next_observations_);
  if (archive.loading()) {
    for (int64_t i = 0; i < count(); ++i) {
      layout_.check(observations()[i]);
      layout_.check(next_observations()[i]);
    }
  }
  archive.array("rewards", rewards_);
  archive.check_all("rewards", rewards_, kAnyValue<double>);
  archive.array("episode_returns", episode_returns_);
  archive.array("episode_lengths", episode_lengths_, {0, steps_});
  archive.array("terminated", terminated_, {0, 1});
  archive.array("truncated", truncated_, {0, 1});
}

std::span<std::byte> VectorEnv::row(std::vector<std::byte>& rows, size_t copy) const {
  const auto size = static_cast<size_t>(layout_.row_bytes());
  return std::span(rows).subspan(copy * size, size);
}

}  // namespace deepq
