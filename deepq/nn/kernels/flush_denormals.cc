#include "deepq/nn/kernels/flush_denormals.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace deepq {

#if defined(__SSE2__)
FlushDenormals::FlushDenormals() : before_(_mm_getcsr()) {
  // Bits 15 and 6 of MXCSR: results, and operands, that are denormal count as 0.
  constexpr uint32_t kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
  _mm_setcsr(before_ | kFlushToZero | kDenormalsAreZero);
}
FlushDenormals::~FlushDenormals() { _mm_setcsr(before_); }
#else
FlushDenormals::FlushDenormals() = default;
FlushDenormals::~FlushDenormals() = default;
#endif

}  // namespace deepq
