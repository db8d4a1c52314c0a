// Short runs of networks with memory.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "deepq/config/run_config.h"

namespace deepq::test {

inline std::vector<std::pair<std::string, RunConfig>> memory_runs() {
  RunConfig gru;
  gru.env = {.id = "TMaze-v0", .count = 2};
  gru.env_options.t_maze.length = 4;
  gru.train.env_steps = 900;
  gru.train.learning_starts_env_steps = 100;
  gru.train.update_every_env_steps = 3;
  gru.agent.batch_size = 6;
  gru.agent.n_step = 2;
  gru.agent.double_q = true;
  gru.network.hidden_sizes = {8};
  gru.network.recurrent = Memory::kGru;
  gru.network.recurrent_size = 9;
  gru.replay.capacity = 100;
  gru.replay.prioritized = true;
  gru.replay.sequence_length = 6;
  gru.replay.burn_in = 3;
  gru.replay.sequence_overlap = 2;
  gru.eval = {.every_env_steps = 300, .episodes = 4, .final_episodes = 0};
  RunConfig lstm = gru;
  lstm.env = {.id = "CartPole-v1", .count = 3};
  lstm.env_options.cartpole.hide_velocities = true;
  lstm.network.recurrent = Memory::kLstm;
  lstm.network.dueling = lstm.network.noisy = true;
  lstm.network.hidden_sizes = {8, 8};
  lstm.agent.value.representation = Representation::kCategorical;
  lstm.agent.value.atoms = 11;
  lstm.replay.stored_state = false;
  RunConfig masked = gru;
  masked.env = {.id = "TicTacToe-v0", .count = 2};
  masked.network.layer_norm = true;
  masked.network.conv_channels = {2};
  masked.network.conv_kernels = {2};
  masked.network.conv_strides = {1};
  masked.agent.value.rescale = true;
  RunConfig implicit = gru;
  implicit.agent.value.representation = Representation::kImplicit;
  implicit.agent.value.samples = implicit.agent.value.target_samples = implicit.agent.value.action_samples = 4;
  implicit.train.overlap = true;
  RunConfig munchausen = gru;
  munchausen.agent.double_q = false;
  munchausen.agent.n_step = 1;
  munchausen.agent.munchausen = true;
  munchausen.agent.value.representation = Representation::kQuantile;
  munchausen.agent.value.quantiles = 5;
  munchausen.network.hidden_sizes = {};
  return {{"gru", gru},
          {"lstm, noisy, categorical", lstm},
          {"gru after convolutions, legal actions", masked},
          {"gru, implicit, overlap", implicit},
          {"gru, Munchausen, quantile", munchausen}};
}

}  // namespace deepq::test
