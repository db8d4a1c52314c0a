#include "python/gym_spec.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "deepq/core/finite.h"
#include "python/spaces.h"

namespace deepq::python {
GymSpec::GymSpec(nb::handle description) {
  const auto number = [&](const char* name) { return nb::cast<int64_t>(description.attr(name)); };
  env.id = nb::cast<std::string>(description.attr("id"));
  const auto described = nb::cast<ObservationSpace>(description.attr("observation_space"));
  leaves = described.leaves();
  parts = description.attr("parts");
  env.observation_space = library_space(described);
  env.observation_space.check("environment '" + env.id + "': ");
  layout = ObservationLayout(env.observation_space);
  env.action_count = number("action_count");
  env.action_axes = nb::cast<std::vector<int64_t>>(description.attr("action_axes"));
  action_of = description.attr("action_of");
  if (!description.attr("action_masks").is_none())
    env.observation_space = env.observation_space.with_legal_actions(env.actions().values());
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

std::string GymSpec::name_of(size_t leaf, std::string_view what) const {
  std::string text(what);
  if (!leaves[leaf].name.empty()) text += " '" + leaves[leaf].name + "'";
  return text;
}

std::optional<NotAllowed> GymSpec::take_leaf(size_t leaf, nb::handle array, std::optional<int64_t> count,
                                             std::span<std::byte> to, std::string_view what) const {
  const ObservationLeaf& one = leaves[leaf];
  // A state comes as a whole number from the leaf's start on and is kept as an index from 0.
  if (const WholeNumbers states{one.start, one.count}; one.count > 0) {
    if (count) return copy_whole_numbers(array, states, numbers<int64_t>(to), what);
    numbers<int64_t>(to)[0] = take_whole_number(array, states, what);
    return std::nullopt;
  }
  std::vector<int64_t> shape = one.shape;
  if (count) shape.insert(shape.begin(), *count);
  if (one.holds_bytes())
    copy_bytes(array, shape, numbers<uint8_t>(to), what);
  else
    copy_array(array, shape, numbers<float>(to), what);
  return std::nullopt;
}

void GymSpec::take_observation(nb::handle observation, std::span<std::byte> to) const {
  if (parts.is_none()) {
    take_leaf(0, observation, std::nullopt, layout.leaf(to, 0), "the observation");
    return;
  }
  const nb::object list = parts(observation);
  for (size_t i = 0; i < leaves.size(); ++i) {
    const std::span<std::byte> part = layout.leaf(to, i);
    take_leaf(i, nb::object(list[i]), std::nullopt, part, name_of(i));
    if (leaves[i].kind == ObservationKind::kReal && !all_finite(numbers<float>(part)))
      throw Error::of("'", leaves[i].name, "': ", not_finite_text(numbers<float>(part)));
  }
}

std::string GymSpec::action_text(int64_t action) const {
  const ActionSpace actions = env.actions();
  if (actions.is_single()) return std::to_string(env.action_start + action);
  std::string text;
  actions.visit_choices(
      action, [&](size_t axis, int64_t, int64_t choice) { text += (axis == 0 ? "[" : ", ") + std::to_string(choice); });
  return text + "]";
}

void GymSpec::take_legal_actions(nb::handle mask, bool terminated, std::span<uint64_t> bits) const {
  if (!mask.is_none()) return copy_mask(mask, env.observation_space.legal_actions(), bits, "the action mask");
  if (!terminated) throw Error("there is no action mask; allowed: info['action_mask'] of every state but a true end");
  std::ranges::fill(bits, 0);
}

}  // namespace deepq::python
