#include "deepq/core/npz.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>

#include "deepq/core/error.h"

namespace deepq {
namespace {

static_assert(std::endian::native == std::endian::little, "the formats are little-endian and read as they lie");

constexpr std::string_view kMember("PK\x03\x04", 4), kEntry("PK\x01\x02", 4), kEnd("PK\x05\x06", 4);
constexpr std::string_view kNpyMark("\x93NUMPY", 6);

// A part of an archive; every look into it is checked.
class ZipPart {
 public:
  ZipPart(std::string_view bytes, const std::string& source) : bytes_(bytes), source_(source) {}

  template <class Number>
  size_t at(size_t place) const {
    Number value;
    std::memcpy(&value, part(place, sizeof value).data(), sizeof value);
    return value;
  }

  std::string_view part(size_t place, size_t size) const {
    if (place > bytes_.size() || size > bytes_.size() - place)
      throw Error::of(source_, " is no whole .npz file: it ends too early");
    return bytes_.substr(place, size);
  }

  std::string_view all() const { return bytes_; }
  const std::string& source() const { return source_; }

 private:
  std::string_view bytes_;
  const std::string& source_;
};

// CRC-32 as zip has it (ISO 3309), eight bytes at a time: archives of demonstrations may be large.
using CrcTables = std::array<std::array<uint32_t, 256>, 8>;

constexpr CrcTables crc_tables() {
  CrcTables tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
    tables[0][i] = crc;
  }
  for (size_t k = 1; k < 8; ++k)
    for (size_t i = 0; i < 256; ++i) tables[k][i] = (tables[k - 1][i] >> 8) ^ tables[0][tables[k - 1][i] & 255];
  return tables;
}

// Of an .npy header, a Python dictionary: the text after 'NAME':, up to `end`.
std::string_view npy_entry(std::string_view header, const std::string& name, std::string_view end) {
  const size_t key = header.find("'" + name + "':");
  if (key == std::string_view::npos) return {};
  std::string_view value = header.substr(key + name.size() + 3);
  value.remove_prefix(std::min(value.size(), value.find_first_not_of(" ")));
  const size_t last = value.find_first_of(end, 1);  // from 1 on: '(' or a quote may itself be among the ends
  return last == std::string_view::npos ? std::string_view() : value.substr(0, last);
}

std::vector<int64_t> npy_shape(std::string_view text, const std::string& source) {
  std::vector<int64_t> shape;
  constexpr int64_t kMost = int64_t{1} << 40;
  // "(3, 4)", "(5,)" and "()": whatever digits there are.
  for (size_t at = text.find_first_of("0123456789"); at < text.size(); at = text.find_first_of("0123456789", at)) {
    int64_t size = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), size);
    if (error != std::errc() || size > kMost) throw Error::of(source, ": an array's shape is ", text);
    shape.push_back(size);
    at = static_cast<size_t>(end - text.data());
  }
  return shape;
}

struct NpyType {
  std::string_view name;
  Dtype dtype;
};
constexpr std::array kNpyTypes{NpyType{"<f8", Dtype::kF64}, NpyType{"<f4", Dtype::kF32}, NpyType{"<i8", Dtype::kI64},
                               NpyType{"<u8", Dtype::kU64}, NpyType{"<i4", Dtype::kI32}, NpyType{"<u4", Dtype::kU32},
                               NpyType{"|u1", Dtype::kU8},  NpyType{"|b1", Dtype::kBool}};

void add_npy(const ZipPart& member, const std::string& name, Npz& to) {
  // numpy's format: six bytes of mark, two of version, the header's length, the header, the numbers.
  if (member.part(0, 6) != kNpyMark) throw Error::of(member.source(), " holds a member that is no .npy array");
  const bool short_header = member.at<uint8_t>(6) == 1;  // format 1.0 counts it with 16 bits, later ones with 32
  const size_t begin = short_header ? 10 : 12;
  const size_t length = short_header ? member.at<uint16_t>(8) : member.at<uint32_t>(8);
  const std::string_view header = member.part(begin, length);
  std::string_view type = npy_entry(header, "descr", ",}");
  if (type.size() >= 2 && type.front() == '\'') type = type.substr(1, type.size() - 2);
  const NpyType* known = nullptr;
  for (const NpyType& one : kNpyTypes)
    if (one.name == type) known = &one;
  const bool transposed = npy_entry(header, "fortran_order", ",}") != "False";
  if (!known || transposed) {
    to.others.insert_or_assign(name, transposed ? "transposed (fortran_order)" : std::string(type));
    return;
  }
  TensorView array{known->dtype, npy_shape(npy_entry(header, "shape", ")"), member.source()), {}};
  const std::string_view rest = member.part(begin + length, member.all().size() - begin - length);
  size_t bytes = dtype_size(array.dtype);
  for (const int64_t size : array.shape) {
    if (size != 0 && bytes > rest.size() / static_cast<size_t>(size))  // the product, without overflow
      throw Error::of(member.source(), " is no whole .npz file: an array is shorter than its shape says");
    bytes *= static_cast<size_t>(size);
  }
  if (bytes > rest.size())
    throw Error::of(member.source(), " is no whole .npz file: an array is shorter than its shape says");
  array.bytes = std::as_bytes(std::span(rest.substr(0, bytes)));
  to.arrays.insert_or_assign(name, std::move(array));
}

// Where the archive's list of members begins, and how many it has: said in the last 22 bytes before a comment.
size_t directory_end(const ZipPart& file) {
  // From the end: the bytes of an array may look like the mark.
  const size_t place = file.all().rfind(kEnd);
  if (place == std::string_view::npos) throw Error::of(file.source(), " is no .npz file: it has no list of its arrays");
  return place;
}

