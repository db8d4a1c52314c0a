// SHA-256 (FIPS 180-4): names a set of weights, a preset, a file of the lab. No use here is a secret.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace deepq {

// 64 lower-case hexadecimal digits. About 200 MB/s: the weights of the Nature network, 6.7 MB, take about 30 ms.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace deepq
