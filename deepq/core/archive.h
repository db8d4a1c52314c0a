// State of the library's objects, saved and restored by one function per class:
//   void serialize(Archive& archive) { archive.value("updates", updates_); archive.array("moments", moments_.span()); }
// The same call writes when saving and fills when loading, so the two cannot drift apart. Every entry becomes a named
// tensor ("agent/updates"), so a checkpoint is readable by any safetensors tool. Saving keeps views, not copies, of
// arrays.
#pragma once

#include <cstring>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "deepq/core/safetensors.h"

namespace deepq {

class Archive {
 public:
  Archive() = default;                                             // saving
  explicit Archive(const TensorMap& source) : source_(&source) {}  // loading; `source` must outlive the archive

  bool loading() const { return source_ != nullptr; }

  // Entries made while the returned object lives are named "NAME/...".
  class Scope {
   public:
    Scope(Archive& archive, std::string_view name) : archive_(archive), length_(archive.prefix_.size()) {
      archive_.prefix_.append(name).append("/");
    }
    ~Scope() { archive_.prefix_.resize(length_); }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Archive& archive_;
    size_t length_;
  };
  [[nodiscard]] Scope scope(std::string_view name) { return Scope(*this, name); }

  // One number or bool. Small values are copied, so they may change before the archive is written.
  template <class T>
  void value(std::string_view name, T& value) {
    if (loading()) {
      copy_out(name, dtype_of<T>(), {}, std::as_writable_bytes(std::span(&value, 1)));
    } else {
      const auto bytes = std::as_bytes(std::span(&value, 1));
      copies_.emplace_back(bytes.begin(), bytes.end());
      add(name, {dtype_of<T>(), {}, copies_.back()});
    }
  }

  // Contiguous numbers of a size that is known when loading. When saving, `values` must stay alive and unchanged until
  // the archive is written, unless they are few (they are copied then). `shape` defaults to one dimension.
  template <class Range>
  void array(std::string_view name, Range&& values, std::vector<int64_t> shape = {}) {
    auto span = std::span(values);
    using T = typename decltype(span)::value_type;
    if (shape.empty()) shape = {static_cast<int64_t>(span.size())};
    if (loading()) {
      copy_out(name, dtype_of<T>(), shape, std::as_writable_bytes(span));
      return;
    }
    auto bytes = std::span<const std::byte>(std::as_bytes(span));
    constexpr size_t kFew = 256;
    if (bytes.size() <= kFew) bytes = copies_.emplace_back(bytes.begin(), bytes.end());
    add(name, {dtype_of<T>(), std::move(shape), bytes});
  }

  // A vector that takes the saved size when loading; saved as one dimension.
  template <class T>
  void vector(std::string_view name, std::vector<T>& values) {
    if (loading()) values.resize(find(name).bytes.size() / sizeof(T));
    array(name, values);
  }

  void text(std::string_view name, std::string& value) {
    if (loading()) {
      value.resize(find(name).bytes.size());
      copy_out(name, Dtype::kU8, {static_cast<int64_t>(value.size())}, std::as_writable_bytes(std::span(value)));
    } else {
      const auto bytes = std::as_bytes(std::span(value));
      copies_.emplace_back(bytes.begin(), bytes.end());
      add(name, {Dtype::kU8, {static_cast<int64_t>(bytes.size())}, copies_.back()});
    }
  }

  bool contains(std::string_view name) const { return source_ && source_->contains(prefix_ + std::string(name)); }

  // What was saved; views into the saved objects and into this archive.
  const TensorMap& tensors() const { return tensors_; }

 private:
  template <class T>
  static constexpr Dtype dtype_of() {
    static_assert(std::is_arithmetic_v<T> && (sizeof(T) == 1 || sizeof(T) == 4 || sizeof(T) == 8));
    if constexpr (std::is_same_v<T, bool>)
      return Dtype::kBool;
    else if constexpr (std::is_floating_point_v<T>)
      return sizeof(T) == 8 ? Dtype::kF64 : Dtype::kF32;
    else if constexpr (sizeof(T) == 1)
      return Dtype::kU8;
    else if constexpr (sizeof(T) == 4)
      return std::is_signed_v<T> ? Dtype::kI32 : Dtype::kU32;
    else
      return std::is_signed_v<T> ? Dtype::kI64 : Dtype::kU64;
  }

  void add(std::string_view name, TensorView tensor);
  const TensorView& find(std::string_view name) const;  // throws Error when it is missing
  void copy_out(std::string_view name, Dtype dtype, const std::vector<int64_t>& shape,
                std::span<std::byte> destination) const;  // throws Error when it is of another type or shape

  const TensorMap* source_ = nullptr;
  TensorMap tensors_;
  std::deque<std::vector<std::byte>> copies_;
  std::string prefix_;
};

}  // namespace deepq
