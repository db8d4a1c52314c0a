// What deepq_embed (cmake/EmbedFiles.cmake) compiles into the program.
#pragma once

#include <span>

#include "deepq/core/embedded.h"

namespace deepq {

std::span<const EmbeddedFile> embedded_playground();  // web/playground.html

}  // namespace deepq
