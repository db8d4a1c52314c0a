// While one lives, this thread's denormal floats count as zero, in fast arithmetic: not all machines can do so, and not
// all of them alike, so that strict kernels see to it themselves where it matters (without_denormals). The moments of a
// dead ReLU unit decay below 1e-38 within some thousand updates, and each operation on such a number costs 100 cycles:
// Adam was seen 12 times slower.
#pragma once

#include <cstdint>

#include "deepq/core/arithmetic.h"

namespace deepq {

class FlushDenormals {
 public:
  explicit FlushDenormals(Arithmetic arithmetic);
  ~FlushDenormals();
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
  uint64_t before_ = 0;  // the register that says so
};

}  // namespace deepq
