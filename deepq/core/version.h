#pragma once

#include <string_view>

namespace deepq {

std::string_view version();  // MAJOR.MINOR.PATCH

}  // namespace deepq
