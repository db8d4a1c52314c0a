// A fixed-size array aligned to 64 bytes (a cache line, one AVX-512 register), zeroed lazily by the operating system.
// Backs parameters, activations and replay: pages that are never touched cost no memory.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

namespace deepq {

// `count` elements of zeroed memory, 64-byte aligned; large blocks ask for huge pages. Throws deepq::Error when there
// is none.
void* allocate_zeroed(size_t count, size_t element_bytes);
void free_zeroed(void* memory, size_t bytes) noexcept;

template <class T>
class AlignedBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(size_t size) : data_(static_cast<T*>(allocate_zeroed(size, sizeof(T)))), size_(size) {}
  AlignedBuffer(AlignedBuffer&& other) noexcept { *this = std::move(other); }
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~AlignedBuffer() { free_zeroed(data_, size_ * sizeof(T)); }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return size_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  std::span<T> span() { return {data_, size_}; }
  std::span<const T> span() const { return {data_, size_}; }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace deepq
