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

// Action values of one state: its row of the table or, where there are two (double Q-learning), the mean of both rows.
void mean_of_tables(std::span<const double> row, std::span<const double> second_row, std::span<double> q);

std::string parameters_sha256(const Archive& archive);  // of all saved tensors
std::string parameters_sha256(const Network& network);

}  // namespace deepq
