// Of system.h what is to be had everywhere: memory, and one process that never forks. Beside system_wasi.cc for
// WebAssembly, and alone in the library that only acts: whatever there would ask for a file does not link.
#include <cstdlib>
#include <cstring>

#include "deepq/core/system.h"

namespace deepq::system {

void* map_memory(size_t bytes) {
  constexpr size_t kAlignment = 64;  // a cache line
  const size_t whole_lines = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  void* const memory = whole_lines < bytes ? nullptr : std::aligned_alloc(kAlignment, whole_lines);
  if (memory) std::memset(memory, 0, bytes);
  return memory;
}
void unmap(void* memory, size_t) noexcept { std::free(memory); }

void at_fork(void (*)(), void (*)(), void (*)()) {}

}  // namespace deepq::system
