// What deepq_embed (cmake/EmbedFiles.cmake) compiles into this layer.
#pragma once

#include <span>

#include "deepq/core/embedded.h"

namespace deepq {

std::span<const EmbeddedFile> embedded_page_assets();  // deepq/page/assets and third_party/uplot

}  // namespace deepq
