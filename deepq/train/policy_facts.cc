#include "deepq/train/policy_facts.h"

#include "deepq/core/states.h"

namespace deepq {

void PolicyFacts::serialize(Archive& archive) {
  observation.serialize(archive);
  archive.value("action_count", action_count, {1, kCount.most});
  const auto is_there = [&](const char* name) { return !archive.loading() || archive.contains(name); };
  if (is_there("action_start"))  // absent in older files
    archive.value("action_start", action_start, {kAnyValue<int64_t>.least, largest_start(action_count)});
  if (archive.loading() ? archive.contains("epsilon") : epsilon.has_value())
    archive.value("epsilon", archive.loading() ? epsilon.emplace() : *epsilon);
  archive.value("env_steps", env_steps, kCount);
}

PolicyFacts facts_of(const ObservationSpace& observation, const EnvSpec& env) {
  return {.observation = observation, .action_count = env.action_count, .action_start = env.action_start};
}

void require_same(const Archive& archive, const PolicyFacts& loaded, const PolicyFacts& own) {
  const auto same = [&](const std::string& name, int64_t value, int64_t allowed) {
    archive.check(name, value, {allowed, allowed});
  };
  // Dimension by dimension, so that the error says which one differs.
  const std::vector<int64_t>&dimensions = loaded.observation.shape(), &expected = own.observation.shape();
  same("observation_shape: its length", static_cast<int64_t>(dimensions.size()), static_cast<int64_t>(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i)
    same("observation_shape[" + std::to_string(i) + "]", dimensions[i], expected[i]);
  same("action_count", loaded.action_count, own.action_count);
  same("state_count", loaded.observation.states(), own.observation.states());
  if (!archive.contains("action_start")) return;  // an older file
  same("action_start", loaded.action_start, own.action_start);
  same("state_start", loaded.observation.leaf().start, own.observation.leaf().start);
}

}  // namespace deepq
