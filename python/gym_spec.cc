#include "python/gym_spec.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace deepq::python {
namespace {

ObservationSpace take_space(nb::handle description, const std::vector<int64_t>& shape) {
  const auto number = [&](const char* name) { return nb::cast<int64_t>(description.attr(name)); };
  // As deepq/_description.py has it: 0 where an environment has no stack of frames, or no states.
  const int64_t stack = number("frame_stack"), states = number("state_count");
  ObservationLeaf leaf{.kind = states != 0                                             ? ObservationKind::kDiscrete
                               : stack != 0                                            ? ObservationKind::kFrames
                               : nb::cast<bool>(description.attr("byte_observations")) ? ObservationKind::kBytes
                                                                                       : ObservationKind::kReal,
                       .shape = shape.empty() ? std::vector<int64_t>{1} : shape,
                       .count = states,
                       .start = number("state_start"),
                       .dtype = nb::cast<std::string>(description.attr("observation_dtype"))};
  return ObservationSpace({std::move(leaf)});
}

}  // namespace

GymSpec::GymSpec(nb::handle description) {
  const auto number = [&](const char* name) { return nb::cast<int64_t>(description.attr(name)); };
  env.id = nb::cast<std::string>(description.attr("id"));
  shape = nb::cast<std::vector<int64_t>>(description.attr("shape"));
  env.observation_space = take_space(description, shape);
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
  // A state comes as a whole number from `state_start` on and is kept as an index from 0.
  if (env.observation_space.states() > 0)
    numbers<int64_t>(row)[0] = take_whole_number(observation, states(), "the observation");
  else if (env.observation_space.holds_bytes())
    copy_bytes(observation, shape, numbers<uint8_t>(row), "the observation");
  else
    copy_array(observation, shape, numbers<float>(row), "the observation");
}

}  // namespace deepq::python
