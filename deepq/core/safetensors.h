// The safetensors container (u64 header length, JSON header, raw little-endian data), written to and read from memory.
// Reading trusts nothing: lengths, shapes and offsets are checked before any byte is touched, and no code is ever run.
// Used for checkpoints, for exported weights and for the tests' golden files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace deepq {

enum class Dtype { kF64, kI64, kU64, kF32, kI32, kU32, kU8, kBool };

size_t dtype_size(Dtype dtype);
std::string_view dtype_name(Dtype dtype);  // "F32", ...

// One tensor whose bytes live elsewhere; row-major.
struct TensorView {
  Dtype dtype = Dtype::kU8;
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;
};

using TensorMap = std::map<std::string, TensorView, std::less<>>;
using Metadata = std::map<std::string, std::string, std::less<>>;

// The order in which tensors lie in the file: larger dtypes first (so that all are aligned), then by name.
std::vector<const TensorMap::value_type*> safetensors_order(const TensorMap& tensors);

// The eight length bytes and the JSON header, padded to a multiple of 8; the tensors' bytes follow in
// safetensors_order.
std::string safetensors_header(const TensorMap& tensors, const Metadata& metadata);

struct Safetensors {
  TensorMap tensors;  // views into `file`
  Metadata metadata;
  size_t header_bytes = 0;  // length field included
};

// Throws deepq::Error that says what is wrong with the file.
Safetensors parse_safetensors(std::span<const std::byte> file);

}  // namespace deepq
