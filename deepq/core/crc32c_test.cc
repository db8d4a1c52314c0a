#include "deepq/core/crc32c.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace deepq {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

// The definition: bit by bit, polynomial 0x1EDC6F41 reflected.
uint32_t plain_crc32c(std::span<const std::byte> bytes) {
  uint32_t crc = ~0u;
  for (const std::byte byte : bytes) {
    crc ^= static_cast<uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78u : 0);
  }
  return ~crc;
}

// RFC 3720, section B.4.
TEST(Crc32c, PublishedVectors) {
  EXPECT_EQ(crc32c(bytes_of("123456789")), 0xE3069283u);
  EXPECT_EQ(crc32c({}), 0u);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0})), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0xff})), 0x62A8AB43u);
}

TEST(Crc32c, EqualsTheDefinitionForEveryLengthAndAlignment) {
  std::vector<std::byte> bytes(80);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 151 + 7);
  for (size_t begin = 0; begin < 9; ++begin)
    for (size_t length = 0; begin + length <= bytes.size(); ++length) {
      const auto part = std::span(bytes).subspan(begin, length);
      ASSERT_EQ(crc32c(part), plain_crc32c(part)) << begin << " " << length;
    }
}

TEST(Crc32c, GoesOnFromBefore) {
  const auto all = bytes_of("the quick brown fox jumps over the lazy dog");
  for (size_t cut = 0; cut <= all.size(); ++cut)
    ASSERT_EQ(crc32c(all.subspan(cut), crc32c(all.first(cut))), crc32c(all)) << cut;
}

}  // namespace
}  // namespace deepq
