// Beginning a run with what another one has learnt: train.start_from, and weights of another library's network.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "deepq/core/safetensors.h"
#include "deepq/train/trainer.h"

namespace deepq {

// Takes over what the trainer's config names: weights, all or the body's, and where it says so stored transitions; the
// optimiser's state, counters and random numbers stay the new run's. Nothing where it names nothing. Throws
// deepq::Error that says what differs. `notice`: see Policy::load.
void start_from(Trainer& trainer, const std::function<void(const std::string&)>& notice);

// The tensors of the trainer's network by their names in an export as safetensors, with PyTorch's shapes, in the order
// in which a forward pass meets them; and the reverse, weights in PyTorch's layouts. Throws deepq::Error for a table,
// and for a tensor that is missing or of another type or shape.
std::vector<std::pair<std::string, std::vector<int64_t>>> torch_tensors(const Trainer& trainer);
void take_torch_weights(Trainer& trainer, const TensorMap& tensors);

}  // namespace deepq
