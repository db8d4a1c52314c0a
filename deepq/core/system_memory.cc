// Of system.h what is to be had everywhere: memory, and one process that never forks. Beside system_wasi.cc for
// WebAssembly, and alone in the library that only acts: whatever there would ask for a file does not link.
#include <cstdint>
#include <cstring>
#include <new>

#include "deepq/core/system.h"

namespace deepq::system {
namespace {

constexpr std::align_val_t kMemoryLine{64};  // of a cache

}  // namespace

void* map_memory(size_t bytes) {
  // What is rounded up to whole lines may not overflow.
  void* const memory = bytes <= PTRDIFF_MAX ? ::operator new(bytes, kMemoryLine, std::nothrow) : nullptr;
  if (memory) std::memset(memory, 0, bytes);
  return memory;
}
void unmap(void* memory, size_t) noexcept { ::operator delete(memory, kMemoryLine); }

void at_fork(void (*)(), void (*)(), void (*)()) {}

}  // namespace deepq::system
