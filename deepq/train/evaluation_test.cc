#include "deepq/train/evaluation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "deepq/env/registry.h"

namespace deepq {
namespace {

// Pushes towards the side where the pole leans: some dozens of steps an episode.
std::span<const double> lean(std::span<const float> observation) {
  static std::array<double, 2> values;
  values = {-observation[2], observation[2]};
  return values;
}

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
    EXPECT_EQ(played.observation.size(), 4u);
    ++steps;
    ++step;
    if (played.terminated || played.truncated) {
      EXPECT_GT(std::abs(played.observation[2]) + std::abs(played.observation[0]), 0.2f)
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

TEST(Evaluate, SummarisesTheReturnsOfItsEpisodes) {
  const EvaluationPlan plan{.episodes = 60, .streams = {.run_seed = 3}, .epsilon = 0.4};
  std::vector<double> returns;
  int64_t steps = 0, random = 0;
  std::array<float, 4> before{};  // the observation acted on
  play(
      [&](std::span<const float> observation) {
        std::copy(observation.begin(), observation.end(), before.begin());
        return lean(observation);
      },
      find_env("CartPole-v1"), plan,
      [&](const PlayedStep& step) {
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
