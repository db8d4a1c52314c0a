// Small formatting helpers of the program.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace deepq::cli {

std::string fixed(double value, int decimals);                   // "22.4"; "-" for NaN
std::string grouped(int64_t value);                              // "52,311"
std::string duration(double seconds);                            // "0:07", "1:02:03"
std::string bytes_text(double bytes);                            // "62.8 GB", powers of 1000
std::string padded(std::string_view text, size_t width);         // spaces after it
std::string right_aligned(std::string_view text, size_t width);  // spaces before it

}  // namespace deepq::cli
