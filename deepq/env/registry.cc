#include "deepq/env/registry.h"

#include <array>

#include "deepq/core/error.h"
#include "deepq/env/cartpole.h"

namespace deepq {
namespace {

struct Entry {
  std::string_view id;
  std::unique_ptr<Env> (*make)();
};

template <class T>
std::unique_ptr<Env> make() {
  return std::make_unique<T>();
}

constexpr std::array kEnvironments{
    Entry{"CartPole-v1", make<CartPole>},
};

}  // namespace

std::vector<std::string> env_ids() {
  std::vector<std::string> ids;
  for (const Entry& entry : kEnvironments) ids.emplace_back(entry.id);
  return ids;
}

EnvFactory find_env(std::string_view id) {
  for (const Entry& entry : kEnvironments)
    if (entry.id == id) return entry.make;
  const std::vector<std::string> ids = env_ids();
  throw Error::of("unknown environment '", id, "'; allowed: ", join(ids), did_you_mean(id, ids));
}

}  // namespace deepq
