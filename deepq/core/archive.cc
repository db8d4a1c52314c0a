#include "deepq/core/archive.h"

#include <algorithm>

#include "deepq/core/error.h"

namespace deepq {

void Archive::add(std::string_view name, TensorView tensor) {
  DEEPQ_ASSERT(!loading());
  const bool added = tensors_.emplace(prefix_ + std::string(name), std::move(tensor)).second;
  DEEPQ_ASSERT(added);
}

const TensorView& Archive::find(std::string_view name) const {
  DEEPQ_ASSERT(loading());
  const auto found = source_->find(prefix_ + std::string(name));
  if (found == source_->end()) throw Error::of("the saved state has no '", prefix_, name, "'");
  return found->second;
}

void Archive::copy_out(std::string_view name, Dtype dtype, std::span<std::byte> destination) const {
  const TensorView& tensor = find(name);
  if (tensor.dtype != dtype || tensor.bytes.size() != destination.size())
    throw Error::of("the saved state's '", prefix_, name, "' has ", tensor.bytes.size(), " bytes of ",
                    dtype_name(tensor.dtype), "; expected ", destination.size(), " of ", dtype_name(dtype));
  if (dtype == Dtype::kBool && std::ranges::any_of(tensor.bytes, [](std::byte b) { return b > std::byte{1}; }))
    throw Error::of("the saved state's '", prefix_, name, "' is not a bool; allowed: 0 and 1");
  std::copy(tensor.bytes.begin(), tensor.bytes.end(), destination.begin());
}

}  // namespace deepq
