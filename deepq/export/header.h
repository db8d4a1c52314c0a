// A trained agent as one C++17 header that needs nothing else: weights as arrays, the network as plain loops.
#pragma once

#include <string>

#include "deepq/train/policy.h"

namespace deepq {

// The file's text: namespace deepq_agent with q_values(observation, q) and act(observation). Throws deepq::Error for an
// agent that learnt a table.
std::string to_header(const Policy& agent);

}  // namespace deepq
