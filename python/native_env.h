// One of the library's own environments for Python to play in: deepq._deepq.NativeEnv.
#pragma once

#include <nanobind/nanobind.h>

namespace deepq::python {

void bind_native_env(nanobind::module_& m);

}  // namespace deepq::python
