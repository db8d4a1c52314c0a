// A trained agent as an ONNX model: from the environment's observations to the action values of its greedy policy.
#pragma once

#include <string>

#include "deepq/train/agent.h"

namespace deepq {

// The file's bytes. Input `observation`: uint8 [batch, frames, height, width] for frames of pixels, int64 [batch] for
// discrete observations, float32 [batch, shape...] for all others. Output `q_values`: float32 [batch, actions].
// Throws deepq::Error for an agent that learnt a table.
std::string to_onnx(const Agent& agent);

}  // namespace deepq
