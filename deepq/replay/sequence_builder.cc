#include "deepq/replay/sequence_builder.h"

#include <cstring>
#include <string>

#include "deepq/core/error.h"

namespace deepq {

SequenceBuilder::SequenceBuilder(int64_t env_count, const SequenceFormat& format)
    : format_(format),
      open_(static_cast<size_t>(env_count)),
      records_(static_cast<size_t>(env_count * format.bytes())),
      remembered_(static_cast<size_t>(env_count * format.shape().steps() * format.shape().memory_size)) {}

int64_t SequenceBuilder::bytes(int64_t env_count, const SequenceFormat& format) {
  return env_count *
         (format.bytes() + format.shape().steps() * format.shape().memory_size * static_cast<int64_t>(sizeof(float)));
}

void SequenceBuilder::begin_step(int64_t env, ObservationRow observation, std::span<const float> remembered_before) {
  Open& open = open_[static_cast<size_t>(env)];
  DEEPQ_ASSERT(open.begun < format_.shape().steps());
  std::ranges::copy(observation.bytes(), format_.observation_bytes(record(env), open.begun));
  std::ranges::copy(remembered_before, remembered(env, open.begun));
  ++open.begun;
}

void SequenceBuilder::take(int64_t env, const Transition& transition) {
  Open& open = open_[static_cast<size_t>(env)];
  const int64_t i = open.done++;
  format_.step(record(env), i) = {transition.action, transition.steps, transition.reward, transition.discount};
  // The observation that comes next is written again when it is acted on; behind the last step, and at an episode's
  // end, it is not.
  std::ranges::copy(transition.next_observation.bytes(), format_.observation_bytes(record(env), i + transition.steps));
}

std::span<const std::byte> SequenceBuilder::finished(int64_t env) {
  const Open& open = open_[static_cast<size_t>(env)];
  format_.head(record(env)) = {open.burn_in, open.done - open.burn_in};
  if (format_.shape().keeps_memory)
    std::copy_n(remembered(env, 0), format_.shape().memory_size, format_.memory(record(env)));
  return {record(env), static_cast<size_t>(format_.bytes())};
}

// The steps that it shares with the one that was finished move to its front.
void SequenceBuilder::begin_next(int64_t env) {
  const SequenceShape& shape = format_.shape();
  Open& open = open_[static_cast<size_t>(env)];
  const int64_t first_learnt = open.burn_in + shape.period();
  const int64_t burn_in = std::min(shape.burn_in, first_learnt), gone = first_learnt - burn_in;
  std::byte* const of = record(env);
  const auto move = [](auto* to, const auto* from, int64_t count) {
    std::memmove(to, from, static_cast<size_t>(count) * sizeof(*from));
  };
  move(&format_.step(of, 0), &format_.step(of, gone), open.done - gone);
  move(format_.observation_bytes(of, 0), format_.observation_bytes(of, gone),
       (open.begun - gone) * format_.layout().row_bytes());
  move(remembered(env, 0), remembered(env, gone), (open.begun - gone) * shape.memory_size);
  open = {.burn_in = burn_in, .done = open.done - gone, .begun = open.begun - gone, .known = shape.overlap};
}

void SequenceBuilder::serialize(Archive& archive, const ActionSpace& actions) {
  const auto scope = archive.scope("open_sequences");
  const SequenceShape& shape = format_.shape();
  for (size_t env = 0; env < open_.size(); ++env) {
    const auto own = archive.scope(std::to_string(env));
    Open& open = open_[env];
    archive.value("burn_in", open.burn_in, {0, shape.burn_in});
    archive.value("done", open.done, {open.burn_in, open.burn_in + shape.length - 1});
    archive.value("begun", open.begun, {open.done, open.done + shape.n_step - 1});
    archive.value("known", open.known, {0, shape.overlap});
  }
  // As if they ended here, so that a file tells all of each, and so that it can be checked.
  const auto finish_all = [this] {
    for (int64_t env = 0; env < static_cast<int64_t>(open_.size()); ++env) finished(env);
  };
  if (!archive.loading()) finish_all();
  const std::span bytes(reinterpret_cast<uint8_t*>(records_.data()), records_.size());
  archive.array("records", bytes, kAnyValue<uint8_t>, {static_cast<int64_t>(open_.size()), format_.bytes()});
  archive.array("remembered", remembered_);
  if (!archive.loading()) return;
  finish_all();
  for (size_t env = 0; env < open_.size(); ++env)
    format_.check(record(static_cast<int64_t>(env)), actions, "open sequence " + std::to_string(env));
}

}  // namespace deepq
