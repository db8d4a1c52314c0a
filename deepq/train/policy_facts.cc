#include "deepq/train/policy_facts.h"

#include <algorithm>

#include "deepq/core/states.h"

namespace deepq {
namespace {

constexpr int64_t kMostInputs = int64_t{1} << 28;  // products of sizes do not overflow

void serialize_shape(Archive& archive, ObservationShape& shape) {
  archive.vector("observation_shape", shape.dimensions, {1, kMostInputs});
  int64_t size = 1;
  for (const int64_t dimension : shape.dimensions)
    archive.check("observation_shape: the product", size *= dimension, {1, kMostInputs});
  archive.value("state_count", shape.state_count, {0, kMostStates});
  if (shape.state_count > 0) archive.check("observation_shape: the product", size, {1, 1});
  const auto is_there = [&](const char* name) { return !archive.loading() || archive.contains(name); };
  if (is_there("frame_stack"))  // absent in older files, nor is the next
    archive.value("frame_stack", shape.frame_stack, {0, kMostInputs});
  if (shape.frame_stack > 0 && !shape.dimensions.empty())
    archive.check("frame_stack", shape.frame_stack, {shape.dimensions[0], shape.dimensions[0]});
  if (is_there("channels_first")) archive.value("channels_first", shape.channels_first);
}

// Of `count` numbers, the last of which is below 2^63.
Limits<int64_t> starts_of(int64_t count) {
  return {kAnyValue<int64_t>.least, kAnyValue<int64_t>.most - std::max<int64_t>(0, count - 1)};
}

// See EnvSpec::observation_dtype.
std::string usual_dtype(const ObservationShape& shape) {
  return shape.state_count > 0 ? "int64" : shape.frame_stack > 0 ? "uint8" : "float32";
}

}  // namespace

void PolicyFacts::serialize(Archive& archive) {
  serialize_shape(archive, observation);
  archive.value("action_count", action_count, {1, kCount.most});
  const auto is_there = [&](const char* name) { return !archive.loading() || archive.contains(name); };
  if (is_there("action_start")) {  // absent in older files, nor are the next two
    archive.value("action_start", action_start, starts_of(action_count));
    archive.value("state_start", state_start, starts_of(observation.state_count));
  }
  if (is_there("observation_dtype")) archive.text("observation_dtype", observation_dtype);
  if (archive.loading() && observation_dtype.empty()) observation_dtype = usual_dtype(observation);
  if (archive.loading() ? archive.contains("epsilon") : epsilon.has_value())
    archive.value("epsilon", archive.loading() ? epsilon.emplace() : *epsilon);
  archive.value("env_steps", env_steps, kCount);
}

PolicyFacts facts_of(const ObservationShape& observation, const EnvSpec& env) {
  return {.observation = observation,
          .action_count = env.action_count,
          .action_start = env.action_start,
          .state_start = env.state_start,
          .observation_dtype = env.observation_dtype};
}

void require_same(const Archive& archive, const PolicyFacts& loaded, const PolicyFacts& own) {
  const auto same = [&](const std::string& name, int64_t value, int64_t allowed) {
    archive.check(name, value, {allowed, allowed});
  };
  const std::vector<int64_t>&dimensions = loaded.observation.dimensions, &expected = own.observation.dimensions;
  same("observation_shape: its length", static_cast<int64_t>(dimensions.size()), static_cast<int64_t>(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i)
    same("observation_shape[" + std::to_string(i) + "]", dimensions[i], expected[i]);
  same("action_count", loaded.action_count, own.action_count);
  same("state_count", loaded.observation.state_count, own.observation.state_count);
  if (!archive.contains("action_start")) return;  // an older file
  same("action_start", loaded.action_start, own.action_start);
  same("state_start", loaded.state_start, own.state_start);
}

}  // namespace deepq
