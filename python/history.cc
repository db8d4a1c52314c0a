#include "python/history.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <memory>

#include "deepq/train/worlds.h"
#include "python/spaces.h"

namespace deepq::python {

namespace nb = nanobind;

namespace {

using Numbers = nb::ndarray<const float, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

// Of one episode at a time. Observations are the floats of all their parts, in and out.
class History {
 public:
  History(const RunConfig& config, const std::string& id, const ObservationSpace& described, int64_t action_count,
          std::vector<int64_t> action_axes)
      : spec_{.id = id,
              .observation_space = library_space(described),
              .action_count = action_count,
              .action_axes = std::move(action_axes)},
        history_(spec_, history_of(config.env)),
        within_(spec_.observation_space),
        layout_(history_.space()),
        taken_(static_cast<size_t>(within_.row_bytes())),
        row_(static_cast<size_t>(layout_.row_bytes())) {}

  nb::object reset(const Numbers& observation) {
    history_.begin(taken(observation), row_);
    return seen();
  }
  nb::object step(const Numbers& observation, int64_t action, double reward) {
    history_.add(taken(observation), action, reward, row_);
    return seen();
  }
  const ObservationSpace& space() const { return history_.space(); }

 private:
  ObservationRow taken(const Numbers& observation) {
    within_.take_numbers({observation.data(), observation.size()}, taken_);
    return ObservationRow(taken_);
  }
  nb::object seen() const {
    const auto count = static_cast<size_t>(layout_.size());
    auto data = std::make_unique<float[]>(count);
    layout_.put_numbers(ObservationRow(row_), {data.get(), count});
    float* const kept = data.release();
    const nb::capsule owner(kept, [](void* p) noexcept { delete[] static_cast<float*>(p); });
    return nb::cast(nb::ndarray<nb::numpy, float, nb::ndim<1>>(kept, {count}, owner));
  }

  EnvSpec spec_;
  ObservationHistory history_;
  ObservationLayout within_, layout_;
  std::vector<std::byte> taken_, row_;
};

}  // namespace

void bind_history(nb::module_& m) {
  nb::class_<History>(m, "ObservationHistory", "What the agent sees of an episode's observations.")
      .def(nb::init<const RunConfig&, const std::string&, const ObservationSpace&, int64_t, std::vector<int64_t>>(),
           nb::arg("config"), nb::arg("id"), nb::arg("observation_space"), nb::arg("action_count"),
           nb::arg("action_axes"))
      .def("reset", &History::reset, nb::arg("observation"))
      .def("step", &History::step, nb::arg("observation"), nb::arg("action"), nb::arg("reward"))
      .def_prop_ro("observation_space", &History::space);
}

}  // namespace deepq::python
