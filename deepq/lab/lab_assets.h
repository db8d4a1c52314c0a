// What deepq_embed (cmake/EmbedFiles.cmake) compiles into this layer.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "deepq/core/embedded.h"
#include "deepq/core/error.h"

namespace deepq {

std::span<const EmbeddedFile> embedded_lab_assets();  // deepq/lab/assets

namespace lab {

inline std::string lab_asset(std::string_view name) {
  for (const EmbeddedFile& file : embedded_lab_assets())
    if (file.name == name) return std::string(file.content);
  DEEPQ_ASSERT(false && "an asset that CMakeLists.txt does not embed");
  return "";
}

}  // namespace lab
}  // namespace deepq
