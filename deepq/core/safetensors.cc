#include "deepq/core/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "deepq/core/error.h"
#include "deepq/core/json_text.h"

namespace deepq {
namespace {

struct DtypeFact {
  Dtype dtype;
  std::string_view name;
  size_t size;
};
constexpr std::array<DtypeFact, 8> kDtypes{{{Dtype::kF64, "F64", 8},
                                            {Dtype::kI64, "I64", 8},
                                            {Dtype::kU64, "U64", 8},
                                            {Dtype::kF32, "F32", 4},
                                            {Dtype::kI32, "I32", 4},
                                            {Dtype::kU32, "U32", 4},
                                            {Dtype::kU8, "U8", 1},
                                            {Dtype::kBool, "BOOL", 1}}};

const DtypeFact& fact(Dtype dtype) {
  return *std::find_if(kDtypes.begin(), kDtypes.end(), [&](const DtypeFact& f) { return f.dtype == dtype; });
}

struct Extent {
  uint64_t begin, end;
};

// Fills one tensor's dtype and shape and returns where its bytes lie, all checked against each other.
Extent read_entry(const std::string& name, const Json& entry, TensorView& tensor) {
  using Kind = Json::Kind;
  const Json *const dtype = entry.find("dtype"), *const shape = entry.find("shape"),
                    *const offsets = entry.find("data_offsets");
  if (!dtype || dtype->kind != Kind::kString || !shape || !offsets || offsets->kind != Kind::kList)
    throw Error::of("safetensors: tensor '", name, "' is not described as the format demands");
  const auto known = std::ranges::find(kDtypes, std::string_view(dtype->text), &DtypeFact::name);
  if (known == kDtypes.end())
    throw Error::of("safetensors: tensor '", name, "' has the unknown dtype '", dtype->text, "'");
  tensor.dtype = known->dtype;
  uint64_t bytes = known->size;
  if (shape->kind != Kind::kList) throw Error::of("safetensors: the shape of tensor '", name, "' is not a list");
  for (const Json& dimension : shape->items) {
    if (!dimension.whole || __builtin_mul_overflow(bytes, *dimension.whole, &bytes) || *dimension.whole > INT64_MAX)
      throw Error::of("safetensors: tensor '", name, "' has an impossible shape");
    tensor.shape.push_back(static_cast<int64_t>(*dimension.whole));
  }
  // Begin and end, counted from where the data begin.
  if (offsets->items.size() != 2 || !offsets->items[0].whole || !offsets->items[1].whole)
    throw Error::of("safetensors: tensor '", name, "' has no valid data_offsets");
  const Extent extent{*offsets->items[0].whole, *offsets->items[1].whole};
  if (extent.end < extent.begin || extent.end - extent.begin != bytes)
    throw Error::of("safetensors: the shape of tensor '", name, "' does not fit its data_offsets");
  return extent;
}

}  // namespace

size_t dtype_size(Dtype dtype) { return fact(dtype).size; }
std::string_view dtype_name(Dtype dtype) { return fact(dtype).name; }

std::vector<const TensorMap::value_type*> safetensors_order(const TensorMap& tensors) {
  std::vector<const TensorMap::value_type*> order;
  for (const auto& named : tensors) order.push_back(&named);
  // Largest elements first, then by name: every tensor is aligned to its own elements without padding.
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return dtype_size(a->second.dtype) > dtype_size(b->second.dtype);
  });
  return order;
}

std::string safetensors_header(const TensorMap& tensors, const Metadata& metadata) {
  std::string text = "{";
  const auto name = [&text](std::string_view key) {
    if (text.back() != '{') text += ',';
    append_json(text, key);
    text += ':';
  };
  if (!metadata.empty()) {
    name("__metadata__");
    text += '{';
    for (const auto& [key, value] : metadata) name(key), append_json(text, value);
    text += '}';
  }
  uint64_t offset = 0;
  for (const auto* named : safetensors_order(tensors)) {
    const TensorView& tensor = named->second;
    name(named->first);
    std::vector<std::string> shape;
    for (const int64_t dimension : tensor.shape) shape.push_back(std::to_string(dimension));
    text.append("{\"dtype\":\"").append(dtype_name(tensor.dtype));
    text.append("\",\"shape\":[").append(join(shape, ","));
    text.append("],\"data_offsets\":[").append(std::to_string(offset)).append(",");
    text.append(std::to_string(offset += tensor.bytes.size())).append("]}");
  }
  text += '}';
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the data behind it begins at a multiple of 8
  const uint64_t length = text.size();
  std::string length_bytes(8, '\0');
  std::memcpy(length_bytes.data(), &length, 8);
  return length_bytes + text;
}

Safetensors parse_safetensors(std::span<const std::byte> file) {
  // The format's own bound. A file: the header's length in 8 bytes, little-endian, the header as JSON, the data.
  constexpr uint64_t kMaxHeader = 100'000'000;
  uint64_t length = 0;
  if (file.size() < 8) throw Error("safetensors: the file is shorter than its length field");
  std::memcpy(&length, file.data(), 8);
  if (length > kMaxHeader || length > file.size() - 8)  // file.size() - 8, for 8 + length may overflow
    throw Error("safetensors: the header is longer than the file, or than the format allows");
  const std::string_view text(reinterpret_cast<const char*>(file.data()) + 8, length);
  if (text.empty() || text[0] != '{') throw Error("safetensors: the header does not begin with '{'");

  Safetensors result;
  result.header_bytes = 8 + length;
  const auto data = file.subspan(result.header_bytes);
  std::map<uint64_t, uint64_t> extents;
  const Json header = parse_json(text);
  for (const auto& [name, entry] : header.members) {
    if (name == "__metadata__") {
      if (entry.kind != Json::Kind::kObject) throw Error("safetensors: the metadata is not an object");
      for (const auto& [key, value] : entry.members) {
        if (value.kind != Json::Kind::kString) throw Error::of("safetensors: metadata '", key, "' is not a string");
        result.metadata[key] = value.text;
      }
      continue;
    }
    TensorView tensor;
    const Extent extent = read_entry(name, entry, tensor);
    if (extent.end > data.size()) throw Error::of("safetensors: tensor '", name, "' lies beyond the end of the file");
    tensor.bytes = data.subspan(extent.begin, extent.end - extent.begin);
    // Empty ones may lie anywhere, also two at one place.
    if (!tensor.bytes.empty() && !extents.emplace(extent.begin, extent.end).second)
      throw Error::of("safetensors: tensor '", name, "' overlaps another");
    result.tensors.emplace(name, std::move(tensor));
  }
  uint64_t end = 0;
  for (const auto& [begin, extent_end] : extents) {
    // The format allows neither: bytes that no tensor names could hide anything.
    if (begin != end) throw Error("safetensors: there are holes or overlaps between the tensors");
    end = extent_end;
  }
  if (end != data.size()) throw Error("safetensors: there are bytes after the last tensor");
  return result;
}

}  // namespace deepq
