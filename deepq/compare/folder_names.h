// What the names of folders say of the runs in them, where no file does.
#pragma once

#include <cstddef>
#include <string>

namespace deepq::compare {

// The task that the name of a folder with so many runs tells: "" for one that only numbers a run ("seed-0", "seed_1",
// "run2", "3", and with a single run Stable-Baselines3's "DQN_1"), the environment of RL Zoo's "CartPole-v1_2" and
// CleanRL's "CartPole-v1__dqn__1__1700000000", and otherwise the name.
std::string task_in_name(const std::string& folder_name, size_t runs);

}  // namespace deepq::compare