template <class Number>
void append_number(std::string& to, size_t value) {
  const auto number = static_cast<Number>(value);
  to.append(reinterpret_cast<const char*>(&number), sizeof number);
}

// An array's .npy head, of a length that is a multiple of 64, as NumPy aligns the numbers that follow.
std::string npy_head(const TensorView& array) {
  std::string shape;
  for (const int64_t size : array.shape) shape += std::to_string(size) + ", ";
  if (array.shape.size() > 1) shape.resize(shape.size() - 2);
  if (array.shape.size() == 1) shape.pop_back();  // "(5,)"
  std::string_view type;
  for (const NpyType& one : kNpyTypes)
    if (one.dtype == array.dtype) type = one.name;
  std::string dictionary = "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  dictionary.append(63 - (10 + dictionary.size()) % 64, ' ');
  dictionary += '\n';
  std::string head(kNpyMark);
  head += std::string_view("\x01\x00", 2);  // format 1.0
  append_number<uint16_t>(head, dictionary.size());
  return head + dictionary;
}

// What a member's own head and its entry in the list have in common: from the version needed to the extra field's size.
std::string member_facts(std::string_view name, uint32_t crc, size_t size) {
  std::string facts;
  append_number<uint16_t>(facts, 20);  // version 2.0
  append_number<uint16_t>(facts, 0);   // flags
  append_number<uint16_t>(facts, 0);   // stored
  append_number<uint16_t>(facts, 0);   // time
  append_number<uint16_t>(facts, 33);  // date: 1980-01-01, so that equal arrays are equal files
  append_number<uint32_t>(facts, crc);
  append_number<uint32_t>(facts, size);
  append_number<uint32_t>(facts, size);
  append_number<uint16_t>(facts, name.size());
  append_number<uint16_t>(facts, 0);  // no extra field
  return facts;
}

}  // namespace

uint32_t zip_crc(std::string_view bytes) {
  static constexpr CrcTables kCrc32Tables = crc_tables();
  uint32_t crc = ~uint32_t{0};
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    word ^= crc;
    crc = 0;
    for (size_t k = 0; k < 8; ++k) crc ^= kCrc32Tables[7 - k][word >> (8 * k) & 255];
  }
  for (const char byte : bytes) crc = (crc >> 8) ^ kCrc32Tables[0][(crc ^ static_cast<unsigned char>(byte)) & 255];
  return ~crc;
}

Npz parse_npz(std::string_view archive, const std::string& source) {
  const ZipPart file(archive, source);
  const size_t end = directory_end(file);
  // The list at the end says where each member begins, with its size, which the members' own heads may not know.
  size_t place = file.at<uint32_t>(end + 16);
  Npz npz;
  for (size_t left = file.at<uint16_t>(end + 10); left > 0; --left) {
    if (file.part(place, 4) != kEntry) throw Error::of(source, " is no whole .npz file: its list of arrays is damaged");
    // In an entry: method at 10, checksum at 16, stored size at 20, the name's size at 28, where the member begins at
    // 42, name at 46.
    const size_t name_size = file.at<uint16_t>(place + 28), stored = file.at<uint32_t>(place + 20);
    std::string name(file.part(place + 46, name_size));
    if (file.at<uint16_t>(place + 10) != 0)  // method 0: stored as it is
      throw Error::of(source, " is compressed; allowed: as numpy.savez writes it, not numpy.savez_compressed");
    const size_t local = file.at<uint32_t>(place + 42);
    // A member: 30 bytes, its name, an extra field, then the array.
    const size_t data = local + 30 + file.at<uint16_t>(local + 26) + file.at<uint16_t>(local + 28);
    const std::string_view member = file.part(data, stored);
    if (zip_crc(member) != file.at<uint32_t>(place + 16))
      throw Error::of(source, " is damaged: the checksum of ", name, " is another");
    if (name.ends_with(".npy")) name.resize(name.size() - 4);
    add_npy(ZipPart(member, source), name, npz);
    // The next entry: 46 bytes, name, extra field, comment.
    place += 46 + name_size + file.at<uint16_t>(place + 30) + file.at<uint16_t>(place + 32);
  }
  return npz;
}

std::string npz_bytes(const TensorMap& arrays) {
  std::string archive, list;
  for (const auto& [name, array] : arrays) {
    const std::string file_name = name + ".npy";
    std::string member = npy_head(array);
    member.append(reinterpret_cast<const char*>(array.bytes.data()), array.bytes.size());
    const std::string facts = member_facts(file_name, zip_crc(member), member.size());
    list += kEntry;
    append_number<uint16_t>(list, 20);  // version made by
    list += facts;
    list.append(2 + 2 + 2 + 4, '\0');  // no comment, one disk, no attributes
    append_number<uint32_t>(list, archive.size());
    list += file_name;
    archive += kMember;
    archive += facts + file_name;
    archive += member;
    if (archive.size() > std::numeric_limits<uint32_t>::max())
      throw Error::of("the arrays take ", archive.size(), " bytes and more; allowed in one .npz file: up to 4 GB");
  }
  const size_t begin = archive.size();
  archive += list;
  archive += kEnd;
  append_number<uint32_t>(archive, 0);  // one disk
  append_number<uint16_t>(archive, arrays.size());
  append_number<uint16_t>(archive, arrays.size());
  append_number<uint32_t>(archive, list.size());
  append_number<uint32_t>(archive, begin);
  append_number<uint16_t>(archive, 0);  // no comment
  return archive;
}

}  // namespace deepq
