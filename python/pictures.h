// Pictures of environments as NumPy's arrays [height, width, 3], and the reverse.
#pragma once

#include <nanobind/nanobind.h>

#include "deepq/env/picture.h"

namespace deepq::python {

// None of none.
nanobind::object picture_array(Picture picture);

// Empty of what is no such array: None, a text, a list of pictures.
Picture picture_of_array(nanobind::handle array);

}  // namespace deepq::python
