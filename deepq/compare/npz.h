// NumPy's .npz archives, as numpy.savez writes them: a zip file whose members are stored, not compressed, each an .npy
// array of numbers (numpy/lib/format.py; PKWARE's APPNOTE.TXT). Nothing in a file indexes or sizes before it is
// checked.
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

// The arrays by their names, without ".npy"; those of text or objects are left out. Throws deepq::Error with `source`
// for a compressed archive (numpy.savez_compressed) and for a damaged one.
std::map<std::string, NpyArray> read_npz(std::string_view bytes, const std::string& source);

}  // namespace deepq::compare
