// The arrays of NumPy's .npz archives as doubles: what other libraries log in them is a few numbers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace deepq::compare {

struct NpyArray {
  std::vector<int64_t> shape;
  std::vector<double> values;  // row by row
};

// As parse_npz (core/npz.h), without what is no array of numbers.
std::map<std::string, NpyArray> read_npz(std::string_view bytes, const std::string& source);

}  // namespace deepq::compare
