// CRC-32C (Castagnoli): the checksum of TensorBoard's event files and of our checkpoints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace deepq {

// crc32c of `bytes` appended to data whose crc32c is `before`; crc32c("123456789") = 0xE3069283.
uint32_t crc32c(std::span<const std::byte> bytes, uint32_t before = 0);

}  // namespace deepq
