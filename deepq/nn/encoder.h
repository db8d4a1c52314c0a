// What a network makes of pictures before its fully connected layers: network.encoder.
#pragma once

#include <cstddef>

#include "deepq/nn/network_config.h"
#include "deepq/nn/ops/fwd.h"

namespace deepq {

// Returns the activation in which the last image's numbers lie side by side; `top`, the activation that has the
// picture, where there is no encoder. Throws deepq::Error where a kernel does not fit its image.
size_t add_encoder(LayoutBuilder& builder, size_t top, const InputPart& picture);

}  // namespace deepq
