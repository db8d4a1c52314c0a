// What observations have of what came before (env/history.h), for whoever plays in a world of Python's by hand:
// deepq._deepq.ObservationHistory.
#pragma once

#include <nanobind/nanobind.h>

namespace deepq::python {

void bind_history(nanobind::module_& m);

}  // namespace deepq::python
