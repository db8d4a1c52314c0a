#include "deepq/env/env.h"

#include <tuple>

#include "deepq/core/error.h"
#include "deepq/core/states.h"

namespace deepq {
namespace {

constexpr int64_t kMostActions = int64_t{1} << 20;  // that an agent is loaded with; far above any network's outputs

// "observations of 4 and 2 actions", "5 states from -1 and 2 actions"
std::string spaces_text(const EnvSpec& spec) {
  return spec.observation_space.text() + " and " + spec.actions().text() +
         (spec.action_start == 0 ? "" : " from " + std::to_string(spec.action_start));
}

}  // namespace

bool Env::serialize(Archive&) { return false; }

void check_spec(const EnvSpec& spec) {
  const auto refuse = [&](std::string_view what, int64_t value, std::string_view allowed) {
    throw Error::of("environment '", spec.id, "': ", what, " is ", value, "; allowed: ", allowed);
  };
  if (spec.id.empty()) throw Error("its id is empty; allowed: any other text");
  if (spec.action_count < 1) refuse("action_count", spec.action_count, "at least 1");
  if (spec.action_axes.empty() && spec.action_count > kMostActions)
    refuse("action_count", spec.action_count, "at most 1048576");
  const ActionSpace actions = [&] {
    try {
      return spec.actions();
    } catch (const Error& error) {
      throw Error::of("environment '", spec.id, "': ", error.what());
    }
  }();
  if (actions.count() != spec.action_count)
    refuse("action_count", spec.action_count, std::to_string(actions.count()) + ", the product of its axes");
  if (!actions.is_single() && spec.action_start != 0)
    refuse("action_start", spec.action_start, "0 with actions on several axes");
  const int64_t most_start = largest_start(spec.action_count);
  if (spec.action_start > most_start)
    throw Error::of("environment '", spec.id, "': action_start is ", spec.action_start, " with ", spec.action_count,
                    " numbers from there on; allowed: up to ", most_start, ", as the last must be below 2^63");
  if (spec.max_episode_steps < 0) refuse("max_episode_steps", spec.max_episode_steps, "at least 0");
  spec.observation_space.check("environment '" + spec.id + "': ");
  const int64_t legal = spec.observation_space.legal_actions();
  if (legal > 0 && legal != actions.values())
    refuse("the number of actions of which it says whether they are legal", legal, std::to_string(actions.values()));
}

bool of_one_kind(const EnvSpec& one, const EnvSpec& other) {
  const auto facts = [](const EnvSpec& spec) {
    return std::tie(spec.id, spec.observation_space, spec.action_count, spec.action_axes, spec.max_episode_steps,
                    spec.action_start);
  };
  return facts(one) == facts(other);
}

void require_same_spaces(const EnvSpec& world, const EnvSpec& trained, std::string_view what) {
  if (!world.observation_space.takes_same(trained.observation_space) || world.actions() != trained.actions() ||
      world.action_start != trained.action_start)
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

EnvFactory worlds_in(Arithmetic arithmetic, EnvFactory make) {
  if (!make || arithmetic == Arithmetic::kFast) return make;
  return [arithmetic, make = std::move(make)] {
    std::unique_ptr<Env> world = make();
    if (world) world->compute_in(arithmetic);
    return world;
  };
}

}  // namespace deepq
