#include "deepq/replay/memory.h"

#include <string>

namespace deepq {

int64_t replay_bytes(int64_t rows, int64_t width, size_t element_bytes) {
  int64_t elements = 0, bytes = 0;
  const bool countable = !__builtin_mul_overflow(rows, width, &elements) &&
                         !__builtin_mul_overflow(elements, static_cast<int64_t>(element_bytes), &bytes);
  return countable ? bytes : -1;
}

void throw_no_memory(int64_t capacity, int64_t bytes) {
  throw Error::of("replay.capacity is ", capacity, ", which takes ", bytes >= 0 ? std::to_string(bytes) : "over 2^63",
                  " bytes; allowed: what this machine has memory for");
}

}  // namespace deepq
