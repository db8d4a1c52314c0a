// Damage to safetensors files, for the tests of what reads them.
#pragma once

#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>

#include "deepq/core/random.h"

namespace deepq::test {

inline constexpr std::string_view kPieces[] = {"[",
                                               "]",
                                               "{",
                                               "}",
                                               "\"",
                                               ",",
                                               ":",
                                               "0",
                                               "-1",
                                               "18446744073709551615",
                                               "1e9",
                                               "null",
                                               "true",
                                               "\"F64\"",
                                               "\"U8\"",
                                               "\"__metadata__\":",
                                               "\"~checksums\"",
                                               "[0,0]",
                                               "\xff",
                                               "\\u0000"};

inline uint64_t header_bytes(const std::string& file) {
  uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  return 8 + length;
}

// A few edits of the header, or bytes changed anywhere.
inline std::string mutated(std::string file, Random& random) {
  const uint64_t header = header_bytes(file);
  const uint64_t edits = 1 + random.below(3);
  for (uint64_t edit = 0; edit < edits; ++edit) {
    const size_t at = 8 + random.below(std::min<uint64_t>(header, file.size() - 8));
    switch (random.below(4)) {
      case 0:
        file.insert(at, kPieces[random.below(std::size(kPieces))]);
        break;
      case 1:
        file.erase(at, random.below(12));
        break;
      case 2:
        file[random.below(file.size())] = static_cast<char>(random.below(256));
        break;
      default:
        file.replace(at, 1, std::to_string(random.below(100)));
        break;
    }
  }
  return file;
}

}  // namespace deepq::test
