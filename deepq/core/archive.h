// State of the library's objects, saved and restored by one function per class:
//   void serialize(Archive& archive) { archive.value("updates", updates_); archive.array("moments", moments_.span()); }
// The same call writes when saving and fills when loading, so the two cannot drift apart. Every entry becomes a named
// tensor ("agent/updates"), so a checkpoint is readable by any safetensors tool. Saving keeps views, not copies, of
// arrays. A file may hold anything: no integer is read without its limits, and no memory is taken by a number that was
// read, only by the size of what the file holds.
#pragma once

#include <cstring>
#include <deque>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "deepq/core/error.h"
#include "deepq/core/safetensors.h"

namespace deepq {

// What a number that is read may be, both ends included; NaN never is.
template <class T>
struct Limits {
  T least, most;
};

template <class T>
inline constexpr Limits<T> kAnyValue{std::numeric_limits<T>::lowest(), std::numeric_limits<T>::max()};

// Of what is counted as long as a run lasts: far below where counting on would overflow, and exact as a double.
inline constexpr Limits<int64_t> kCount{0, int64_t{1} << 53};

template <class T>
concept WholeNumber = std::is_integral_v<T> && !std::is_same_v<T, bool>;

class Archive {
  template <class Values>
  using ElementOf = std::remove_const_t<typename decltype(std::span(std::declval<Values&>()))::element_type>;

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

  // One real number or bool. Small values are copied, so they may change before the archive is written.
  template <class T>
  requires(!WholeNumber<T>) void value(std::string_view name, T& value) { one(name, value); }
  template <WholeNumber T>
  void value(std::string_view name, T& value, std::type_identity_t<Limits<T>> allowed) {
    one(name, value);
    check(name, value, allowed);
  }

  // Contiguous numbers of a size that is known when loading. When saving, `values` must stay alive and unchanged until
  // the archive is written, unless they are few (they are copied then). `shape` defaults to one dimension.
  template <class Values>
  requires(!WholeNumber<ElementOf<Values>>) void array(std::string_view name, Values&& values,
                                                       std::vector<int64_t> shape = {}) {
    all(name, std::span<ElementOf<Values>>(values), std::move(shape));
  }
  template <class Values>
  requires WholeNumber<ElementOf<Values>>
  void array(std::string_view name, Values&& values, Limits<ElementOf<Values>> allowed,
             std::vector<int64_t> shape = {}) {
    all(name, std::span<ElementOf<Values>>(values), std::move(shape));
    check_all(name, values, allowed);
  }

  // A vector that takes the saved size when loading; saved as one dimension.
  template <class T>
  void vector(std::string_view name, std::vector<T>& values) {
    resize(name, values);
    array(name, values);
  }
  template <WholeNumber T>
  void vector(std::string_view name, std::vector<T>& values, std::type_identity_t<Limits<T>> allowed) {
    resize(name, values);
    array(name, values, allowed);
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

  // For what is not read as it is kept, and for real numbers that are not free. Throws deepq::Error that names the
  // entry, what was read and what is allowed. Nothing is checked when saving.
  template <class T>
  void check(std::string_view name, T value, std::type_identity_t<Limits<T>> allowed) const {
    if (loading() && !(value >= allowed.least && value <= allowed.most)) refuse(name, value, allowed);
  }
  template <class Values>
  void check_all(std::string_view name, const Values& values, Limits<ElementOf<Values>> allowed) const {
    using T = ElementOf<Values>;
    if (!loading() || (WholeNumber<T> && allowed.least == kAnyValue<T>.least && allowed.most == kAnyValue<T>.most))
      return;
    size_t i = 0;
    for (const T value : std::span(values)) {
      if (!(value >= allowed.least && value <= allowed.most))
        refuse(std::string(name) + "[" + std::to_string(i) + "]", value, allowed);
      ++i;
    }
  }

  // Throws deepq::Error unless the file has an entry of this type and shape: before memory is taken for it.
  template <class T>
  void require(std::string_view name, const std::vector<int64_t>& shape) const {
    fitting(name, dtype_of<T>(), shape);
  }

  // Whether what was saved under the name is of this type. Throws deepq::Error where nothing was.
  template <class T>
  bool holds(std::string_view name) const {
    return find(name).dtype == dtype_of<T>();
  }

  bool contains(std::string_view name) const { return source_ && source_->contains(prefix_ + std::string(name)); }

  // What was saved; views into the saved objects and into this archive.
  const TensorMap& tensors() const { return tensors_; }

 private:
  template <class T>
  void one(std::string_view name, T& value) {
    if (loading()) {
      copy_out(name, dtype_of<T>(), {}, std::as_writable_bytes(std::span(&value, 1)));
    } else {
      const auto bytes = std::as_bytes(std::span(&value, 1));
      copies_.emplace_back(bytes.begin(), bytes.end());
      add(name, {dtype_of<T>(), {}, copies_.back()});
    }
  }

  template <class T>
  void all(std::string_view name, std::span<T> values, std::vector<int64_t> shape) {
    if (shape.empty()) shape = {static_cast<int64_t>(values.size())};
    if (loading()) {
      copy_out(name, dtype_of<T>(), shape, std::as_writable_bytes(values));
      return;
    }
    auto bytes = std::span<const std::byte>(std::as_bytes(values));
    constexpr size_t kFew = 256;
    if (bytes.size() <= kFew) bytes = copies_.emplace_back(bytes.begin(), bytes.end());
    add(name, {dtype_of<T>(), std::move(shape), bytes});
  }

  template <class T>
  void resize(std::string_view name, std::vector<T>& values) const {
    if (loading()) values.resize(find(name).bytes.size() / sizeof(T));
  }

  template <class T>
  [[noreturn]] void refuse(std::string_view name, T value, Limits<T> allowed) const {
    if constexpr (WholeNumber<T>)
      refuse(name, std::to_string(value), std::to_string(allowed.least), std::to_string(allowed.most));
    else
      refuse(name, number_text(value), number_text(allowed.least), number_text(allowed.most));
  }
  [[noreturn]] void refuse(std::string_view name, const std::string& value, const std::string& least,
                           const std::string& most) const;

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
  // Both throw Error when it is of another type or shape.
  const TensorView& fitting(std::string_view name, Dtype dtype, const std::vector<int64_t>& shape) const;
  void copy_out(std::string_view name, Dtype dtype, const std::vector<int64_t>& shape,
                std::span<std::byte> destination) const;

  const TensorMap* source_ = nullptr;
  TensorMap tensors_;
  std::deque<std::vector<std::byte>> copies_;
  std::string prefix_;
};

}  // namespace deepq
