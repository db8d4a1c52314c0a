// Of system.h what macOS has in its own way, in system_linux.cc's place. Compiled by a cross compiler, and never run
// (docs/platforms.md).
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "deepq/core/system.h"

namespace deepq::system {

void* map_memory(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

bool in_main_thread() { return pthread_main_np() != 0; }

int64_t core_count() { return std::max<int64_t>(1, sysconf(_SC_NPROCESSORS_ONLN)); }

}  // namespace deepq::system
