#include "deepq/core/protobuf.h"

#include <bit>

namespace deepq::protobuf {
namespace {

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

void put_varint(std::string& out, uint64_t number) {
  // Seven bits a byte, the lowest first; the eighth says that more follow.
  for (; number >= 128; number >>= 7) out += static_cast<char>(number | 128);
  out += static_cast<char>(number);
}

void put_key(std::string& out, uint32_t field, WireType type) { put_varint(out, uint64_t{field} << 3 | type); }

template <class T>
void put_raw(std::string& out, T number) {
  static_assert(std::endian::native == std::endian::little);
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

}  // namespace

void put_int(std::string& out, uint32_t field, int64_t number) {
  put_key(out, field, kVarint);
  // A number below 0 as its two's complement: ten bytes.
  put_varint(out, static_cast<uint64_t>(number));
}

void put_float(std::string& out, uint32_t field, float number) {
  put_key(out, field, kFixed32);
  put_raw(out, number);
}

void put_double(std::string& out, uint32_t field, double number) {
  put_key(out, field, kFixed64);
  put_raw(out, number);
}

void put_text(std::string& out, uint32_t field, std::string_view bytes) {
  begin_text(out, field, bytes.size());
  out += bytes;
}

void begin_text(std::string& out, uint32_t field, size_t size) {
  put_key(out, field, kLengthDelimited);
  put_varint(out, size);
}

size_t text_field_size(size_t size) {
  // Seven bits a byte; the key takes one, for fields below 16.
  // size | 1, as a length of 0 takes a byte, too.
  const size_t length_bytes = (static_cast<size_t>(std::bit_width(size | 1)) + 6) / 7;
  return 1 + length_bytes + size;
}

bool Reader::take_varint(uint64_t& value) {
  value = 0;
  // Ten bytes at most: no number of 64 bits has more.
  for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool Reader::take_bytes(uint64_t size) {
  if (size > rest_.size()) return false;
  bytes_ = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return true;
}

bool Reader::next() {
  if (rest_.empty() || damaged_) return false;
  uint64_t key = 0, size = 0;
  bytes_ = {};
  number_ = 0;
  bool whole = take_varint(key);
  field_ = static_cast<uint32_t>(key >> 3);
  // The low three bits say how the value is written; 3 and 4, groups, are of no message that is read here.
  switch (key & 7) {
    case kVarint:
      whole = whole && take_varint(number_);
      break;
    case kFixed64:
      whole = whole && take_bytes(8);
      break;
    case kLengthDelimited:
      whole = whole && take_varint(size) && take_bytes(size);
      break;
    case kFixed32:
      whole = whole && take_bytes(4);
      break;
    default:
      whole = false;
  }
  damaged_ = !whole;
  return whole;
}

}  // namespace deepq::protobuf
