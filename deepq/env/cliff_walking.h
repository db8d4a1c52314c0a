// CliffWalking-v1 and CliffWalkingSlippery-v1: along a cliff from the bottom left to the bottom right of 4 x 12 cells.
// Actions: up (0), right (1), down (2), left (3). State: the cell, row by row. Every step costs 1, one over the edge
// 100 and leads back to the start. Without time limit. Source: Sutton and Barto 2018, "Reinforcement Learning",
// example 6.6. Equal to Gymnasium's toy_text/cliffwalking.py:
// https://gymnasium.farama.org/environments/toy_text/cliff_walking/
#pragma once

#include <string>

#include "deepq/env/env_options.h"
#include "deepq/env/tabular_env.h"

namespace deepq {

class CliffWalking final : public TabularEnv {
 public:
  enum class Variant { kCliffWalking, kSlippery };  // the second is slippery whatever the options say

  explicit CliffWalking(const CliffWalkingOptions& options = {}, Variant variant = Variant::kCliffWalking);

  std::string render_text() const override;
  Picture picture() const override;
};

}  // namespace deepq
