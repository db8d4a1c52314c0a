// How a run's numbers are computed. Fast: as this machine is best at it, with fused multiply-add and its C library's
// functions; the same bits again on any machine with the same instructions and library. Strict: the same bits on every
// machine and by every compiler.
#pragma once

#include <array>
#include <string_view>

namespace deepq {

enum class Arithmetic { kFast, kStrict };

inline constexpr std::array<std::string_view, 2> kArithmeticNames{"fast", "strict"};

}  // namespace deepq
