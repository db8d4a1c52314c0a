#include "deepq/core/archive.h"

#include <algorithm>

#include "deepq/core/error.h"

namespace deepq {
namespace {

std::string description(Dtype dtype, const std::vector<int64_t>& shape) {
  std::vector<std::string> dimensions;
  for (const int64_t dimension : shape) dimensions.push_back(std::to_string(dimension));
  return (shape.empty() ? "one " : "[" + join(dimensions) + "] of ") + std::string(dtype_name(dtype));
}

}  // namespace

void Archive::add(std::string_view name, TensorView tensor) {
  DEEPQ_ASSERT(!loading());
  // A name given twice would save one of the two and load it into both.
  const bool added = tensors_.emplace(prefix_ + std::string(name), std::move(tensor)).second;
  DEEPQ_ASSERT(added);
}

const TensorView& Archive::find(std::string_view name) const {
  DEEPQ_ASSERT(loading());
  const auto found = source_->find(prefix_ + std::string(name));
  if (found == source_->end()) throw Error::of("the saved state has no '", prefix_, name, "'");
  return found->second;
}

void Archive::refuse(std::string_view name, const std::string& value, const std::string& least,
                     const std::string& most) const {
  throw Error::of("the saved state's '", prefix_, name, "' is ", value, "; allowed: ", least,
                  least == most ? "" : " to " + most);
}

const TensorView& Archive::fitting(std::string_view name, Dtype dtype, const std::vector<int64_t>& shape) const {
  const TensorView& tensor = find(name);
  if (tensor.dtype != dtype || tensor.shape != shape)
    throw Error::of("the saved state's '", prefix_, name, "' is ", description(tensor.dtype, tensor.shape),
                    "; expected ", description(dtype, shape));
  return tensor;
}

void Archive::copy_out(std::string_view name, Dtype dtype, const std::vector<int64_t>& shape,
                       std::span<std::byte> destination) const {
  const TensorView& tensor = fitting(name, dtype, shape);
  DEEPQ_ASSERT(tensor.bytes.size() == destination.size());
  // Any other byte in a bool is undefined behaviour.
  if (dtype == Dtype::kBool && std::ranges::any_of(tensor.bytes, [](std::byte b) { return b > std::byte{1}; }))
    throw Error::of("the saved state's '", prefix_, name, "' is not a bool; allowed: 0 and 1");
  std::copy(tensor.bytes.begin(), tensor.bytes.end(), destination.begin());
}

}  // namespace deepq
