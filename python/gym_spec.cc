#include "python/gym_spec.h"

#include <nanobind/stl/string.h>

#include <algorithm>

#include "python/spaces.h"

namespace deepq::python {
GymSpec::GymSpec(nb::handle description) {
  const auto number = [&](const char* name) { return nb::cast<int64_t>(description.attr(name)); };
  env.id = nb::cast<std::string>(description.attr("id"));
  const auto described = nb::cast<ObservationSpace>(description.attr("observation_space"));
  shape = described.shape();
  env.observation_space = library_space(described);
  env.action_count = number("action_count");
  if (!description.attr("action_masks").is_none())
    env.observation_space = env.observation_space.with_legal_actions(env.action_count);
  env.action_start = number("action_start");
  action_dtype = nb::cast<std::string>(description.attr("action_dtype"));
  env.max_episode_steps = number("max_episode_steps");
  env.memory_bytes = number("memory_bytes");
  env.seed_width = SeedWidth::k31;  // all that NumPy's old generators and most simulators take
  env.side_by_side = false;         // an object of Python's may be dear, or one and the same each time
  if (const nb::object solved = description.attr("solved_return"); !solved.is_none()) {
    env.solved_return = nb::cast<double>(solved);
    env.has_solved_return = true;
  }
  check_spec(env);
}

void GymSpec::take_observation(nb::handle observation, std::span<std::byte> to) const {
  // A state comes as a whole number from the leaf's start on and is kept as an index from 0.
  if (env.observation_space.states() > 0)
    numbers<int64_t>(to)[0] = take_whole_number(observation, states(), "the observation");
  else if (env.observation_space.holds_bytes())
    copy_bytes(observation, shape, numbers<uint8_t>(to), "the observation");
  else
    copy_array(observation, shape, numbers<float>(to), "the observation");
}

void GymSpec::take_legal_actions(nb::handle mask, bool terminated, std::span<uint64_t> bits) const {
  if (!mask.is_none()) return copy_mask(mask, env.action_count, bits, "the action mask");
  if (!terminated) throw Error("there is no action mask; allowed: info['action_mask'] of every state but a true end");
  std::ranges::fill(bits, 0);
}

}  // namespace deepq::python
