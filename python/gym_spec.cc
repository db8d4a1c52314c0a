#include "python/gym_spec.h"

#include <nanobind/stl/string.h>

#include "python/spaces.h"

namespace deepq::python {
GymSpec::GymSpec(nb::handle description) {
  const auto number = [&](const char* name) { return nb::cast<int64_t>(description.attr(name)); };
  env.id = nb::cast<std::string>(description.attr("id"));
  const auto described = nb::cast<ObservationSpace>(description.attr("observation_space"));
  shape = described.shape();
  env.observation_space = library_space(described);
  env.action_count = number("action_count");
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

void GymSpec::take_observation(nb::handle observation, std::span<std::byte> row) const {
  // A state comes as a whole number from the leaf's start on and is kept as an index from 0.
  if (env.observation_space.states() > 0)
    numbers<int64_t>(row)[0] = take_whole_number(observation, states(), "the observation");
  else if (env.observation_space.holds_bytes())
    copy_bytes(observation, shape, numbers<uint8_t>(row), "the observation");
  else
    copy_array(observation, shape, numbers<float>(row), "the observation");
}

}  // namespace deepq::python
