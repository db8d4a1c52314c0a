#include "deepq/core/crc32c.h"

#include <array>
#include <bit>
#include <cstring>

namespace deepq {
namespace {

using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    // Castagnoli's polynomial, bits reversed.
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ (value & 1 ? 0x82f63b78u : 0);
    tables[0][i] = value;
  }
  for (size_t t = 1; t < 8; ++t)
    for (size_t i = 0; i < 256; ++i) tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 255];
  return tables;
}

constexpr Tables kTables = make_tables();

}  // namespace

// Eight bytes at a time ("slicing by 8"), which matters for the checkpoint of a large replay.
uint32_t crc32c(std::span<const std::byte> bytes, uint32_t before) {
  static_assert(std::endian::native == std::endian::little);
  uint32_t crc = ~before;
  size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    // The old checksum goes into the first four bytes; then the eight tables are looked up independently of each other.
    word ^= crc;
    crc = 0;
    for (size_t b = 0; b < 8; ++b) crc ^= kTables[7 - b][(word >> (8 * b)) & 255];
  }
  for (; i < bytes.size(); ++i) crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<uint32_t>(bytes[i])) & 255];
  return ~crc;
}

}  // namespace deepq
