// Files compiled into the library by deepq_embed (cmake/EmbedFiles.cmake), so that the program needs no data folder.
#pragma once

#include <span>
#include <string_view>

namespace deepq {

struct EmbeddedFile {
  std::string_view name;  // without its folder: "chapter.toml"
  std::string_view content;
};

std::span<const EmbeddedFile> embedded_presets();        // presets/*.toml
std::span<const EmbeddedFile> embedded_report_assets();  // deepq/train/assets and third_party/uplot

}  // namespace deepq
