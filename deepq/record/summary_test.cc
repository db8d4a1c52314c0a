#include "deepq/record/summary.h"

#include <gtest/gtest.h>

#include <cctype>
#include <cmath>

#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;

RunSummary example() {
  RunSummary s;
  s.env = "CartPole-v1";
  s.preset = "chapter";
  s.seed = 7;
  s.env_steps = 50'000;
  s.episodes = 500;
  s.updates = 49'937;
  s.seconds = 1.25;
  s.env_steps_per_second = 40'000;
  s.best_100_mean_return = 201.1;
  s.last_100_mean_return = 1.0 / 3;
  s.solved_return = 195;
  s.first_episode_solved = 321;
  s.eval_mean_return = 500;
  s.eval_episodes = 100;
  s.eval_planned_episodes = 300;
  s.eval_max_env_steps = 77000;
  s.eval_env_steps = 40'000;
  s.eval_epsilon = 0.05;
  s.eval_agent = "best";
  s.eval_max_episode_steps = 200;
  s.eval_seed = 18'446'744'073'709'551'615u;
  s.changes = {{20'000, "train.env_steps", "20000", "50000"}};
  s.parameter_count = 4610;
  s.weights_sha256 = "ab";
  s.stopped_by = "episodes";
  return s;
}

std::string error_reading(const std::string& text) {
  return error_of([&] { RunSummary::from_json(text, "summary.json"); });
}

std::string with(const std::string& from, const std::string& to) {
  std::string text = example().to_json();
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Summary, HasTheKeysInOrder) {
  const std::string text = example().to_json(), begin = "{\n  \"deepq_version\": \"";
  ASSERT_EQ(text.find(begin), 0u);
  EXPECT_TRUE(std::isdigit(static_cast<unsigned char>(text[begin.size()])));
  EXPECT_EQ(text.substr(text.find(",\n") + 2),
            "  \"env\": \"CartPole-v1\",\n"
            "  \"preset\": \"chapter\",\n"
            "  \"seed\": 7,\n"
            "  \"env_steps\": 50000,\n"
            "  \"episodes\": 500,\n"
            "  \"updates\": 49937,\n"
            "  \"seconds\": 1.25,\n"
            "  \"env_steps_per_second\": 40000.0,\n"
            "  \"best_100_mean_return\": 201.1,\n"
            "  \"last_100_mean_return\": 0.3333333333333333,\n"
            "  \"solved_return\": 195.0,\n"
            "  \"first_episode_solved\": 321,\n"
            "  \"eval_mean_return\": 500.0,\n"
            "  \"eval_episodes\": 100,\n"
            "  \"eval_planned_episodes\": 300,\n"
            "  \"eval_max_env_steps\": 77000,\n"
            "  \"eval_env_steps\": 40000,\n"
            "  \"eval_epsilon\": 0.05,\n"
            "  \"eval_agent\": \"best\",\n"
            "  \"eval_max_episode_steps\": 200,\n"
            "  \"eval_seed\": 18446744073709551615,\n"
            "  \"human_normalized_score\": null,\n"
            "  \"parameter_count\": 4610,\n"
            "  \"weights_sha256\": \"ab\",\n"
            "  \"changes\": [\n"
            "    {\n"
            "      \"env_steps\": 20000,\n"
            "      \"key\": \"train.env_steps\",\n"
            "      \"from\": \"20000\",\n"
            "      \"to\": \"50000\"\n"
            "    }\n"
            "  ],\n"
            "  \"stopped_by\": \"episodes\"\n"
            "}\n");
}

TEST(Summary, ComesBackTheSame) {
  const std::string text = example().to_json();
  EXPECT_EQ(RunSummary::from_json(text, "summary.json").to_json(), text);
}

TEST(Summary, OlderFilesWereEvaluatedAtTheEnd) {
  EXPECT_EQ(RunSummary::from_json(with("  \"eval_env_steps\": 40000,\n", ""), "s").eval_env_steps, 50'000);
}

TEST(Summary, OlderFilesHoldWholeEvaluations) {
  const RunSummary summary =
      RunSummary::from_json(with("  \"eval_planned_episodes\": 300,\n  \"eval_max_env_steps\": 77000,\n", ""), "s");
  EXPECT_EQ(summary.eval_planned_episodes, 100);
  EXPECT_EQ(summary.eval_episodes_text(), "100 episodes");
}

TEST(Summary, OlderFilesDoNotSayHowTheyWereEvaluated) {
  std::string text = with("  \"eval_epsilon\": 0.05,\n", "");
  const size_t at = text.find("  \"eval_agent\"");
  text.erase(at, text.find("  \"human_norm") - at);
  const RunSummary summary = RunSummary::from_json(text, "s");
  EXPECT_TRUE(std::isnan(summary.eval_epsilon));
  EXPECT_EQ(summary.eval_agent, "");
  EXPECT_EQ(summary.eval_mean_return, 500);
}

TEST(Summary, WithoutAnEvaluationNothingIsSaidOfIt) {
  const std::string text = RunSummary{.env = "x", .preset = "", .weights_sha256 = "", .stopped_by = "signal"}.to_json();
  for (const char* key : {"eval_mean_return", "eval_env_steps", "eval_epsilon", "eval_agent", "eval_max_episode_steps",
                          "eval_seed", "human_normalized_score"})
    EXPECT_NE(text.find("\"" + std::string(key) + "\": null"), std::string::npos) << key;
  EXPECT_TRUE(std::isnan(RunSummary::from_json(text, "s").eval_mean_return));
}

TEST(Summary, OlderFilesDoNotSayWhatCountsAsSolved) {
  const RunSummary summary = RunSummary::from_json(with("  \"solved_return\": 195.0,\n", ""), "s");
  EXPECT_TRUE(std::isnan(summary.solved_return));
  EXPECT_TRUE(summary.can_be_solved()) << "it was";
}

TEST(Summary, WhatNeverHappenedIsNull) {
  RunSummary summary = example();
  summary.first_episode_solved = 0;
  summary.eval_mean_return = std::nan("");
  const std::string text = summary.to_json();
  EXPECT_NE(text.find("\"first_episode_solved\": null,"), std::string::npos);
  EXPECT_NE(text.find("\"eval_mean_return\": null,"), std::string::npos);
  const RunSummary read = RunSummary::from_json(text, "summary.json");
  EXPECT_EQ(read.first_episode_solved, 0);
  EXPECT_TRUE(std::isnan(read.eval_mean_return));
}

TEST(Summary, ScoresOfAtariGamesAreNormalizedToo) {
  RunSummary summary = example();
  EXPECT_TRUE(std::isnan(summary.human_normalized_score()));
  summary.env = "ALE/Breakout-v5";
  summary.eval_mean_return = 1.7 + 0.25 * (30.5 - 1.7);
  EXPECT_NEAR(summary.human_normalized_score(), 0.25, 1e-12);
  EXPECT_NE(summary.to_json().find("\"human_normalized_score\": 0.25"), std::string::npos);
  summary.eval_mean_return = std::nan("");
  EXPECT_TRUE(std::isnan(summary.human_normalized_score()));
}

TEST(Summary, TextIsEscaped) {
  RunSummary summary = example();
  summary.env = "my \"env\" \\ \n é \xff";
  EXPECT_EQ(RunSummary::from_json(summary.to_json(), "s").env, "my \"env\" \\ \n é \xef\xbf\xbd");
}

TEST(Summary, DamageIsNamed) {
  EXPECT_EQ(error_reading("{\"env\": "), "summary.json is not valid JSON: wrong at byte 9");
  EXPECT_EQ(error_reading("[]"), "summary.json is not a JSON object");
  EXPECT_EQ(error_reading(with("\"seed\"", "\"sed\"")), "summary.json has no \"seed\"");
  EXPECT_EQ(error_reading(with("seed\": 7", "seed\": \"7\"")),
            "summary.json: \"seed\" is a JSON string; expected a whole number");
  EXPECT_EQ(error_reading(with("seed\": 7", "seed\": 7.5")),
            "summary.json: \"seed\" is a JSON number; expected a whole number");
  EXPECT_EQ(error_reading(with("1.25", "true")),
            "summary.json: \"seconds\" is a JSON boolean; expected a number or null");
  EXPECT_EQ(error_reading(with("\"ab\"", "null")), "summary.json: \"weights_sha256\" is a JSON null; expected text");
}

}  // namespace
}  // namespace deepq
