// The parameters of one network for another, which need not be of the same config: what has the same names and shapes.
#pragma once

#include "deepq/nn/network.h"

namespace deepq {

// Throws deepq::Error that names the first tensor that one of them lacks, or has in another shape; `to` is as it was
// then.
void copy_parameters(const Network& from, Network& to, NetworkPart part);

}  // namespace deepq
