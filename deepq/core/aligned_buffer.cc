#include "deepq/core/aligned_buffer.h"

#include <cstring>
#include <new>

#include "deepq/core/error.h"
#include "deepq/core/system.h"

namespace deepq {
namespace {

// What malloc gave is watched by the address sanitizer to the byte; mapped pages are not.
#ifdef __SANITIZE_ADDRESS__
constexpr size_t kMostWatched = size_t{64} << 20;
#else
constexpr size_t kMostWatched = 0;
#endif

constexpr std::align_val_t kLine{64};  // of a cache

}  // namespace

void* allocate_zeroed(size_t count, size_t element_bytes) {
  size_t bytes = 0;
  if (__builtin_mul_overflow(count, element_bytes, &bytes))
    throw Error::of("cannot allocate ", count, " times ", element_bytes, " bytes of memory");
  if (bytes == 0) return nullptr;
  if (bytes <= kMostWatched) {
    void* const watched = ::operator new(bytes, kLine, std::nothrow);
    if (!watched) throw Error::of("cannot allocate ", bytes, " bytes of memory");
    return std::memset(watched, 0, bytes);
  }
  // Pages of its own, zeroed lazily, for small sizes too: these blocks are few and live as long as the agent.
  void* memory = system::map_memory(bytes);
  if (!memory) throw Error::of("cannot allocate ", bytes, " bytes of memory");
  return memory;
}

void free_zeroed(void* memory, size_t bytes) noexcept {
  if (bytes <= kMostWatched)
    ::operator delete(memory, kLine);
  else if (memory)
    system::unmap(memory, bytes);
}

}  // namespace deepq
