// What deepq_embed (cmake/EmbedFiles.cmake) compiles into this layer.
#pragma once

#include <span>

#include "deepq/core/embedded.h"

namespace deepq {

std::span<const EmbeddedFile> embedded_presets();  // presets/*.toml

}  // namespace deepq
