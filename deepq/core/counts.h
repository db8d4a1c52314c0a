// Whole numbers as people type them: 100000, 100_000, 1e5, 2.5e5, 100k, 1M.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace deepq {

// Nothing for what is no whole number ("2.7", "1.5"), is none exactly in 64 bits ("1e30"), or is something else. k, M
// and G (in either case) are thousands, millions and thousands of millions; a _ may stand between digits.
std::optional<int64_t> parse_count(std::string_view text);

}  // namespace deepq
