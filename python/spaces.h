// What observations are (core/observation_space.h), for Python: ObservationKind, ObservationLeaf, ObservationSpace. One
// thing differs: there the shape of a single number is (), as Gymnasium has it, of states always and of a Box where it
// was said so; here it is {1}.
#pragma once

#include <nanobind/nanobind.h>

#include "deepq/core/observation_space.h"

namespace deepq::python {

void bind_spaces(nanobind::module_& m);

// The library's own, of one that Python's part has described.
ObservationSpace library_space(ObservationSpace described);

}  // namespace deepq::python
