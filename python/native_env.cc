#include "python/native_env.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <algorithm>

#include "deepq/config/run_config.h"
#include "deepq/core/error.h"
#include "deepq/env/registry.h"
#include "python/pictures.h"

namespace nb = nanobind;

namespace deepq::python {
namespace {

class NativeEnv {
 public:
  explicit NativeEnv(const RunConfig& config) : env_(find_env(config.env.id, config.env_options)()) {}

  nb::object reset(std::optional<uint64_t> seed) {
    plays_ = true;
    return array_of(env_->reset(seed));
  }

  // (observation, reward, terminated, truncated)
  nb::tuple step(int64_t action) {
    if (!plays_) throw Error::of("environment '", spec().id, "': the episode is over; allowed: reset()");
    if (action < 0 || action >= spec().action_count)
      throw Error::of("environment '", spec().id, "': the action is ", action, "; allowed: 0 to ",
                      spec().action_count - 1);
    const Step step = env_->step(action);
    plays_ = !step.terminated && !step.truncated;
    return nb::make_tuple(array_of(step.observation), step.reward, step.terminated, step.truncated);
  }

  // An array of 1 and 0; None where all actions are legal, always.
  nb::object action_mask() const {
    const auto count = static_cast<size_t>(spec().observation_space.legal_actions());
    if (count == 0) return nb::none();
    const LegalActions legal = env_->legal_actions();
    auto* const data = new int8_t[count];
    for (size_t a = 0; a < count; ++a) data[a] = legal(a);
    const nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<int8_t*>(p); });
    return nb::cast(nb::ndarray<nb::numpy, int8_t, nb::ndim<1>>(data, {count}, owner));
  }

  std::string text() const { return env_->render_text(); }
  nb::object picture() const { return picture_array(env_->picture()); }
  const EnvSpec& spec() const { return env_->spec(); }

 private:
  static nb::object array_of(std::span<const float> numbers) {
    // A copy: the environment writes over its own at the next step.
    auto* const data = new float[numbers.size()];
    std::ranges::copy(numbers, data);
    const nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<float*>(p); });
    return nb::cast(nb::ndarray<nb::numpy, float, nb::ndim<1>>(data, {numbers.size()}, owner));
  }

  std::unique_ptr<Env> env_;
  bool plays_ = false;
};

}  // namespace

void bind_native_env(nb::module_& m) {
  nb::class_<NativeEnv>(m, "NativeEnv", "One of the library's own environments, to play in.")
      .def(nb::init<const RunConfig&>(), nb::arg("config"))
      .def("reset", &NativeEnv::reset, nb::arg("seed").none() = nb::none())
      .def("step", &NativeEnv::step, nb::arg("action"))
      .def("action_mask", &NativeEnv::action_mask, "Which actions are legal now; None: all, always.")
      .def("text", &NativeEnv::text, "The present state, as lines of text.")
      .def("picture", &NativeEnv::picture, "The present state, [height, width, 3]; None where there is no picture.")
      .def_prop_ro(
          "solved_return",
          [](const NativeEnv& self) {
            return self.spec().has_solved_return ? std::optional(self.spec().solved_return) : std::nullopt;
          },
          "Of 100 episodes; None where it has none.")
      .def_prop_ro("id", [](const NativeEnv& self) { return self.spec().id; })
      .def_prop_ro("observation_space", [](const NativeEnv& self) { return self.spec().observation_space; })
      .def_prop_ro("action_count", [](const NativeEnv& self) { return self.spec().action_count; })
      .def_prop_ro("max_episode_steps", [](const NativeEnv& self) { return self.spec().max_episode_steps; });
}

}  // namespace deepq::python
