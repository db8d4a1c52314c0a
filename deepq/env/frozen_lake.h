// FrozenLake-v1 and FrozenLake8x8-v1: over the ice to the goal, past the holes; the ice may be slippery.
// Actions: left (0), down (1), right (2), up (3). State: the cell, row by row. 100 steps at most, 200 on 8x8.
// Equal to Gymnasium's toy_text/frozen_lake.py: https://gymnasium.farama.org/environments/toy_text/frozen_lake/
#pragma once

#include <string>

#include "deepq/env/env_options.h"
#include "deepq/env/tabular_env.h"

namespace deepq {

class FrozenLake final : public TabularEnv {
 public:
  enum class Variant { kFrozenLake, kFrozenLake8x8 };  // the second has the 8x8 map whatever the options say

  // Throws deepq::Error for a success rate that is no probability.
  explicit FrozenLake(const FrozenLakeOptions& options = {}, Variant variant = Variant::kFrozenLake);

  std::string render_text() const override;
  Picture picture() const override;

 private:
  FrozenLakeOptions::Map map_;
};

}  // namespace deepq
