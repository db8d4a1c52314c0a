#include "deepq/env/registry.h"

#include <array>

#include "deepq/core/error.h"
#include "deepq/env/cartpole.h"
#include "deepq/env/minatar.h"

namespace deepq {
namespace {

struct Entry {
  std::string_view id;
  std::unique_ptr<Env> (*make)(const EnvOptions& options);
};

template <class T>
std::unique_ptr<Env> make(const EnvOptions&) {
  return std::make_unique<T>();
}

template <auto make_game, minatar::ActionSet kActionSet>
std::unique_ptr<Env> make_minatar(const EnvOptions& options) {
  return std::make_unique<minatar::GameEnv>(make_game(options.minatar.difficulty_ramping), kActionSet,
                                            options.minatar.sticky_action_probability);
}

using minatar::ActionSet;

constexpr std::array kEnvironments{
    Entry{"CartPole-v1", make<CartPole>},
    Entry{"MinAtar/Asterix-v0", make_minatar<minatar::make_asterix, ActionSet::kAll>},
    Entry{"MinAtar/Asterix-v1", make_minatar<minatar::make_asterix, ActionSet::kMinimal>},
    Entry{"MinAtar/Breakout-v0", make_minatar<minatar::make_breakout, ActionSet::kAll>},
    Entry{"MinAtar/Breakout-v1", make_minatar<minatar::make_breakout, ActionSet::kMinimal>},
    Entry{"MinAtar/Freeway-v0", make_minatar<minatar::make_freeway, ActionSet::kAll>},
    Entry{"MinAtar/Freeway-v1", make_minatar<minatar::make_freeway, ActionSet::kMinimal>},
    Entry{"MinAtar/Seaquest-v0", make_minatar<minatar::make_seaquest, ActionSet::kAll>},
    Entry{"MinAtar/Seaquest-v1", make_minatar<minatar::make_seaquest, ActionSet::kMinimal>},
    Entry{"MinAtar/SpaceInvaders-v0", make_minatar<minatar::make_space_invaders, ActionSet::kAll>},
    Entry{"MinAtar/SpaceInvaders-v1", make_minatar<minatar::make_space_invaders, ActionSet::kMinimal>},
};

}  // namespace

std::vector<std::string> env_ids() {
  std::vector<std::string> ids;
  for (const Entry& entry : kEnvironments) ids.emplace_back(entry.id);
  return ids;
}

EnvFactory find_env(std::string_view id, const EnvOptions& options) {
  for (const Entry& entry : kEnvironments) {
    if (entry.id != id) continue;
    entry.make(options);  // so that a refusal comes now
    return [make = entry.make, options] { return make(options); };
  }
  const std::vector<std::string> ids = env_ids();
  throw Error::of("unknown environment '", id, "'; allowed: ", join(ids), did_you_mean(id, ids));
}

}  // namespace deepq
