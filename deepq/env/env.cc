#include "deepq/env/env.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "deepq/core/error.h"
#include "deepq/core/states.h"

namespace deepq {
namespace {

// Far above any real observation (9,000 stacks of four 84 x 84 frames), far below what would overflow a size.
constexpr int64_t kMaxObservationSize = int64_t{1} << 28;
constexpr int64_t kMostActions = int64_t{1} << 20;  // that an agent is loaded with; far above any network's outputs

// "observations of 4 and 2 actions", "5 states from -1 and 2 actions"
std::string spaces_text(const EnvSpec& spec) {
  std::vector<std::string> sizes;
  for (const int64_t size : spec.observation_shape) sizes.push_back(std::to_string(size));
  const auto from = [](int64_t start) { return start == 0 ? "" : " from " + std::to_string(start); };
  return (spec.state_count > 0 ? std::to_string(spec.state_count) + " states" + from(spec.state_start)
                               : "observations of " + join(sizes, "x")) +
         " and " + std::to_string(spec.action_count) + " actions" + from(spec.action_start);
}

}  // namespace

bool Env::serialize(Archive&) { return false; }

void check_spec(const EnvSpec& spec) {
  const auto refuse = [&](std::string_view what, int64_t value, std::string_view allowed) {
    throw Error::of("environment '", spec.id, "': ", what, " is ", value, "; allowed: ", allowed);
  };
  const auto check_start = [&](std::string_view what, int64_t start, int64_t count) {
    const int64_t most = std::numeric_limits<int64_t>::max() - std::max<int64_t>(0, count - 1);
    if (start > most)
      throw Error::of("environment '", spec.id, "': ", what, " is ", start, " with ", count,
                      " numbers from there on; allowed: up to ", most, ", as the last must be below 2^63");
  };
  if (spec.id.empty()) throw Error("its id is empty; allowed: any other text");
  if (spec.action_count < 1) refuse("action_count", spec.action_count, "at least 1");
  if (spec.action_count > kMostActions) refuse("action_count", spec.action_count, "at most 1048576");
  check_start("action_start", spec.action_start, spec.action_count);
  if (spec.max_episode_steps < 0) refuse("max_episode_steps", spec.max_episode_steps, "at least 0");
  if (spec.observation_shape.empty()) refuse("the number of observation_shape's dimensions", 0, "at least 1");
  int64_t size = 1;
  for (const int64_t dimension : spec.observation_shape) {
    if (dimension < 1) refuse("a dimension of observation_shape", dimension, "at least 1");
    if (dimension > kMaxObservationSize / size) refuse("a dimension of observation_shape", dimension, "2^28 in all");
    size *= dimension;
  }
  if (spec.state_count < 0 || spec.state_count > kMostStates)
    refuse("the number of states", spec.state_count, "0 to 16777216, the whole numbers that a float32 tells apart");
  if (spec.state_count > 0 && size != 1) refuse("the size of an observation that is a state", size, "1");
  check_start("state_start", spec.state_start, spec.state_count);
  if (spec.frame_stack < 0) refuse("frame_stack", spec.frame_stack, "at least 0");
  if (spec.frame_stack == 0) return;
  if (spec.observation_shape[0] != spec.frame_stack)
    refuse("frame_stack", spec.frame_stack, "0, or observation_shape's first dimension");
  if (!spec.byte_observations) refuse("frame_stack", spec.frame_stack, "0 where byte_observations is false");
}

bool of_one_kind(const EnvSpec& one, const EnvSpec& other) {
  const auto facts = [](const EnvSpec& spec) {
    return std::tie(spec.id, spec.observation_shape, spec.action_count, spec.max_episode_steps, spec.state_count,
                    spec.action_start, spec.state_start, spec.byte_observations, spec.frame_stack);
  };
  return facts(one) == facts(other);
}

void require_same_spaces(const EnvSpec& world, const EnvSpec& trained, std::string_view what) {
  const auto facts = [](const EnvSpec& spec) {
    return std::tie(spec.observation_shape, spec.state_count, spec.state_start, spec.action_count, spec.action_start);
  };
  if (facts(world) != facts(trained))
    throw Error::of(what, ", ", world.id, ", has ", spaces_text(world), "; allowed: as in training, ",
                    spaces_text(trained));
}

EnvFactory worlds_for(const EnvSpec& trained, EnvFactory make) {
  if (!make) return make;
  return [trained, make = std::move(make)] {
    std::unique_ptr<Env> world = make();
    if (world) require_same_spaces(world->spec(), trained, "the environment to evaluate on");
    return world;
  };
}

}  // namespace deepq
