// Figures about the program itself: how long an update takes here, and one hash that pins what the program computes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "deepq/nn/network_config.h"

namespace deepq {

struct UpdateTiming {
  std::string variant;  // "plain", or what is switched on
  std::vector<int64_t> hidden_sizes;
  int64_t batch_size = 0;
  double median_us = 0, min_us = 0;
};

// The whole update (sample without replacement from 10,000 transitions, gather, two forwards, backward, Adam) on
// CartPole's shapes, one thread, for 64-64 and batch 64, 120-84 and 128, 256-256 and 64. Takes about two seconds.
std::vector<UpdateTiming> time_updates(Arithmetic arithmetic = Arithmetic::kFast);

// The same for each variant of the family, 64-64 and 256-256, batch 64, 10,000 transitions. Takes about sixteen
// seconds.
std::vector<UpdateTiming> time_variants(Arithmetic arithmetic = Arithmetic::kFast);

struct PixelTiming {
  std::string work;
  double median_us = 0, min_us = 0;
};

// The Nature network (Mnih et al. 2015) on stacks of 4 frames of 84x84 and 6 actions, one thread: "update", the whole
// of it for a batch of 32, drawn from 50,000 transitions in single frames; of that, "gather", drawing and gathering
// alone; "act", the action values of one stack; "store", taking in one step. In processor time; with several threads
// for the network in wall time. Takes about seven seconds.
std::vector<PixelTiming> time_pixels(int64_t threads = 1, Arithmetic arithmetic = Arithmetic::kFast);

struct EnvTiming {
  std::string id;
  double median_steps_per_second = 0, max_steps_per_second = 0;
};

// How fast each registered environment steps, one thread: Env::step called directly with random actions, resets (also
// those at the time limit) included. Takes a fifth of a second each.
std::vector<EnvTiming> time_envs();

// SHA-256 over the weights and returns after a short training run of the preset. In strict arithmetic the same on every
// machine, by every compiler and in every build type; on the plain engine wherever the C library is the same; else on
// all machines of one kind of vector kernels. Changes when, and only when, what the program computes changes. Throws
// deepq::Error where the preset's world cannot be made.
std::string signature(const std::string& preset_name, Numerics numerics = Engine::kPlain);

}  // namespace deepq
