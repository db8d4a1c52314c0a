// Copies of one of the library's own environments, stepped together for Python: deepq._deepq.NativeVector, which
// deepq.envs makes a gymnasium.vector environment of.
#pragma once

#include <nanobind/nanobind.h>

namespace deepq::python {

void bind_native_vector(nanobind::module_& m);

}  // namespace deepq::python
