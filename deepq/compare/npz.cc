#include "deepq/compare/npz.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <optional>

#include "deepq/core/error.h"

namespace deepq::compare {
namespace {

static_assert(std::endian::native == std::endian::little, "the formats are little-endian and read as they lie");

// A part of a file; every look into it is checked.
class Bytes {
 public:
  Bytes(std::string_view bytes, const std::string& source) : bytes_(bytes), source_(source) {}

  template <class Number>
  Number at(size_t place) const {
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

// Of an .npy header, a Python dictionary: the text after 'NAME':, up to `end`.
std::string_view entry(std::string_view header, const std::string& name, std::string_view end) {
  const size_t key = header.find("'" + name + "':");
  if (key == std::string_view::npos) return {};
  std::string_view value = header.substr(key + name.size() + 3);
  value.remove_prefix(std::min(value.size(), value.find_first_not_of(" ")));
  const size_t last = value.find_first_of(end, 1);  // from 1 on: '(' or a quote may itself be among the ends
  return last == std::string_view::npos ? std::string_view() : value.substr(0, last);
}

std::vector<int64_t> shape_of(std::string_view text, const std::string& source) {
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

template <class Number>
std::vector<double> numbers(const Bytes& data, size_t begin, size_t count) {
  // Before the memory is asked for: a damaged shape may say anything.
  if (count > data.all().size() / sizeof(Number))
    throw Error::of(data.source(), " is no whole .npz file: an array is shorter than its shape says");
  std::vector<double> values;
  values.reserve(count);
  for (size_t i = 0; i < count; ++i) values.push_back(static_cast<double>(data.at<Number>(begin + i * sizeof(Number))));
  return values;
}

// Nothing for another kind of array than of numbers.
std::optional<NpyArray> read_npy(const Bytes& data) {
  // numpy's format: six bytes of mark, two of version, the header's length, the header, the numbers.
  if (data.part(0, 6) != std::string_view("\x93NUMPY", 6))
    throw Error::of(data.source(), " holds a member that is no .npy array");
  const bool short_header = data.at<uint8_t>(6) == 1;  // format 1.0 counts the header with 16 bits, later ones with 32
  const size_t begin = short_header ? 10 : 12;
  const size_t length = short_header ? data.at<uint16_t>(8) : data.at<uint32_t>(8);
  const std::string_view header = data.part(begin, length);
  const std::string_view type = entry(header, "descr", ",}");
  // Other libraries' files have none; a transposed one would be read wrong.
  if (entry(header, "fortran_order", ",}") != "False") return {};
  NpyArray array{.shape = shape_of(entry(header, "shape", ")"), data.source()), .values = {}};
  size_t count = 1;
  for (const int64_t size : array.shape) {
    if (size != 0 && count > data.all().size() / static_cast<size_t>(size))  // the product, without overflow
      throw Error::of(data.source(), " is no whole .npz file: an array is shorter than its shape says");
    count *= static_cast<size_t>(size);
  }
  const size_t values = begin + length;
  if (type == "'<f8'") return NpyArray{array.shape, numbers<double>(data, values, count)};
  if (type == "'<f4'") return NpyArray{array.shape, numbers<float>(data, values, count)};
  if (type == "'<i8'") return NpyArray{array.shape, numbers<int64_t>(data, values, count)};
  if (type == "'<i4'") return NpyArray{array.shape, numbers<int32_t>(data, values, count)};
  return {};
}

// Where the archive's list of members begins, and how many it has: said in the last 22 bytes before a comment.
size_t directory_end(const Bytes& file) {
  // From the end: the bytes of an array may look like the mark.
  const size_t place = file.all().rfind(std::string_view("PK\x05\x06", 4));
  if (place == std::string_view::npos) throw Error::of(file.source(), " is no .npz file: it has no list of its arrays");
  return place;
}

}  // namespace

std::map<std::string, NpyArray> read_npz(std::string_view bytes, const std::string& source) {
  const Bytes file(bytes, source);
  const size_t end = directory_end(file);
  // ZIP (APPNOTE 4.3.12 and 4.3.16): the list at the end says where each member begins, with its size, which the
  // members' own heads may not know.
  size_t place = file.at<uint32_t>(end + 16);
  std::map<std::string, NpyArray> arrays;
  for (uint16_t left = file.at<uint16_t>(end + 10); left > 0; --left) {
    if (file.part(place, 4) != std::string_view("PK\x01\x02", 4))
      throw Error::of(source, " is no whole .npz file: its list of arrays is damaged");
    // In an entry: method at 10, stored size at 20, the name's size at 28, where the member begins at 42, name at 46.
    const size_t name_size = file.at<uint16_t>(place + 28), stored = file.at<uint32_t>(place + 20);
    std::string name(file.part(place + 46, name_size));
    if (file.at<uint16_t>(place + 10) != 0)  // method 0: stored as it is
      throw Error::of(source, " is compressed; allowed: as numpy.savez writes it, not numpy.savez_compressed");
    const size_t local = file.at<uint32_t>(place + 42);
    // A member: 30 bytes, its name, an extra field, then the array.
    const size_t data = local + 30 + file.at<uint16_t>(local + 26) + file.at<uint16_t>(local + 28);
    if (name.ends_with(".npy")) name.resize(name.size() - 4);
    if (auto array = read_npy(Bytes(file.part(data, stored), source))) arrays.insert_or_assign(name, std::move(*array));
    // The next entry: 46 bytes, name, extra field, comment.
    place += 46 + name_size + file.at<uint16_t>(place + 30) + file.at<uint16_t>(place + 32);
  }
  return arrays;
}

}  // namespace deepq::compare
