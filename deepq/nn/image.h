// An image among a network's activations: one row for each observation, [height, width, channels].
#pragma once

#include <cstddef>
#include <cstdint>

namespace deepq {

struct Image {
  size_t activation;
  int64_t height, width;
};

}  // namespace deepq
