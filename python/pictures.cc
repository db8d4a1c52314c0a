#include "python/pictures.h"

#include <nanobind/ndarray.h>

#include <algorithm>

namespace deepq::python {

namespace nb = nanobind;

nb::object picture_array(Picture picture) {
  if (picture.empty()) return nb::none();
  auto* const data = new uint8_t[picture.rgb.size()];
  std::ranges::copy(picture.rgb, data);
  const nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<uint8_t*>(p); });
  const auto height = static_cast<size_t>(picture.height), width = static_cast<size_t>(picture.width);
  return nb::cast(nb::ndarray<nb::numpy, uint8_t, nb::ndim<3>>(data, {height, width, 3}, owner));
}

Picture picture_of_array(nb::handle array) {
  const nb::module_ numpy = nb::module_::import_("numpy");
  if (!nb::isinstance(array, numpy.attr("ndarray"))) return {};
  const nb::object whole = numpy.attr("ascontiguousarray")(array, "uint8");
  nb::ndarray<const uint8_t, nb::ndim<3>, nb::c_contig, nb::device::cpu> pixels;
  if (!nb::try_cast(whole, pixels) || pixels.shape(2) != 3) return {};
  return {static_cast<int>(pixels.shape(1)),
          static_cast<int>(pixels.shape(0)),
          {pixels.data(), pixels.data() + pixels.size()}};
}

}  // namespace deepq::python
