#include "deepq/env/registry.h"

#include <array>

#include "deepq/core/error.h"
#include "deepq/env/acrobot.h"
#include "deepq/env/cartpole.h"
#include "deepq/env/mountain_car.h"

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

constexpr std::array kEnvironments{
    Entry{"Acrobot-v1", make<Acrobot>},
    Entry{"CartPole-v1", make<CartPole>},
    Entry{"MountainCar-v0", make<MountainCar>},
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
