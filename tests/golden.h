// Reads the golden files of tests/golden (see its README for what each key holds):
//   deepq::test::Golden golden("network.safetensors");
//   std::span<const float> weight = golden.floats("chapter.0.weight");
// Views live as long as the Golden. A missing key or another type is a deepq::Error that fails the test with its
// message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <ios>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "deepq/core/error.h"
#include "deepq/core/safetensors.h"

namespace deepq::test {

class Golden {
 public:
  explicit Golden(const std::string& file_name) : file_name_(file_name), bytes_(read(file_name)) {
    contents_ = parse_safetensors(bytes_);
  }
  Golden(const Golden&) = delete;  // the tensors are views into bytes_
  Golden& operator=(const Golden&) = delete;

  std::span<const float> floats(std::string_view name) const { return values<float>(name, Dtype::kF32); }
  std::span<const double> doubles(std::string_view name) const { return values<double>(name, Dtype::kF64); }
  std::span<const int32_t> ints(std::string_view name) const { return values<int32_t>(name, Dtype::kI32); }
  std::span<const int64_t> longs(std::string_view name) const { return values<int64_t>(name, Dtype::kI64); }
  std::span<const uint32_t> unsigned_ints(std::string_view name) const { return values<uint32_t>(name, Dtype::kU32); }
  std::span<const uint64_t> unsigned_longs(std::string_view name) const { return values<uint64_t>(name, Dtype::kU64); }
  std::span<const uint8_t> bytes(std::string_view name) const { return values<uint8_t>(name, Dtype::kU8); }

  const std::vector<int64_t>& shape(std::string_view name) const { return tensor(name).shape; }
  bool contains(std::string_view name) const { return contents_.tensors.contains(name); }
  const TensorMap& tensors() const { return contents_.tensors; }

 private:
  static std::vector<std::byte> read(const std::string& file_name) {
    const std::string path = DEEPQ_GOLDEN_DIR "/" + file_name;
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in) throw Error::of("cannot open the golden file ", path);
    std::vector<std::byte> bytes(static_cast<size_t>(in.tellg()));
    in.seekg(0);
    in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!in) throw Error::of("cannot read the golden file ", path);
    return bytes;
  }

  const TensorView& tensor(std::string_view name) const {
    const auto found = contents_.tensors.find(name);
    if (found == contents_.tensors.end()) throw Error::of(file_name_, " has no tensor '", name, "'");
    return found->second;
  }

  // The writer sorts by descending size of type after a padded header, so every tensor is aligned for its type.
  template <class T>
  std::span<const T> values(std::string_view name, Dtype dtype) const {
    const TensorView& view = tensor(name);
    if (view.dtype != dtype)
      throw Error::of("tensor '", name, "' of ", file_name_, " is ", dtype_name(view.dtype), ", not ",
                      dtype_name(dtype));
    DEEPQ_ASSERT(reinterpret_cast<uintptr_t>(view.bytes.data()) % alignof(T) == 0);
    return {reinterpret_cast<const T*>(view.bytes.data()), view.bytes.size() / sizeof(T)};
  }

  std::string file_name_;
  std::vector<std::byte> bytes_;
  Safetensors contents_;
};

}  // namespace deepq::test
