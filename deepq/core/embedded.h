// Files compiled into the library by deepq_embed (cmake/EmbedFiles.cmake), so that the program needs no data folder.
// The layer that embeds them declares the function.
#pragma once

#include <span>
#include <string_view>

namespace deepq {

struct EmbeddedFile {
  std::string_view name;  // without its folder: "chapter.toml"
  std::string_view content;
};

}  // namespace deepq
