#pragma once

#include <string_view>

namespace deepq {

std::string_view version();  // "0.1.0"

}  // namespace deepq
