// Small formatting helpers of the program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace deepq::cli {

constexpr size_t kColumns = 80;  // that text and tables keep within: a terminal's width, unless it was made wider

std::string fixed(double value, int decimals);                   // "22.4"; "-" for NaN
std::string score(double value);                                 // "0.517", "22.4": see page::score_text()
std::string grouped(int64_t value);                              // "52,311"
std::string duration(double seconds);                            // "0:07", "1:02:03"
std::string bytes_text(double bytes);                            // "62.8 GB", powers of 1000
std::string padded(std::string_view text, size_t width);         // spaces after it
std::string right_aligned(std::string_view text, size_t width);  // spaces before it

// The fields of a line, three blanks apart, that come into so many columns, from the left; the first of them is cut.
std::string_view fitted(std::string_view line, size_t columns);

// The text in lines of so many columns, broken before a blank; words are never cut.
std::vector<std::string> wrapped(std::string_view text, size_t columns);

}  // namespace deepq::cli
