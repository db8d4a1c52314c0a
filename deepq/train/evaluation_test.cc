#include "deepq/train/evaluation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "deepq/env/registry.h"
#include "deepq/train/trainer.h"
#include "tests/player.h"

namespace deepq {
namespace {

std::span<const double> towards_the_pole(std::span<const float> observation) {
  static std::array<double, 2> values;
  values = {-observation[2], observation[2]};
  return values;
}

// Pushes towards the side where the pole leans: some dozens of steps an episode.
test::Player leaning(towards_the_pole, 4, 2);
Policy& lean = leaning.policy;

TEST(Play, HandsOverTheEpisodesThatEvaluateMeasures) {
  const EvaluationPlan plan{.episodes = 3, .streams = {.run_seed = 7}, .epsilon = 0.1};
  int64_t episode = 1, step = 1, steps = 0;
  double sum = 0, all = 0;
  play(lean, find_env("CartPole-v1"), plan, [&](const PlayedStep& played) {
    EXPECT_EQ(played.episode, episode);
    EXPECT_EQ(played.step, step);
    sum += played.reward;
    EXPECT_EQ(played.episode_return, sum);
    EXPECT_EQ(played.q_values.size(), 2u);
    EXPECT_EQ(played.observation.as<float>().size(), 4u);
    ++steps;
    ++step;
    if (played.terminated || played.truncated) {
      EXPECT_GT(std::abs(played.observation.as<float>()[2]) + std::abs(played.observation.as<float>()[0]), 0.2f)
          << "the last observation is that of the fallen pole, not of the next episode";
      all += sum;
      sum = 0;
      step = 1;
      ++episode;
    }
    return true;
  });
  EXPECT_EQ(episode, 4);
  const EvaluationRecord record = evaluate(lean, find_env("CartPole-v1"), plan);
  EXPECT_DOUBLE_EQ(record.mean_return, all / 3);
  EXPECT_DOUBLE_EQ(record.mean_length, static_cast<double>(steps) / 3);
}

TEST(Play, CutsOffAtTheTimeLimit) {
  std::vector<int64_t> ends;
  play(lean, find_env("CartPole-v1"), {.episodes = 2, .max_episode_steps = 5}, [&](const PlayedStep& played) {
    EXPECT_FALSE(played.terminated);
    if (played.truncated) ends.push_back(played.step);
    return true;
  });
  EXPECT_EQ(ends, (std::vector<int64_t>{5, 5}));
}

TEST(Evaluate, SummarizesTheReturnsOfItsEpisodes) {
  const EvaluationPlan plan{.episodes = 60, .streams = {.run_seed = 3}, .epsilon = 0.4};
  std::vector<double> returns;
  int64_t steps = 0, random = 0;
  std::array<float, 4> before{};  // the observation acted on
  test::Player watched(
      [&](std::span<const float> observation) {
        std::copy(observation.begin(), observation.end(), before.begin());
        return towards_the_pole(observation);
      },
      4, 2);
  play(watched.policy, find_env("CartPole-v1"), plan, [&](const PlayedStep& step) {
    ++steps;
    random += step.action != (before[2] > 0 ? 1 : 0);
    if (step.terminated || step.truncated) returns.push_back(step.episode_return);
    return true;
  });
  ASSERT_EQ(returns.size(), 60u);
  EXPECT_NEAR(static_cast<double>(random) / static_cast<double>(steps), 0.4 / 2,
              5 * std::sqrt(0.2 * 0.8 / static_cast<double>(steps)))
      << "half of the random actions are the greedy one";
  double mean = 0, variance = 0;
  for (const double value : returns) mean += value / 60;
  for (const double value : returns) variance += (value - mean) * (value - mean) / 60;
  const EvaluationRecord record = evaluate(lean, find_env("CartPole-v1"), plan);
  EXPECT_NEAR(record.mean_return, mean, 1e-9);
  EXPECT_NEAR(record.std_return, std::sqrt(variance), 1e-9) << "of these episodes, as NumPy's std";
  EXPECT_EQ(record.min_return, *std::min_element(returns.begin(), returns.end()));
  EXPECT_EQ(record.max_return, *std::max_element(returns.begin(), returns.end()));
  EXPECT_NEAR(record.mean_length, static_cast<double>(steps) / 60, 1e-9);
  EXPECT_EQ(record.episodes, 60);
}

// So that a threshold of 500 is reached by episodes of 500.
TEST(Evaluate, TheMeanOfEqualReturnsIsThatReturn) {
  for (int64_t episodes = 1; episodes <= 100; ++episodes)
    EXPECT_EQ(evaluate(lean, find_env("CartPole-v1"), {.episodes = episodes, .max_episode_steps = 7}).mean_return, 7)
        << episodes;
}

TEST(Evaluate, EndsAtItsBoundWithTheEpisodesThatItHasFinished) {
  struct Case {
    int64_t bound, episodes, steps;  // allowed, finished, taken
  };
  for (const Case& c : {Case{1, 1, 7}, Case{7, 1, 7}, Case{8, 1, 8}, Case{49, 7, 49}, Case{50, 7, 50}, Case{0, 20, 140},
                        Case{140, 20, 140}, Case{1000, 20, 140}}) {
    const EvaluationPlan plan{.episodes = 20, .max_env_steps = c.bound, .max_episode_steps = 7};
    EvaluationProgress last;
    const auto record = evaluate(lean, find_env("CartPole-v1"), plan, [&](const EvaluationProgress& progress) {
      last = progress;
      return true;
    });
    ASSERT_TRUE(record) << c.bound;
    EXPECT_EQ(record->episodes, c.episodes) << c.bound;
    EXPECT_EQ(record->planned_episodes, 20);
    EXPECT_EQ(record->max_env_steps, c.bound);
    EXPECT_EQ(record->mean_return, 7) << "of whole episodes";
    EXPECT_EQ(record->mean_length, 7) << c.bound;
    EXPECT_EQ(last.env_steps, c.steps) << c.bound;
    EXPECT_EQ(last.episodes, c.episodes);
  }
}

TEST(Evaluate, EndsAtOnceWhenItIsStopped) {
  int64_t steps = 0;
  const auto stop = [&](const EvaluationProgress&) { return ++steps < 4; };
  EXPECT_FALSE(evaluate(lean, find_env("CartPole-v1"), {.episodes = 100}, stop));
  EXPECT_EQ(steps, 4);
}

TEST(Evaluate, CountsWhatWasFinishedBeforeItWasStoppedWhereThatIsAskedFor) {
  for (const int64_t most : {3, 7, 20, 21}) {
    int64_t steps = 0;
    const EvaluationPlan plan{.episodes = 100, .max_episode_steps = 7, .counts_if_stopped = true};
    const auto record =
        evaluate(lean, find_env("CartPole-v1"), plan, [&](const EvaluationProgress&) { return ++steps < most; });
    EXPECT_EQ(record.has_value(), most >= 7) << most;
    if (!record) continue;
    EXPECT_EQ(record->episodes, most / 7) << most;
    EXPECT_EQ(record->planned_episodes, 100);
    EXPECT_EQ(record->mean_length, 7) << most;
  }
}

Trainer untrained(const std::string& env_id, const EnvFactory& env) {
  RunConfig config;
  config.env.id = env_id;
  config.train.env_steps = 1'000;
  config.network.hidden_sizes = {16};
  config.agent.batch_size = 64;
  return Trainer(config, env);
}

void expect_equal(const std::optional<EvaluationRecord>& one, const std::optional<EvaluationRecord>& other) {
  ASSERT_EQ(one.has_value(), other.has_value());
  if (!one) return;
  EXPECT_EQ(one->episodes, other->episodes);
  EXPECT_EQ(one->mean_return, other->mean_return);
  EXPECT_EQ(one->std_return, other->std_return);
  EXPECT_EQ(one->min_return, other->min_return);
  EXPECT_EQ(one->max_return, other->max_return);
  EXPECT_EQ(one->mean_length, other->mean_length);
  EXPECT_EQ(one->world, other->world);
}

EvaluationRecord evaluated(Policy& policy, const EnvFactory& env, EvaluationPlan plan, int64_t side_by_side) {
  plan.most_side_by_side = side_by_side;
  return evaluate(policy, env, plan);
}

TEST(Evaluate, GamesSideBySideGiveWhatTheyGiveOneAfterTheOther) {
  for (const std::string& id : env_ids()) {
    SCOPED_TRACE(id);
    Trainer trainer = untrained(id, find_env(id));
    ASSERT_TRUE(find_env(id)()->spec().side_by_side);
    const EvaluationPlan plan{.episodes = 37, .streams = {.run_seed = 5}, .epsilon = 0.3, .max_episode_steps = 60};
    const EvaluationRecord apart = evaluated(trainer.policy(), find_env(id), plan, 1);
    for (const int64_t side_by_side : {2, 7, 16})
      expect_equal(apart, evaluated(trainer.policy(), find_env(id), plan, side_by_side));
  }
}

// Which episodes count depends on the lengths of those before, however many are played at a time.
TEST(Evaluate, TheBoundCountsStepsInTheOrderOfTheEpisodes) {
  Trainer trainer = untrained("CartPole-v1", find_env("CartPole-v1"));
  for (int64_t bound = 1; bound < 800; bound += 13) {
    SCOPED_TRACE(bound);
    const EvaluationPlan plan{.episodes = 30, .max_env_steps = bound, .streams = {.run_seed = 5}, .epsilon = 0.5};
    const EvaluationRecord apart = evaluated(trainer.policy(), find_env("CartPole-v1"), plan, 1);
    expect_equal(apart, evaluated(trainer.policy(), find_env("CartPole-v1"), plan, 16));
  }
}

// Episodes that are short are not preferred: those count that come before the first that was not finished.
TEST(Evaluate, WhatWasFinishedBeforeAStopIsNoChoiceOfTheShort) {
  Trainer trainer = untrained("CartPole-v1", find_env("CartPole-v1"));
  const EvaluationPlan all{.episodes = 16, .streams = {.run_seed = 5}, .epsilon = 1};
  std::vector<double> returns;
  play(trainer.policy(), find_env("CartPole-v1"), all, [&](const PlayedStep& step) {
    if (step.terminated || step.truncated) returns.push_back(step.episode_return);
    return true;
  });
  for (const int64_t most : {100, 200, 300, 350}) {
    EvaluationPlan plan = all;
    plan.counts_if_stopped = true;
    int64_t steps = 0;
    const auto record = evaluate(trainer.policy(), find_env("CartPole-v1"), plan,
                                 [&](const EvaluationProgress&) { return ++steps < most; });
    if (!record) continue;
    double sum = 0;
    for (int64_t i = 0; i < record->episodes; ++i) sum += returns[static_cast<size_t>(i)];
    EXPECT_DOUBLE_EQ(record->mean_return, sum / static_cast<double>(record->episodes)) << most;
  }
}

TEST(Evaluate, PlaysOneGameAtATimeUnlessTheWorldAllowsMore) {
  class Counted final : public Env {
   public:
    Counted(int& alive, int& most, bool side_by_side)
        : inner_(find_env("CartPole-v1")()), spec_(inner_->spec()), alive_(alive) {
      spec_.side_by_side = side_by_side;
      most = std::max(most, ++alive_);
    }
    ~Counted() override { --alive_; }
    const EnvSpec& spec() const override { return spec_; }
    std::span<const float> reset(std::optional<uint64_t> seed) override { return inner_->reset(seed); }
    Step step(int64_t action) override { return inner_->step(action); }

   private:
    std::unique_ptr<Env> inner_;
    EnvSpec spec_;
    int& alive_;
  };
  EXPECT_FALSE(EnvSpec{}.side_by_side) << "copies of a user's environment may share what they step";
  Trainer trainer = untrained("CartPole-v1", find_env("CartPole-v1"));
  const EvaluationPlan plan{.episodes = 20, .streams = {.run_seed = 5}};
  for (const bool side_by_side : {false, true}) {
    int alive = 0, most = 0;
    const EnvFactory counted = [&] { return std::make_unique<Counted>(alive, most, side_by_side); };
    expect_equal(evaluate(trainer.policy(), counted, plan), evaluate(trainer.policy(), find_env("CartPole-v1"), plan));
    EXPECT_EQ(most > 1, side_by_side);
  }
}

TEST(EvaluationPlan, IsBoundedWhereNobodyAskedForItsEpisodes) {
  RunConfig config;
  EXPECT_EQ(evaluation_plan(config, 0).max_env_steps, 100'000);
  EXPECT_EQ(evaluation_plan(config, 1'000'000).max_env_steps, 100'000);
  EXPECT_EQ(evaluation_plan(config, 2'000'000).max_env_steps, 200'000);
  EXPECT_EQ(evaluation_plan(config, 2'000'000, {.seed = 3}).max_env_steps, 200'000);
  EXPECT_EQ(evaluation_plan(config, 2'000'000, {.episodes = 30}).max_env_steps, 0);
  config.eval.final_max_env_steps = 70;
  EXPECT_EQ(evaluation_plan(config, 2'000'000).max_env_steps, 70);
}

TEST(EvaluationPlan, EpisodesText) {
  EXPECT_EQ(episodes_text(1, 1, 9), "1 episode");
  EXPECT_EQ(episodes_text(20, 20, 0), "20 episodes");
  EXPECT_EQ(episodes_text(3, 20, 900),
            "3 of 20 episodes, those that 900 steps (eval.final_max_env_steps) were enough for");
}

TEST(Play, EndsWhenTold) {
  int64_t steps = 0;
  play(lean, find_env("CartPole-v1"), {.episodes = 100}, [&](const PlayedStep&) { return ++steps < 4; });
  EXPECT_EQ(steps, 4);
}

}  // namespace
}  // namespace deepq
