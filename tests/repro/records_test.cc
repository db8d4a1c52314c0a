// What a run reports: episodes of the right copy, metrics of all updates, evaluations and checkpoints at their
// times however many environments step together.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <set>
#include <thread>

#include "deepq/env/registry.h"
#include "deepq/train/run.h"
#include "deepq/train/trainer.h"
#include "tests/repro/small_config.h"
#include "tests/test_support.h"
#include "tests/toy_envs.h"

namespace deepq {
namespace {

using test::small_config;

struct Records : Observer {
  void on_episode(const EpisodeRecord& record) override { episodes.push_back(record); }
  void on_metrics(const MetricsRecord& record) override { metrics.push_back(record); }
  void on_evaluation(const EvaluationRecord& record) override { evaluations.push_back(record); }
  std::vector<EpisodeRecord> episodes;
  std::vector<MetricsRecord> metrics;
  std::vector<EvaluationRecord> evaluations;
};

Records records_of(Trainer& trainer) {
  Records records;
  trainer.add_observer(records);
  while (!trainer.done()) trainer.step();
  trainer.clear_observers();
  return records;
}

Records records_of(const RunConfig& config) {
  Trainer trainer(config, find_env(config.env.id));
  return records_of(trainer);
}

// CartPole pays 1 a step, and its copies fall at different times.
TEST(Records, EpisodesAreThoseOfTheirCopy) {
  RunConfig config = small_config();
  config.env.count = 3;
  Trainer trainer(config, find_env("CartPole-v1"));
  const Records records = records_of(trainer);
  ASSERT_GT(records.episodes.size(), 30u);
  ASSERT_LE(records.episodes.size(), 100u) << "more than the window holds";
  std::set<int64_t> lengths;
  int64_t steps = 0, number = 0;
  for (const EpisodeRecord& record : records.episodes) {
    EXPECT_EQ(record.episode_return, static_cast<double>(record.length));
    EXPECT_EQ(record.episode, ++number);
    lengths.insert(record.length);
    steps += record.length;
  }
  EXPECT_GT(lengths.size(), 10u) << "all alike: nothing would be seen";
  EXPECT_LE(steps, 3'000);
  EXPECT_GT(steps, 3'000 - 3 * 500);
  EXPECT_NEAR(trainer.returns().last_mean(), static_cast<double>(steps) / static_cast<double>(number), 1e-9);
}

// Rows of five updates are the means, and the largest |Q|, of five rows of one.
TEST(Records, MetricsAreOfAllUpdatesSinceTheLastRow) {
  RunConfig config = small_config();
  config.train.env_steps = 600;
  config.log.metrics_every_updates = 1;
  const std::vector<MetricsRecord> single = records_of(config).metrics;
  config.log.metrics_every_updates = 5;
  const std::vector<MetricsRecord> five = records_of(config).metrics;
  ASSERT_EQ(five.size(), single.size() / 5);
  for (size_t i = 0; i < five.size(); ++i) {
    MetricsRecord mean;
    for (size_t j = 5 * i; j < 5 * i + 5; ++j) {
      mean.loss += single[j].loss / 5;
      mean.mean_q += single[j].mean_q / 5;
      mean.grad_norm += single[j].grad_norm / 5;
      mean.max_abs_q = std::max(mean.max_abs_q, single[j].max_abs_q);
    }
    EXPECT_NEAR(five[i].loss, mean.loss, 1e-9);
    EXPECT_NEAR(five[i].mean_q, mean.mean_q, 1e-9);
    EXPECT_NEAR(five[i].grad_norm, mean.grad_norm, 1e-9 * mean.grad_norm);
    EXPECT_EQ(five[i].max_abs_q, mean.max_abs_q);
    EXPECT_EQ(five[i].updates, single[5 * i + 4].updates);
    EXPECT_EQ(five[i].env_steps, single[5 * i + 4].env_steps);
    EXPECT_EQ(five[i].epsilon, single[5 * i + 4].epsilon);
  }
}

// The first step of all environments together that reaches or passes each multiple of `period`.
std::vector<int64_t> moments(int64_t period, int64_t env_count, int64_t end) {
  std::vector<int64_t> steps;
  for (int64_t step = env_count; step <= end; step += env_count)
    if (step / period > (step - env_count) / period) steps.push_back(step);
  return steps;
}

TEST(Records, EvaluationsAndCheckpointsKeepTheirPeriodWithAnyNumberOfEnvironments) {
  for (const int64_t envs : {1, 3, 7, 150}) {
    SCOPED_TRACE(envs);
    const test::TemporaryFolder folder;
    RunConfig config = small_config();
    config.env.count = envs;
    config.train.env_steps = 700 / envs * envs;
    config.agent.batch_size = 8;
    config.network.hidden_sizes = {4};
    config.eval.every_env_steps = 100;
    config.eval.episodes = 1;
    config.checkpoint = {.every_env_steps = 90, .keep = 100};
    Records records;
    start_run(config, {.folder = folder / "run", .observers = {&records}});
    std::vector<int64_t> evaluated;
    for (const EvaluationRecord& record : records.evaluations) evaluated.push_back(record.env_steps);
    EXPECT_EQ(evaluated, moments(100, envs, config.train.env_steps));
    std::set<int64_t> expected{0, config.train.env_steps}, written;
    for (const int64_t step : moments(90, envs, config.train.env_steps)) expected.insert(step);
    for (const auto& file : std::filesystem::directory_iterator(folder / "run/checkpoints"))
      written.insert(std::stoll(file.path().filename().string().substr(std::string("checkpoint-").size())));
    EXPECT_EQ(written, expected);
  }
}

// A network that learns nothing is evaluated on other episodes each time, and at random actions as asked for.
TEST(Records, EvaluationsPlayOtherEpisodesAtTheirEpsilon) {
  RunConfig config = small_config();
  config.train.env_steps = 400;
  config.train.learning_starts_env_steps = 10'000;
  config.eval = {.every_env_steps = 50, .episodes = 3, .final_episodes = 0, .epsilon = 0.3};
  std::set<double> returns;
  const std::vector<EvaluationRecord> evaluations = records_of(config).evaluations;
  for (const EvaluationRecord& record : evaluations) returns.insert(record.mean_return);
  EXPECT_EQ(evaluations.size(), 8u);
  EXPECT_GT(returns.size(), 4u);
  config.eval.epsilon = 1;
  const std::vector<EvaluationRecord> random = records_of(config).evaluations;
  int equal = 0;
  for (size_t i = 0; i < random.size(); ++i) equal += random[i].mean_return == evaluations[i].mean_return;
  EXPECT_LT(equal, 4);
}

// Good evaluations of an agent whose training episodes are all bad, for it acts at random in them.
TEST(Records, ItIsNotSolvedBeforeTheTrainingReturnsSaySo) {
  RunConfig config = small_config();
  config.agent.batch_size = 8;
  config.network.hidden_sizes = {16};
  config.eval = {.every_env_steps = 500, .episodes = 2, .stop_when_solved = true, .solved_mean_return = 9};
  struct Threshold : test::IdentityEnv {
    explicit Threshold(double solved) { spec_.solved_return = solved; }
  };
  config.exploration.epsilon_start = config.exploration.epsilon_end = 1;
  for (const double threshold : {9.0, 1.0}) {
    Trainer trainer(config, [=] { return std::make_unique<Threshold>(threshold); });
    const Records records = records_of(trainer);
    EXPECT_EQ(records.evaluations.back().mean_return, 10) << "it has learnt what to do";
    EXPECT_EQ(trainer.early_stop() == "solved", threshold == 1) << "a random episode's return is a third of 10";
    EXPECT_EQ(trainer.env_steps() == 3'000, threshold == 9);
  }
}

// What a schedule goes by is how far the run is, in the measure that ends it first.
TEST(Records, ProgressIsThatOfTheLimitThatIsNearer) {
  RunConfig config = small_config();
  config.agent.optimizer.final_learning_rate_fraction = 0.5;
  config.train.env_steps = 0;
  config.train.episodes = 60;
  Trainer by_episodes(config, find_env("CartPole-v1"));
  while (by_episodes.episodes() < 30) by_episodes.step();
  EXPECT_NEAR(by_episodes.learning_rate(), 0.75 * config.agent.optimizer.learning_rate, 1e-12);
  config.train.env_steps = 1'000'000;
  Trainer by_both(config, find_env("CartPole-v1"));
  while (by_both.episodes() < 30) by_both.step();
  EXPECT_EQ(by_both.learning_rate(), by_episodes.learning_rate());
  config.train.env_steps = 100;
  Trainer by_steps(config, find_env("CartPole-v1"));
  while (by_steps.env_steps() < 50) by_steps.step();
  EXPECT_NEAR(by_steps.learning_rate(), 0.75 * config.agent.optimizer.learning_rate, 1e-12);
}

TEST(Records, SecondsGoOnAfterAResume) {
  Trainer trainer(small_config(), find_env("CartPole-v1")), resumed(small_config(), find_env("CartPole-v1"));
  trainer.resume_clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  trainer.pause_clock();
  EXPECT_GE(trainer.seconds(), 0.02);
  Archive saved;
  trainer.serialize(saved);
  Archive loaded(saved.tensors());
  resumed.serialize(loaded);
  EXPECT_EQ(resumed.seconds(), trainer.seconds());
}

}  // namespace
}  // namespace deepq
