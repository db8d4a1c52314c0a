// Counts calls of operator new, for tests of code that must not allocate. It replaces the global operators, so include
// it in one .cc of a test program only. (noinline: GCC 12 would warn about a `new` that it sees freed by std::free.)
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace deepq::test {
inline std::atomic<int64_t> allocation_count = 0;
}

[[gnu::noinline]] void* operator new(std::size_t bytes) {
  ++deepq::test::allocation_count;
  if (void* memory = std::malloc(bytes > 0 ? bytes : 1)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  ++deepq::test::allocation_count;
  return std::malloc(bytes > 0 ? bytes : 1);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
