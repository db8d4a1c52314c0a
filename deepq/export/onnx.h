// A trained agent as an ONNX model: from the environment's observations to the action values of its greedy policy.
#pragma once

#include <string>

#include "deepq/train/policy.h"

namespace deepq {

// The file's bytes. Input `observation`: [batch, shape...], [batch] for discrete observations, of the environment's own
// type (ObservationLeaf::numpy_dtype). Output `q_values`: float32 [batch, actions]. The model refuses a number that is
// none of the states. Throws deepq::Error for an agent that learnt a table.
std::string to_onnx(const Policy& agent);

}  // namespace deepq
