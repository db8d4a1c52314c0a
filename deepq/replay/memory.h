// The memory that transitions are kept in.
#pragma once

#include <cstdint>

#include "deepq/core/aligned_buffer.h"
#include "deepq/core/error.h"

namespace deepq {

// To the next multiple of `to`, where what is aligned so may begin.
inline int64_t round_up(int64_t bytes, int64_t to) { return (bytes + to - 1) / to * to; }

// rows * width * element_bytes, or -1 where that is beyond 2^63.
int64_t replay_bytes(int64_t rows, int64_t width, size_t element_bytes);

// What a failed allocation of so many bytes (-1: beyond 2^63) is reported as.
[[noreturn]] void throw_no_memory(int64_t capacity, int64_t bytes);

// A matrix for a store of `capacity` transitions. Throws deepq::Error that names replay.capacity.
template <class T>
AlignedBuffer<T> allocate_replay(int64_t capacity, int64_t rows, int64_t width) {
  const int64_t bytes = replay_bytes(rows, width, sizeof(T));
  try {
    if (bytes >= 0) return AlignedBuffer<T>(static_cast<size_t>(rows * width));
  } catch (const Error&) {  // says the same without the key
  }
  throw_no_memory(capacity, bytes);
}

}  // namespace deepq
