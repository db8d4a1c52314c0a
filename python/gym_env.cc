#include "python/gym_env.h"

#include <nanobind/stl/string.h>

#include <algorithm>

#include "python/pictures.h"

namespace deepq::python {
namespace {

constexpr int64_t kKeptActions = 1024;
constexpr const char* kResetAllowed = "; allowed: a tuple (observation, info)";
constexpr const char* kStepAllowed = "; allowed: a tuple (observation, reward, terminated, truncated, info)";

void require_tuple(nb::handle result, size_t size, std::string_view function, const char* allowed) {
  if (!PyTuple_Check(result.ptr())) throw Error::of(function, " returned a ", class_name(result), allowed);
  if (nb::len(result) != size) throw Error::of(function, " returned a tuple of ", nb::len(result), allowed);
}

}  // namespace

GymEnv::GymEnv(nb::object description)
    : spec_(description),
      reset_(description.attr("reset")),
      step_(description.attr("step")),
      close_(description.attr("close")),
      render_(nb::getattr(description.attr("world"), "render", nb::none())),
      integer_(nb::module_::import_("numpy").attr("dtype")(spec_.action_dtype).attr("type")),
      actions_(spec_.action_of.is_none() ? static_cast<size_t>(std::min(spec_.env.action_count, kKeptActions)) : 0),
      masks_(description.attr("action_masks")) {
  const ObservationLayout layout(spec_.env.observation_space);
  observation_.resize(static_cast<size_t>(layout.number_bytes()));
  legal_.resize(static_cast<size_t>(layout.legal_words()));
}

GymEnv::~GymEnv() {
  // The objects below must go while the GIL is held, and members are destroyed after this body: hence the resets.
  const nb::gil_scoped_acquire gil;
  try {
    if (!close_.is_none()) close_();
  } catch (nb::python_error& error) {  // nobody is left to tell
    error.discard_as_unraisable(close_);
  }
  actions_.clear();
  integer_.reset();
  reset_.reset();
  step_.reset();
  close_.reset();
  render_.reset();
  masks_.reset();
  spec_.parts.reset();
  spec_.action_of.reset();
}

std::span<const float> GymEnv::reset(std::optional<uint64_t> seed) {
  const nb::gil_scoped_acquire gil;
  call_python([&] {
    // Without a seed the environment goes on with its own generator, as Gymnasium has it.
    const nb::object result = seed ? reset_(nb::arg("seed") = *seed) : reset_();
    require_tuple(result, 2, "reset", kResetAllowed);
    spec_.take_observation(nb::handle(PyTuple_GetItem(result.ptr(), 0)), observation_);
    if (!masks_.is_none())
      spec_.take_legal_actions(masks_(nb::handle(PyTuple_GetItem(result.ptr(), 1))), false, legal_);
  });
  return {};
}

nb::object GymEnv::action_of(int64_t action) {
  // An array of its own each time, as the environment may keep it.
  if (!spec_.action_of.is_none()) return spec_.action_of(action);
  // Python's integers are made when first taken, and kept: a step makes none. Of very many actions the first alone.
  if (action >= kKeptActions) return integer_(spec_.env.action_start + action);
  nb::object& kept = actions_[static_cast<size_t>(action)];
  if (!kept.is_valid()) kept = integer_(spec_.env.action_start + action);
  return kept;
}

Step GymEnv::step(int64_t action) {
  const nb::gil_scoped_acquire gil;
  try {
    return call_python([&] { return take_step(step_(action_of(action))); });
  } catch (const Error& error) {
    throw Error::of(error.what(), "; after action ", spec_.action_text(action));
  }
}

Step GymEnv::take_step(nb::handle result) {
  require_tuple(result, 5, "step", kStepAllowed);
  const auto item = [&](Py_ssize_t i) { return nb::handle(PyTuple_GetItem(result.ptr(), i)); };
  spec_.take_observation(item(0), observation_);
  const Step step{.observation = {},
                  .reward = take_number(item(1), "the reward"),
                  .terminated = take_flag(item(2), "terminated"),
                  .truncated = take_flag(item(3), "truncated")};
  // Behind a true end, where nothing need be legal, nobody is asked.
  if (!masks_.is_none())
    spec_.take_legal_actions(step.terminated ? nb::object(nb::none()) : masks_(item(4)), step.terminated, legal_);
  return step;
}

Picture GymEnv::picture() const {
  const nb::gil_scoped_acquire gil;
  if (render_.is_none()) return {};
  return call_python([&] { return picture_of_array(render_()); });
}

EnvFactory gym_factory(nb::object make) {
  return [make = share(std::move(make))]() -> std::unique_ptr<Env> {
    const nb::gil_scoped_acquire gil;
    return call_python([&] { return std::make_unique<GymEnv>(make->get()()); });
  };
}

}  // namespace deepq::python
