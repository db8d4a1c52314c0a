#include "cli/gif.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "deepq/core/error.h"

namespace deepq::cli {
namespace {

constexpr size_t kMostColors = 256;
constexpr int kMostCodes = 4096, kReds = 6, kGreens = 7, kBlues = 6;

// What a picture is written with: the colours of each pixel by their places in a table.
struct Indexed {
  std::vector<Rgb> colors;
  std::string indices;
};

// Nothing where there are too many colours.
bool index_exactly(const Picture& picture, Indexed& indexed) {
  std::map<Rgb, char> places;
  for (size_t i = 0; i < picture.rgb.size(); i += 3) {
    const Rgb color{picture.rgb[i], picture.rgb[i + 1], picture.rgb[i + 2]};
    const auto [found, is_new] = places.emplace(color, static_cast<char>(indexed.colors.size()));
    if (is_new && indexed.colors.size() == kMostColors) return false;
    if (is_new) indexed.colors.push_back(color);
    indexed.indices += found->second;
  }
  return true;
}

int nearest(int value, int steps) { return (value * (steps - 1) + 127) / 255; }
uint8_t value_of(int step, int steps) { return static_cast<uint8_t>(255 * step / (steps - 1)); }

// The same table for all: 6 reds, 7 greens, 6 blues.
Indexed index_nearly(const Picture& picture) {
  Indexed indexed;
  for (int r = 0; r < kReds; ++r)
    for (int g = 0; g < kGreens; ++g)
      for (int b = 0; b < kBlues; ++b)
        indexed.colors.push_back({value_of(r, kReds), value_of(g, kGreens), value_of(b, kBlues)});
  for (size_t i = 0; i < picture.rgb.size(); i += 3)
    indexed.indices +=
        static_cast<char>((nearest(picture.rgb[i], kReds) * kGreens + nearest(picture.rgb[i + 1], kGreens)) * kBlues +
                          nearest(picture.rgb[i + 2], kBlues));
  return indexed;
}

// Codes of growing width, the lowest bit first, in blocks of up to 255 bytes.
class Codes {
 public:
  explicit Codes(std::string& bytes) : bytes_(bytes) {}
  void add(int code, int width) {
    pending_ |= static_cast<uint32_t>(code) << pending_bits_;
    for (pending_bits_ += width; pending_bits_ >= 8; pending_bits_ -= 8, pending_ >>= 8) put();
  }
  void finish() {
    if (pending_bits_ > 0) put();
    flush();
    bytes_ += '\0';
  }

 private:
  void put() {
    block_ += static_cast<char>(pending_ & 0xff);
    if (block_.size() == 255) flush();
  }
  void flush() {
    if (block_.empty()) return;
    bytes_ += static_cast<char>(block_.size());
    bytes_ += block_;
    block_.clear();
  }

  std::string& bytes_;
  std::string block_;
  uint32_t pending_ = 0;
  int pending_bits_ = 0;
};

}  // namespace

Gif::Gif(int width, int height, double fps)
    : width_(width),
      height_(height),
      hundredths_(std::clamp(static_cast<int>(std::lround(100 / std::max(fps, 0.1))), 2, 1000)) {
  if (width > kMostSide || height > kMostSide)
    throw Error::of("a picture has ", width, " x ", height, " pixels; allowed in a GIF: up to ", kMostSide,
                    " to a side");
  bytes_ = "GIF89a";
  add_number(width_);
  add_number(height_);
  bytes_ += std::string("\0\0\0", 3);                                  // no table of colours for all
  bytes_ += std::string("\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0", 19);  // again and again
}

void Gif::add_number(int number) {
  bytes_ += static_cast<char>(number & 0xff);
  bytes_ += static_cast<char>(number >> 8);
}

void Gif::add(const Picture& picture) {
  if (picture.width != width_ || picture.height != height_)
    throw Error::of("a picture has ", picture.width, " x ", picture.height, " pixels; the first one had ", width_,
                    " x ", height_);
  Indexed indexed;
  if (!index_exactly(picture, indexed)) indexed = index_nearly(picture);
  int bits = 1;
  while ((size_t{1} << bits) < indexed.colors.size()) ++bits;
  bytes_ += std::string("\x21\xf9\x04\x04", 4);  // graphic control: stays where the next one covers it
  add_number(hundredths_);
  bytes_ += std::string("\0\0\x2c", 3);  // an image, at
  for (const int number : {0, 0, width_, height_}) add_number(number);
  bytes_ += static_cast<char>(0x80 | (bits - 1));  // with a table of its own
  indexed.colors.resize(size_t{1} << bits);
  for (const Rgb& color : indexed.colors) bytes_.append(color.begin(), color.end());
  add_compressed(indexed.indices, std::max(2, bits));
}

// LZW: a code for each run of pixels that was seen before; where all codes are given away, it begins anew.
void Gif::add_compressed(const std::string& indices, int bits) {
  const int clear = 1 << bits, end = clear + 1;
  std::vector<int16_t> longer(static_cast<size_t>(kMostCodes) * kMostColors, -1);  // [code, pixel]
  bytes_ += static_cast<char>(bits);
  Codes codes(bytes_);
  int next = end + 1, width = bits + 1;
  codes.add(clear, width);
  int code = static_cast<unsigned char>(indices[0]);
  for (size_t i = 1; i < indices.size(); ++i) {
    const int pixel = static_cast<unsigned char>(indices[i]);
    int16_t& known = longer[static_cast<size_t>(code) * kMostColors + static_cast<size_t>(pixel)];
    if (known >= 0) {
      code = known;
      continue;
    }
    codes.add(code, width);
    code = pixel;
    if (next == kMostCodes) {
      codes.add(clear, width);
      std::ranges::fill(longer, int16_t{-1});
      next = end + 1, width = bits + 1;
      continue;
    }
    known = static_cast<int16_t>(next);
    if (next == 1 << width) ++width;
    ++next;
  }
  codes.add(code, width);
  codes.add(end, width);
  codes.finish();
}

std::string Gif::finish() && {
  bytes_ += '\x3b';
  return std::move(bytes_);
}

}  // namespace deepq::cli
