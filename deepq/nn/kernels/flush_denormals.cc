#include "deepq/nn/kernels/flush_denormals.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace deepq {
namespace {

#if defined(__SSE2__)
// Bits 15 and 6 of MXCSR: results, and operands, that are denormal count as 0.
constexpr uint64_t kFlush = 0x8000 | 0x0040;
uint64_t read_control() { return _mm_getcsr(); }
void write_control(uint64_t value) { _mm_setcsr(static_cast<uint32_t>(value)); }
#elif defined(__aarch64__)
constexpr uint64_t kFlush = uint64_t{1} << 24;  // bit 24 of FPCR: both
uint64_t read_control() {
  uint64_t value = 0;
  asm volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}
void write_control(uint64_t value) { asm volatile("msr fpcr, %0" : : "r"(value)); }
#else
constexpr uint64_t kFlush = 0;
uint64_t read_control() { return 0; }
void write_control(uint64_t) {}
#endif

}  // namespace

FlushDenormals::FlushDenormals(Arithmetic arithmetic) : before_(read_control()) {
  if (arithmetic == Arithmetic::kFast) write_control(before_ | kFlush);
}
FlushDenormals::~FlushDenormals() { write_control(before_); }

}  // namespace deepq
