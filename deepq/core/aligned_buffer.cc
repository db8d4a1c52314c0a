#include "deepq/core/aligned_buffer.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

#include "deepq/core/error.h"

namespace deepq {
namespace {

// What malloc gave is watched by the address sanitizer to the byte; mapped pages are not.
#ifdef __SANITIZE_ADDRESS__
constexpr size_t kMostWatched = size_t{64} << 20;
#else
constexpr size_t kMostWatched = 0;
#endif

}  // namespace

void* allocate_zeroed(size_t count, size_t element_bytes) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(count, element_bytes, &bytes))
    throw Error::of("cannot allocate ", count, " times ", element_bytes, " bytes of memory");
  if (bytes == 0) return nullptr;
  if (bytes <= kMostWatched) {
    void* watched = nullptr;
    if (posix_memalign(&watched, 64, bytes) != 0) throw Error::of("cannot allocate ", bytes, " bytes of memory");
    return std::memset(watched, 0, bytes);
  }
  // mmap is page aligned and zeroed lazily, for small sizes too: these blocks are few and live as long as the agent.
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw Error::of("cannot allocate ", bytes, " bytes of memory");
  constexpr size_t kHugePage = size_t{2} << 20;
  if (bytes >= 2 * kHugePage) madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}

void free_zeroed(void* memory, size_t bytes) noexcept {
  if (bytes <= kMostWatched)
    std::free(memory);
  else if (memory)
    munmap(memory, bytes);
}

}  // namespace deepq
