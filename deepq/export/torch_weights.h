// The online network's weights alone as a safetensors file, with PyTorch's names and layouts (docs/export.md), and in
// its metadata what ActingPolicy and the library deepq::act need to act by it.
#pragma once

#include <string>

#include "deepq/train/policy.h"

namespace deepq {

// The file's bytes. Throws deepq::Error for an agent that learnt a table.
std::string to_safetensors(const Policy& agent);

}  // namespace deepq
