#include "deepq/compare/npz.h"

#include <cstring>

#include "deepq/core/npz.h"

namespace deepq::compare {
namespace {

template <class Number>
std::vector<double> numbers(std::span<const std::byte> bytes) {
  std::vector<double> values(bytes.size() / sizeof(Number));
  for (size_t i = 0; i < values.size(); ++i) {
    Number value;
    std::memcpy(&value, &bytes[i * sizeof value], sizeof value);
    values[i] = static_cast<double>(value);
  }
  return values;
}

std::vector<double> numbers(const TensorView& array) {
  switch (array.dtype) {
    case Dtype::kF64:
      return numbers<double>(array.bytes);
    case Dtype::kF32:
      return numbers<float>(array.bytes);
    case Dtype::kI64:
      return numbers<int64_t>(array.bytes);
    case Dtype::kU64:
      return numbers<uint64_t>(array.bytes);
    case Dtype::kI32:
      return numbers<int32_t>(array.bytes);
    case Dtype::kU32:
      return numbers<uint32_t>(array.bytes);
    case Dtype::kU8:
    case Dtype::kBool:
      return numbers<uint8_t>(array.bytes);
  }
  return {};
}

}  // namespace

std::map<std::string, NpyArray> read_npz(std::string_view bytes, const std::string& source) {
  std::map<std::string, NpyArray> arrays;
  for (const auto& [name, array] : parse_npz(bytes, source).arrays) arrays[name] = {array.shape, numbers(array)};
  return arrays;
}

}  // namespace deepq::compare
