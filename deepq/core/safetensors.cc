#include "deepq/core/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "deepq/core/error.h"

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

// JSON object in which a name given twice is an error, as the format demands.
nlohmann::json parse_header(std::string_view text) {
  std::vector<std::set<std::string>> names;
  const auto callback = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) names.emplace_back();
    if (event == Event::object_end) names.pop_back();
    if (event == Event::key && !names.back().insert(parsed.get<std::string>()).second)
      throw Error::of("safetensors: the name '", parsed.get<std::string>(), "' is there twice");
    return true;
  };
  // The parser takes a NUL for the end of the text, whatever follows.
  if (text.find('\0') != text.npos) throw Error("safetensors: the header is not valid JSON");
  try {
    return nlohmann::json::parse(text, callback);
  } catch (const nlohmann::json::exception&) {
    throw Error("safetensors: the header is not valid JSON");
  }
}

struct Extent {
  uint64_t begin, end;
};

// Fills one tensor's dtype and shape and returns where its bytes lie, all checked against each other.
Extent read_entry(const std::string& name, const nlohmann::json& entry, TensorView& tensor) try {
  const auto dtype = entry.at("dtype").get<std::string>();
  const auto known = std::find_if(kDtypes.begin(), kDtypes.end(), [&](const DtypeFact& f) { return f.name == dtype; });
  if (known == kDtypes.end()) throw Error::of("safetensors: tensor '", name, "' has the unknown dtype '", dtype, "'");
  tensor.dtype = known->dtype;
  uint64_t bytes = known->size;
  if (!entry.at("shape").is_array()) throw Error::of("safetensors: the shape of tensor '", name, "' is not a list");
  for (const nlohmann::json& dimension : entry.at("shape")) {
    if (!dimension.is_number_unsigned() || __builtin_mul_overflow(bytes, dimension.get<uint64_t>(), &bytes) ||
        dimension.get<uint64_t>() > INT64_MAX)
      throw Error::of("safetensors: tensor '", name, "' has an impossible shape");
    tensor.shape.push_back(dimension.get<int64_t>());
  }
  const nlohmann::json& offsets = entry.at("data_offsets");
  // Begin and end, counted from where the data begin.
  if (offsets.size() != 2 || !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned())
    throw Error::of("safetensors: tensor '", name, "' has no valid data_offsets");
  const Extent extent{offsets[0].get<uint64_t>(), offsets[1].get<uint64_t>()};
  if (extent.end < extent.begin || extent.end - extent.begin != bytes)
    throw Error::of("safetensors: the shape of tensor '", name, "' does not fit its data_offsets");
  return extent;
} catch (const nlohmann::json::exception&) {
  throw Error::of("safetensors: tensor '", name, "' is not described as the format demands");
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
  nlohmann::ordered_json header;
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const auto* named : safetensors_order(tensors)) {
    const TensorView& tensor = named->second;
    header[named->first] = {{"dtype", dtype_name(tensor.dtype)},
                            {"shape", tensor.shape},
                            {"data_offsets", {offset, offset + tensor.bytes.size()}}};
    offset += tensor.bytes.size();
  }
  std::string text = tensors.empty() && metadata.empty() ? "{}" : header.dump();
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
  const nlohmann::json header = parse_header(text);
  std::map<uint64_t, uint64_t> extents;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") {
      if (!entry.is_object()) throw Error("safetensors: the metadata is not an object");
      for (const auto& [key, value] : entry.items()) {
        if (!value.is_string()) throw Error::of("safetensors: metadata '", key, "' is not a string");
        result.metadata[key] = value.get<std::string>();
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
