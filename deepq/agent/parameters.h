// What the algorithms have in common about their parameters, whether of a network or of a table.
#pragma once

#include <span>
#include <string>

#include "deepq/core/archive.h"
#include "deepq/core/learn_stats.h"
#include "deepq/nn/learning_engine.h"

namespace deepq {

// The optimiser's step after a backward pass, if the loss and the gradient are finite; else throws deepq::Divergence
// and has changed nothing. Fills stats.grad_norm.
void step_checked(LearningEngine& engine, double learning_rate, LearnStats& stats);

std::string parameters_sha256(const Archive& archive);  // of all saved tensors
std::string parameters_sha256(const Network& network);

}  // namespace deepq
