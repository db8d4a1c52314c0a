#include <gtest/gtest.h>

#include <cmath>

#include "deepq/lab/lab.h"
#include "deepq/lab/worlds/cliff_walk.h"

namespace deepq::lab {
namespace {

TEST(CliffWalk, MemoryHoldsAllSequences) {
  for (const int64_t states : {1, 2, 5, 10}) {
    const std::vector<CliffStep> memory = cliff_walk_memory(states);
    EXPECT_EQ(static_cast<int64_t>(memory.size()), (int64_t{2} << states) - 2);
    int64_t rewarded = 0, in_first = 0;
    for (const CliffStep& step : memory) {
      rewarded += step.right && step.state == states - 1;
      in_first += step.state == 0;
    }
    EXPECT_EQ(rewarded, 1);
    EXPECT_EQ(in_first, int64_t{1} << states);
  }
}

TEST(CliffWalk, TrueValues) {
  EXPECT_EQ(cliff_walk_values(2), (std::vector<double>{0.5, 1}));
  EXPECT_NEAR(cliff_walk_values(4)[0], 0.75 * 0.75 * 0.75, 1e-15);
}

// Replays the memory in turn and says which errors it was given.
class InTurn : public Sampler {
 public:
  void on_push(int64_t) override { ++pushed; }
  void on_shrink(int64_t) override {}
  void sample(int64_t population, double, Random&, std::span<int64_t> indices, std::span<float>) override {
    indices[0] = next_++ % population;
  }
  void update(std::span<const int64_t>, std::span<const float> errors) override { given.push_back(errors[0]); }
  void serialize(Archive&, int64_t) override {}

  int64_t pushed = 0;
  std::vector<float> given;

 private:
  int64_t next_ = 0;
};

// One state: a wrong and a right step, in turn. Each error shrinks to 3/4 of itself.
TEST(CliffWalk, LearnsAsQLearningDoes) {
  Random random(4), again(4);
  const double wrong = 0.1 * again.normal(), right = 0.1 * again.normal() - 1;
  InTurn sampler;
  const double updates = cliff_walk_updates(1, sampler, random, 1'000);
  EXPECT_EQ(sampler.pushed, 2);
  ASSERT_EQ(static_cast<double>(sampler.given.size()), updates);
  EXPECT_NEAR(sampler.given[0], -wrong, 1e-6);
  EXPECT_NEAR(sampler.given[1], -right, 1e-6);
  EXPECT_NEAR(sampler.given[3], -right * 0.75, 1e-6);
  int64_t expected = 0;
  for (double a = wrong, b = right; (a * a + b * b) / 2 >= 1e-3; ++expected) (expected % 2 == 0 ? a : b) *= 0.75;
  EXPECT_EQ(updates, expected);
  InTurn impatient;
  EXPECT_TRUE(std::isnan(cliff_walk_updates(1, impatient, random, 3)));
}

TEST(CliffWalk, IsLearntFromBothSamplers) {
  Random random(1);
  for (const bool prioritized : {false, true}) {
    const auto sampler = make_sampler({.capacity = 510, .with_replacement = true, .prioritized = prioritized}, 1);
    const double updates = cliff_walk_updates(8, *sampler, random, 1'000'000);
    EXPECT_GT(updates, 50);
    EXPECT_LT(updates, 100'000);
  }
}

// Uniform replay takes 10^(0.3 n) updates and priorities `less` powers of ten less for each state.
Results made_up(double less, double cartpole) {
  Results results;
  for (const Setting& setting : find_experiment("prioritized").settings(false)) {
    results.settings.push_back(setting.name);
    const bool uniform = setting.name.find("uniform") != std::string::npos;
    for (int64_t seed = 0; seed < 20; ++seed) {
      JobResult job{.values = {{"mean_return", uniform ? 100 : 100 + cartpole}},
                    .curves = {{"updates", {{2, 4}, {3, 4}}}, {"return", {{1, 2}, {3, 4}}}}};
      for (int64_t n = 2; n <= 16; n += 2)
        job.values["updates-" + std::to_string(n)] =
            (0.3 - (uniform ? 0 : less)) * static_cast<double>(n) + 0.001 * static_cast<double>(seed);
      results.jobs[setting.name].push_back(job);
    }
  }
  return results;
}

TEST(Prioritized, ConcludesFromTheNumbers) {
  const Experiment& experiment = find_experiment("prioritized");
  const Finding holds = conclude(experiment, made_up(0.1, 5)), fails = conclude(experiment, made_up(-0.1, -5));
  for (const Check& check : holds.checks) EXPECT_EQ(check.answer(), Answer::kHolds) << check.text();
  for (const Check& check : fails.checks) EXPECT_EQ(check.answer(), Answer::kFails) << check.text();
  EXPECT_NEAR(holds.checks[0].interval.value, 1.6, 1e-9);
  EXPECT_NEAR(holds.checks[1].interval.value, 0.1, 1e-9);
  EXPECT_EQ(holds.tables.at(0).rows.size(), 8u);
}

}  // namespace
}  // namespace deepq::lab
