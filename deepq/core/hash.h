// Checksums: CRC-32C (Castagnoli, as in TensorBoard's event files and our checkpoints) and SHA-256 (names a set of
// weights).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace deepq {

// crc32c of `bytes` appended to data whose crc32c is `before`; crc32c("123456789") = 0xE3069283.
uint32_t crc32c(std::span<const std::byte> bytes, uint32_t before = 0);

// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace deepq
