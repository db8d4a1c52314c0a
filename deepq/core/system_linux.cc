// Of system.h what Linux has in its own way; the rest, POSIX's, is in system.cc.
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "deepq/core/system.h"

namespace deepq::system {

void* map_memory(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  constexpr size_t kHugePage = size_t{2} << 20;
  // Fewer TLB misses for a replay; it may be declined.
  if (bytes >= 2 * kHugePage) madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}

bool in_main_thread() { return getpid() == static_cast<pid_t>(syscall(SYS_gettid)); }

int64_t core_count() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0) return CPU_COUNT(&allowed);
  return std::max<int64_t>(1, sysconf(_SC_NPROCESSORS_ONLN));
}

}  // namespace deepq::system
