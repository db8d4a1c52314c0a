// Short runs for the tests of this folder.
#pragma once

#include "deepq/config/run_config.h"

namespace deepq::test {

inline RunConfig small_config() {
  RunConfig config;
  config.train.env_steps = 3'000;
  config.replay.capacity = 1'000;
  config.eval.final_episodes = 0;
  return config;
}

// On stacks of frames.
inline RunConfig pixel_config() {
  RunConfig config = small_config();
  config.train.env_steps = 900;
  config.env.count = 2;
  config.replay.capacity = 300;
  config.agent.batch_size = 8;
  config.network.hidden_sizes = {16};
  config.network.input_divisor = 255;
  return config;
}

}  // namespace deepq::test
