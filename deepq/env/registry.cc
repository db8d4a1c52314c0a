#include "deepq/env/registry.h"

#include <algorithm>
#include <array>

#include "deepq/core/error.h"
#include "deepq/env/acrobot.h"
#include "deepq/env/cartpole.h"
#include "deepq/env/cliff_walking.h"
#include "deepq/env/frozen_lake.h"
#include "deepq/env/grid_world.h"
#include "deepq/env/line_game.h"
#include "deepq/env/minatar.h"
#include "deepq/env/mountain_car.h"
#include "deepq/env/near_ids.h"
#include "deepq/env/sync_vector_env.h"
#include "deepq/env/t_maze.h"
#include "deepq/env/taxi.h"

namespace deepq {
namespace {

struct Entry {
  std::string_view id;
  std::string_view section;  // of the options, by its name; "" for none
  std::unique_ptr<Env> (*make)(const EnvOptions& options);
};

template <class T>
std::unique_ptr<Env> make(const EnvOptions&) {
  return std::make_unique<T>();
}

// With its section of the options, and what else its constructor takes.
template <class T, auto kSection, auto... kMore>
std::unique_ptr<Env> make_with(const EnvOptions& options) {
  return std::make_unique<T>(options.*kSection, kMore...);
}

template <auto make_game, minatar::ActionSet kActionSet>
std::unique_ptr<Env> make_minatar(const EnvOptions& options) {
  return std::make_unique<minatar::GameEnv>(make_game(options.minatar.difficulty_ramping), kActionSet,
                                            options.minatar.sticky_action_probability);
}

using minatar::ActionSet;

constexpr std::array kEnvironments{
    Entry{"Acrobot-v1", "", make<Acrobot>},
    Entry{"CartPole-v1", "cartpole", make_with<CartPole, &EnvOptions::cartpole>},
    Entry{"CliffWalking-v1", "cliff_walking", make_with<CliffWalking, &EnvOptions::cliff_walking>},
    Entry{"CliffWalkingSlippery-v1", "cliff_walking",
          make_with<CliffWalking, &EnvOptions::cliff_walking, CliffWalking::Variant::kSlippery>},
    Entry{"ConnectFour-v0", "line_game", make_with<ConnectFour, &EnvOptions::line_game>},
    Entry{"FrozenLake-v1", "frozen_lake", make_with<FrozenLake, &EnvOptions::frozen_lake>},
    Entry{"FrozenLake8x8-v1", "frozen_lake",
          make_with<FrozenLake, &EnvOptions::frozen_lake, FrozenLake::Variant::kFrozenLake8x8>},
    Entry{"GridWorld-v0", "grid_world", make_with<GridWorld, &EnvOptions::grid_world>},
    Entry{"MinAtar/Asterix-v0", "minatar", make_minatar<minatar::make_asterix, ActionSet::kAll>},
    Entry{"MinAtar/Asterix-v1", "minatar", make_minatar<minatar::make_asterix, ActionSet::kMinimal>},
    Entry{"MinAtar/Breakout-v0", "minatar", make_minatar<minatar::make_breakout, ActionSet::kAll>},
    Entry{"MinAtar/Breakout-v1", "minatar", make_minatar<minatar::make_breakout, ActionSet::kMinimal>},
    Entry{"MinAtar/Freeway-v0", "minatar", make_minatar<minatar::make_freeway, ActionSet::kAll>},
    Entry{"MinAtar/Freeway-v1", "minatar", make_minatar<minatar::make_freeway, ActionSet::kMinimal>},
    Entry{"MinAtar/Seaquest-v0", "minatar", make_minatar<minatar::make_seaquest, ActionSet::kAll>},
    Entry{"MinAtar/Seaquest-v1", "minatar", make_minatar<minatar::make_seaquest, ActionSet::kMinimal>},
    Entry{"MinAtar/SpaceInvaders-v0", "minatar", make_minatar<minatar::make_space_invaders, ActionSet::kAll>},
    Entry{"MinAtar/SpaceInvaders-v1", "minatar", make_minatar<minatar::make_space_invaders, ActionSet::kMinimal>},
    Entry{"MountainCar-v0", "", make<MountainCar>},
    Entry{"Taxi-v3", "taxi", make_with<Taxi, &EnvOptions::taxi, Taxi::Variant::kV3>},
    Entry{"Taxi-v4", "taxi", make_with<Taxi, &EnvOptions::taxi>},
    Entry{"TicTacToe-v0", "line_game", make_with<TicTacToe, &EnvOptions::line_game>},
    Entry{"TMaze-v0", "t_maze", make_with<TMaze, &EnvOptions::t_maze>},
};

// The one piece of mutable state: which program this is.
EnvSource& env_source() {
  static EnvSource source;
  return source;
}

const Entry* find_entry(std::string_view id) {
  for (const Entry& entry : kEnvironments)
    if (entry.id == id) return &entry;
  return nullptr;
}

// What deepq.DQN calls a world that no id makes: "Flip(CartPole-v1)".
bool is_made_of_others(std::string_view id) { return id.ends_with(')'); }

// A class of the user's own may be of either language.
[[noreturn]] void refuse_object(std::string_view id) {
  throw Error::of(
      "unknown environment '", id, "': it was ",
      is_made_of_others(id) ? "" : "made by a program in C++, where resume_run(options, env) goes on with it, or ",
      "an object of Python's, which no id makes; there it is given again: deepq.DQN.load(PATH, env=...)");
}

[[noreturn]] void refuse(std::string_view id) {
  if (is_made_of_others(id)) refuse_object(id);
  const std::vector<std::string> own = env_ids();
  std::vector<std::string> all = own;
  for (std::string& other : other_env_ids()) all.push_back(std::move(other));
  throw Error::of("unknown environment '", id, "'", advice_on_env(id, all, has_env_source()), "; allowed: ", join(own),
                  all.size() > own.size() ? ", and " + std::to_string(all.size() - own.size()) + " others" : "");
}

// Empty for an unknown id.
EnvFactory look_up(std::string_view id, const EnvOptions& options) {
  if (const Entry* entry = find_entry(id)) {
    entry->make(options);  // so that a refusal comes now
    return [make = entry->make, options] { return make(options); };
  }
  return env_source().find ? env_source().find(std::string(id), options) : EnvFactory{};
}

// "CartPole-v1", and not a class's name.
bool has_version(std::string_view id) {
  const size_t at = id.rfind("-v");
  return at != std::string_view::npos && at + 2 < id.size() &&
         id.find_first_not_of("0123456789", at + 2) == std::string_view::npos;
}

}  // namespace

std::vector<std::string> env_ids() {
  std::vector<std::string> ids;
  for (const Entry& entry : kEnvironments) ids.emplace_back(entry.id);
  return ids;
}

bool is_env_id(std::string_view id) { return find_entry(id) != nullptr; }

std::string_view env_section(std::string_view id) {
  if (const Entry* entry = find_entry(id)) return entry->section;
  if (id.starts_with("ALE/")) return "atari";
  const std::vector<std::string> others = other_env_ids();
  // "module:Id" is Gymnasium's way to name a package that registers the id.
  const std::string_view name = id.substr(id.find(':') == id.npos ? 0 : id.find(':') + 1);
  if (std::find(others.begin(), others.end(), name) != others.end()) return "gymnasium";
  refuse(id);
}

std::vector<std::string> other_env_ids() { return env_source().ids ? env_source().ids() : std::vector<std::string>{}; }

bool has_env_source() { return static_cast<bool>(env_source().find); }

void set_env_source(EnvSource source) { env_source() = std::move(source); }

EnvFactory find_env(std::string_view id, const EnvOptions& options) {
  EnvFactory found = look_up(id, options);
  if (!found) refuse(id);
  return found;
}

EnvFactory find_run_env(std::string_view id, const EnvOptions& options) {
  EnvFactory found = look_up(id, options);
  if (!found && !has_version(id)) refuse_object(id);
  if (!found) refuse(id);
  return found;
}

std::unique_ptr<VectorEnv> make_vector_env(std::string_view id, const EnvOptions& options, const VectorPlan& plan) {
  if (!find_entry(id) && env_source().find_vector)
    if (auto vector = env_source().find_vector(std::string(id), options, plan)) return vector;
  return std::make_unique<SyncVectorEnv>(worlds_in(plan.arithmetic, find_env(id, options)), plan.count, plan.run_seed,
                                         plan.max_episode_steps);
}

}  // namespace deepq
