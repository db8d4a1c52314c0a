// eval.keep_best: the run's agent is the one that did best in the evaluations during training.
#include "deepq/train/best_agent.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "deepq/env/registry.h"
#include "deepq/train/policy.h"
#include "deepq/train/run.h"
#include "deepq/train/trainer.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

// Far from solving CartPole, so that evaluations go up and down; with this seed the best is neither first nor last.
RunConfig config_with_evaluations() {
  RunConfig config;
  config.train.seed = 1;
  config.train.env_steps = 4'000;
  config.agent.batch_size = 16;
  config.network.hidden_sizes = {16};
  config.eval = {.every_env_steps = 500, .episodes = 5, .final_episodes = 7, .keep_best = true};
  return config;
}

struct Evaluations : Observer {
  void on_evaluation(const EvaluationRecord& record) override { records.push_back(record); }
  std::vector<EvaluationRecord> records;

  // Of those during training, the first of the highest.
  const EvaluationRecord& best() const {
    return *std::max_element(records.begin(), records.end() - 1,
                             [](const auto& a, const auto& b) { return a.mean_return < b.mean_return; });
  }
};

std::vector<double> copy(std::span<const double> values) { return {values.begin(), values.end()}; }

// Action values of one state as they were at a step of the run.
std::vector<double> values_at(int64_t env_steps, std::span<const float> state) {
  Trainer trainer(config_with_evaluations(), find_env("CartPole-v1"));
  while (trainer.env_steps() < env_steps) trainer.step();
  return copy(trainer.algorithm().q_values(state));
}

TEST(BestAgent, IsThatOfTheHighestEvaluationAndTheCheckpointHoldsIt) {
  const test::TemporaryFolder folder;
  const std::vector<float> state{0.01f, -0.02f, 0.03f, 0.04f};
  Evaluations evaluations;
  const RunSummary summary =
      start_run(config_with_evaluations(), {.folder = folder / "run", .observers = {&evaluations}});
  const int64_t best = evaluations.best().env_steps;
  ASSERT_LT(best, 4'000) << "the last network is the best: nothing would be seen";
  EXPECT_GT(best, 500) << "the first network is the best: nothing would be seen";
  EXPECT_EQ(summary.eval_env_steps, best);
  EXPECT_EQ(copy(Policy::load(folder / "run").q_values(state)), values_at(best, state));
}

TEST(BestAgent, PlaysTheEvaluationAfterTrainingOnEpisodesThatDidNotPickIt) {
  const test::TemporaryFolder folder;
  RunConfig config = config_with_evaluations();
  config.eval.final_episodes = config.eval.episodes;
  config.train.env_steps = 500;  // one evaluation, and the best is the last
  Evaluations evaluations;
  const RunSummary summary = start_run(config, {.folder = folder / "run", .observers = {&evaluations}});
  ASSERT_EQ(evaluations.records.size(), 2u);
  EXPECT_EQ(summary.eval_env_steps, 500);
  EXPECT_EQ(summary.eval_mean_return, evaluations.records[1].mean_return);
  EXPECT_NE(evaluations.records[0].mean_return, evaluations.records[1].mean_return);
}

TEST(BestAgent, NorDoEpisodesThatEndedTrainingJudgeTheAgent) {
  RunConfig config = config_with_evaluations();
  config.eval = {
      .every_env_steps = 500, .episodes = 5, .final_episodes = 5, .stop_when_solved = true, .solved_mean_return = 1};
  Evaluations evaluations;
  const RunSummary summary = start_run(config, {.observers = {&evaluations}}, [] {
    struct LowThreshold : Env {  // CartPole, solved at once
      LowThreshold() { own.solved_return = 1; }
      const EnvSpec& spec() const override { return own; }
      std::span<const float> reset(std::optional<uint64_t> seed) override { return world->reset(seed); }
      Step step(int64_t action) override { return world->step(action); }
      std::unique_ptr<Env> world = find_env("CartPole-v1")();
      EnvSpec own = world->spec();
    };
    return std::make_unique<LowThreshold>();
  });
  ASSERT_EQ(summary.stopped_by, "solved");
  const auto& records = evaluations.records;
  ASSERT_GE(records.size(), 2u);
  EXPECT_EQ(records.back().env_steps, records[records.size() - 2].env_steps);
  EXPECT_NE(records.back().mean_return, records[records.size() - 2].mean_return);
}

TEST(BestAgent, WithoutAFolderItIsEvaluatedAllTheSame) {
  const test::TemporaryFolder folder;
  const RunSummary with = start_run(config_with_evaluations(), {.folder = folder / "run"}),
                   without = start_run(config_with_evaluations(), {});
  EXPECT_EQ(without.eval_mean_return, with.eval_mean_return);
  EXPECT_EQ(without.eval_env_steps, with.eval_env_steps);
}

TEST(BestAgent, ChangesNothingOfTraining) {
  RunConfig config = config_with_evaluations();
  const RunSummary with = start_run(config, {});
  config.eval.keep_best = false;
  const RunSummary without = start_run(config, {});
  EXPECT_EQ(with.weights_sha256, without.weights_sha256);
  EXPECT_EQ(without.eval_env_steps, 4'000);
}

TEST(BestAgent, OfEqualEvaluationsTheFirstCounts) {
  const RunConfig config = config_with_evaluations();
  Trainer trainer(config, find_env("CartPole-v1"));
  BestAgent best(Policy(config, ObservationSpace::real({4}), 2));
  const auto kept_after = [&](int64_t env_steps, double mean_return) {
    best.consider({.env_steps = env_steps, .mean_return = mean_return}, trainer.algorithm());
    return best.env_steps();
  };
  EXPECT_EQ(kept_after(10, 5), 10);
  EXPECT_EQ(kept_after(20, 5), 10);
  EXPECT_EQ(kept_after(30, 6), 30);
  EXPECT_EQ(kept_after(40, 5.5), 30);
}

TEST(BestAgent, NeedsEvaluations) {
  RunConfig config = config_with_evaluations();
  config.eval.every_env_steps = 0;
  EXPECT_EQ(test::error_of([&] { validate(config); }),
            "eval.keep_best is true and eval.every_env_steps is 0; allowed: above 0, so that there is a best "
            "evaluation, or eval.keep_best = false");
}

}  // namespace
}  // namespace deepq
