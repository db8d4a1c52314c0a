// The world of Sutton and Barto 2018, section 6.7 (figure 6.5). From A, going right ends the episode with reward 0, and
// going left leads to B with reward 0, where every action ends it with a reward of mean -0.1 and standard deviation 1.
// So B, and with it going left, is worth -0.1, whatever is done there.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "deepq/core/random.h"
#include "deepq/env/env.h"

namespace deepq::lab {

constexpr double kTrueValueOfB = -0.1;
constexpr int64_t kActionsInB = 10;

// What the estimates of a state's actions become: its value as a target. Double: one table chooses the largest, the
// other one says what it is worth.
enum class Backup { kMax, kMin, kDouble };

struct BiasSettings {
  Backup backup = Backup::kMax;
  double epsilon = 0.1;  // of the behaviour, greedy by the (summed) tables otherwise, ties broken by chance
  int64_t episodes = 300;
  double step_size = 0.1;
};

struct BiasRun {
  std::vector<uint8_t> went_left;                            // by episode
  double going_left = 0, lowest_in_b = 0, highest_in_b = 0;  // estimates in the end, means of the tables
};

// Q-learning with a table, A with its two actions as in the book, gamma 1, all values 0 at first.
BiasRun run_maximization_bias(const BiasSettings& settings, Random& random);

// The same without a world: `arms` quantities that are all 0, each seen ten times with noise of standard deviation 1.
// Returns what the backup makes of their sample means; double takes five of the ten to choose and five to evaluate.
double backed_up_noise(Backup backup, int64_t arms, Random& random);

// The world for deepq's agents, which know one number of actions for all states: in A the odd ones go left.
class MaximizationBias final : public Env {
 public:
  static bool goes_left(int64_t action) { return action % 2 == 1; }

  const EnvSpec& spec() const override;
  std::span<const float> reset(std::optional<uint64_t> seed) override;
  Step step(int64_t action) override;

 private:
  Random random_;
  std::array<float, 1> observation_{};  // 0: A, 1: B
};

}  // namespace deepq::lab
