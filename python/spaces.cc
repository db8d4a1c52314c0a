#include "python/spaces.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace deepq::python {

namespace nb = nanobind;

namespace {

nb::tuple shape_of(const ObservationLeaf& leaf) {
  if (leaf.kind == ObservationKind::kDiscrete) return nb::make_tuple();
  return nb::tuple(nb::cast(leaf.shape));
}

}  // namespace

ObservationSpace library_space(ObservationSpace described) {
  std::vector<ObservationLeaf> leaves = described.leaves();
  for (ObservationLeaf& leaf : leaves)
    if (leaf.shape.empty()) leaf.shape = {1};
  return ObservationSpace(std::move(leaves));
}

void bind_spaces(nb::module_& m) {
  nb::enum_<ObservationKind>(m, "ObservationKind", "What the numbers of a leaf are.")
      .value("REAL", ObservationKind::kReal)
      .value("BYTES", ObservationKind::kBytes)
      .value("DISCRETE", ObservationKind::kDiscrete)
      .value("FRAMES", ObservationKind::kFrames)
      .value("LEGAL", ObservationKind::kLegal);
  nb::class_<ObservationLeaf>(m, "ObservationLeaf", "A part of an observation.")
      .def(
          "__init__",
          [](ObservationLeaf* self, ObservationKind kind, std::vector<int64_t> shape, int64_t count, int64_t start,
             std::string dtype, std::string name) {
            new (self) ObservationLeaf{.kind = kind,
                                       .shape = std::move(shape),
                                       .count = count,
                                       .start = start,
                                       .name = std::move(name),
                                       .dtype = std::move(dtype)};
          },
          nb::arg("kind"), nb::arg("shape"), nb::kw_only(), nb::arg("count") = 0, nb::arg("start") = 0,
          nb::arg("dtype") = "", nb::arg("name") = "")
      .def_ro("kind", &ObservationLeaf::kind)
      .def_ro("name", &ObservationLeaf::name, "Its place among several: 'robot/arm'.")
      .def_prop_ro("shape", &shape_of)
      .def_ro("count", &ObservationLeaf::count, "Of states.")
      .def_ro("start", &ObservationLeaf::start, "What users call the first state.")
      .def_ro("low", &ObservationLeaf::low, "The least that each number may be; empty: not known.")
      .def_ro("high", &ObservationLeaf::high)
      .def_prop_ro("dtype", &ObservationLeaf::numpy_dtype, "Of what users see.")
      .def_prop_ro("holds_bytes", &ObservationLeaf::holds_bytes, "Whether its numbers are whole ones from 0 to 255.");
  nb::class_<ObservationSpace>(m, "ObservationSpace", "What observations are: leaves.")
      .def(nb::init<std::vector<ObservationLeaf>>(), nb::arg("leaves"))
      .def_prop_ro("leaves", &ObservationSpace::leaves)
      .def_prop_ro(
          "seen",
          [](const ObservationSpace& self) {
            return std::vector<ObservationLeaf>(self.seen().begin(), self.seen().end());
          },
          "Those that a network sees: all but legal actions.")
      .def_prop_ro("legal_actions", &ObservationSpace::legal_actions, "Of how many it is said; 0: all are legal.")
      .def_prop_ro(
          "leaf", [](const ObservationSpace& self) { return self.leaf(); }, "The first.");
}

}  // namespace deepq::python
