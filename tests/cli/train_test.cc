// deepq train: what it prints, which settings win, and that a run can be repeated from its folder.
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <sstream>

#include "tests/cli/program.h"

namespace deepq::cli {
namespace {

using nlohmann::json;
using TrainTest = CliTest;

std::vector<std::vector<double>> csv_rows(const std::string& text) {
  std::vector<std::vector<double>> rows;
  std::istringstream lines(text.substr(text.find('\n') + 1));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream cells(line);
    std::vector<double>& row = rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(std::stod(cell));
  }
  return rows;
}

TEST_F(TrainTest, PrintsTheChaptersLines) {
  const Result result = run_program(
      {"train", "--preset", "chapter", "--episodes", "45", "--set", "eval.final_episodes=2", "--out", path("run")});
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(result.err, "") << "no progress line without a terminal";
  const auto rows = csv_rows(file_text(path("run/episodes.csv")));
  ASSERT_EQ(rows.size(), 45u);
  std::string expected;
  for (size_t end = 20; end <= 40; end += 20) {
    double sum = 0;
    for (size_t i = end - 20; i < end; ++i) sum += rows[i][2];
    char line[100];
    std::snprintf(line, sizeof(line), "Episode %zu, Avg Reward: %.1f, Epsilon: %.3f\n", end, sum / 20,
                  rows[end - 1][4]);
    expected += line;
  }
  EXPECT_NE(result.out.find("\n" + expected + "\n"), std::string::npos) << expected << "is not in\n" << result.out;
  EXPECT_TRUE(result.out.starts_with("memory: ")) << result.out;
  EXPECT_NE(result.out.find("folder: " + path("run") + "\n"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("Evaluation    mean return "), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("Report        " + path("run/report.html")), std::string::npos) << result.out;
  EXPECT_NE(file_text(path("run/report.html")).find("<html"), std::string::npos);
}

TEST_F(TrainTest, JsonIsAloneOnStandardOutput) {
  const Result result = run_program(short_training("run", {"--json"}));
  ASSERT_EQ(result.status, 0) << result.err;
  json object = json::parse(result.out);
  EXPECT_EQ(object.at("folder"), path("run"));
  object.erase("folder");
  EXPECT_EQ(object, summary("run"));
  EXPECT_EQ(object.at("env_steps"), 400);
  EXPECT_EQ(object.at("preset"), "chapter with 1 setting changed");
  EXPECT_NE(result.err.find("memory: "), std::string::npos) << "people's text goes to stderr";
}

TEST_F(TrainTest, QuietPrintsNothingButTheJson) {
  const Result silent = run_program(short_training("a", {"--quiet"}));
  EXPECT_EQ(silent.status, 0);
  EXPECT_EQ(silent.out + silent.err, "");
  const Result only_json = run_program(short_training("b", {"--quiet", "--json"}));
  EXPECT_EQ(only_json.err, "");
  EXPECT_EQ(json::parse(only_json.out).at("weights_sha256"), summary("a").at("weights_sha256"));
}

TEST_F(TrainTest, ATerminalGetsAProgressLineThatIsErased) {
  const Result result = run_program(short_training("run"), {.terminal = true});
  EXPECT_EQ(result.status, 0);
  EXPECT_NE(result.err.find("mean return "), std::string::npos) << result.err;
  EXPECT_TRUE(result.err.ends_with("\r\x1b[K")) << result.err;
  EXPECT_EQ(result.out.find('\r'), std::string::npos);
  EXPECT_EQ(run_program(short_training("quiet", {"--quiet"}), {.terminal = true}).err, "");
}

TEST_F(TrainTest, CountsAsPeopleTypeThem) {
  for (const char* const steps : {"200", "2e2", "0.2k", "2_00"}) {
    const std::string name = std::string("run-") + steps;
    ASSERT_EQ(run_program({"train", "--preset", "chapter", "--steps", steps, "--quiet", "--out", path(name), "--set",
                           "eval.final_episodes=0", "replay.capacity=1k"})
                  .status,
              0);
    EXPECT_EQ(summary(name).at("env_steps"), 200);
    EXPECT_NE(file_text(path(name + "/config.toml")).find("capacity = 1000 "), std::string::npos);
  }
}

TEST_F(TrainTest, ARunShorterThanThePresetsEvaluationsLieApart) {
  const Arguments cartpole{"train", "--preset", "cartpole", "--steps", "300", "--set", "eval.final_episodes=1"};
  const auto with = [&](const Arguments& more) {
    Arguments all = cartpole;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const Result result = run_program(with({"--out", path("run")}));
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.out.find("note: eval.every_env_steps is 300, the length of the run, and not the preset's"),
            std::string::npos)
      << result.out;
  EXPECT_NE(file_text(path("run/evaluations.csv")).find("\n300,"), std::string::npos);
  expect_refusal(
      with({"eval.every_env_steps=301", "--out", path("no")}),
      {"eval.stop_when_solved is true and eval.every_env_steps is 301", "up to train.env_steps, which is 300"});
}

TEST_F(TrainTest, AConfigFileOfAnEarlierVersion) {
  ASSERT_EQ(run_program(short_training("new", {"--quiet"})).status, 0);
  std::string config = file_text(path("new/config.toml"));
  const size_t at = config.find("solved_mean_return = nan");
  ASSERT_NE(at, std::string::npos);
  write_text(path("old.toml"), config.replace(at, 24, "solved_mean_return = 0.0"));
  EXPECT_EQ(run_program({"train", "--config", path("old.toml"), "--quiet", "--out", path("old")}).status, 0);
  EXPECT_EQ(summary("old").at("weights_sha256"), summary("new").at("weights_sha256"));
}

TEST_F(TrainTest, NamesOfBeforeTrainTheSameRunAndAreTold) {
  const std::string note = "is called optimizer.";
  const Result now =
      run_program(short_training("now", {"--set", "optimizer.epsilon=1e-5", "optimizer.optimizer=radam"}));
  const Result before =
      run_program(short_training("before", {"--set", "agent.optimizer_epsilon=1e-5", "agent.optimizer=radam"}));
  ASSERT_EQ(now.status + before.status, 0) << before.err;
  EXPECT_EQ(now.out.find(note), std::string::npos) << now.out;
  EXPECT_NE(before.out.find("note: agent.optimizer_epsilon is called optimizer.epsilon now"), std::string::npos)
      << before.out;
  EXPECT_EQ(summary("before").at("weights_sha256"), summary("now").at("weights_sha256"));
  EXPECT_EQ(file_text(path("before/config.toml")), file_text(path("now/config.toml")));
}

TEST_F(TrainTest, FlagsBeatSetBeatsFileBeatsPreset) {
  write_text(path("file.toml"),
             "[agent]\ngamma = 0.5\nlearning_rate = 0.1\n[replay]\ncapacity = 77\n[train]\nseed = 1\n");
  const Result result = run_program(
      short_training("run", {"--config", path("file.toml"), "--seed", "4", "--set", "optimizer.learning_rate=0.2",
                             "--set", "replay.capacity=88", "--set", "train.seed=3"}));
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.out.find("agent.learning_rate is called optimizer.learning_rate now"), std::string::npos)
      << "what the file calls it" << result.out;
  const std::string config = file_text(path("run/config.toml"));
  for (const char* line : {"gamma = 0.5", "learning_rate = 0.2", "capacity = 88", "seed = 4", "batch_size = 64"})
    EXPECT_NE(config.find("\n" + std::string(line)), std::string::npos) << line << "\n" << config;
}

TEST_F(TrainTest, OneKindOfLengthUnlessBothAreAskedFor) {
  const auto train_with = [&](const std::string& name, const std::string& preset, const Arguments& length) {
    Arguments arguments{"train", "--preset", preset, "--set", "eval.final_episodes=0", "--out", path(name)};
    arguments.insert(arguments.end(), length.begin(), length.end());
    EXPECT_EQ(run_program(arguments).status, 0);
    return file_text(path(name + "/config.toml"));
  };
  const auto has_line = [](const std::string& config, const std::string& line) {
    return config.find("\n" + line + " ") != std::string::npos;
  };
  // The chapter's preset counts episodes, the other one steps.
  EXPECT_TRUE(has_line(train_with("steps", "chapter", {"--steps", "70"}), "episodes = 0"));
  EXPECT_EQ(summary("steps").at("env_steps"), 70);
  EXPECT_TRUE(has_line(train_with("episodes", "cartpole", {"--episodes", "3"}), "env_steps = 0"));
  EXPECT_EQ(summary("episodes").at("episodes"), 3);
  const std::string both = train_with("both", "chapter", {"--episodes", "100", "--steps", "80"});
  EXPECT_TRUE(has_line(both, "episodes = 100") && has_line(both, "env_steps = 80"));
  const std::string by_key = train_with("key", "chapter", {"--episodes", "2", "--set", "train.env_steps=5000"});
  EXPECT_TRUE(has_line(by_key, "episodes = 2") && has_line(by_key, "env_steps = 5000"));
}

TEST_F(TrainTest, WithoutOutAFolderOfItsOwn) {
  const Arguments arguments{"train",  "--preset", "chapter", "--steps", "70", "--set", "eval.final_episodes=0",
                            "--seed", "7"};
  ASSERT_EQ(run_program(arguments, {.folder = folder_}).status, 0);
  const Result second = run_program(arguments, {.folder = folder_});
  ASSERT_EQ(second.status, 0) << second.err;
  EXPECT_EQ(summary("runs/chapter-seed-7").at("seed"), 7);
  EXPECT_NE(second.out.find("folder: runs/chapter-seed-7-2\n"), std::string::npos) << second.out;
}

TEST_F(TrainTest, ItsConfigRepeatsTheRun) {
  ASSERT_EQ(run_program(short_training("first", {"--seed", "9", "--set", "agent.gamma=0.9"})).status, 0);
  ASSERT_EQ(run_program({"train", "--config", path("first/config.toml"), "--out", path("second")}).status, 0);
  EXPECT_EQ(summary("first").at("weights_sha256"), summary("second").at("weights_sha256"));
  EXPECT_EQ(file_text(path("first/config.toml")), file_text(path("second/config.toml")));
}

TEST_F(TrainTest, SeedsSideBySideEqualSeedsAlone) {
  const Result result = run_program(short_training("seeds", {"--seed", "5", "--seeds", "2", "--jobs", "2", "--json"}));
  ASSERT_EQ(result.status, 0) << result.err;
  const json object = json::parse(result.out);
  ASSERT_EQ(object.at("runs").size(), 2u);
  EXPECT_EQ(object.at("folder"), path("seeds"));
  EXPECT_EQ(object.at("solved"), 0);
  double sum = 0;
  for (size_t i = 0; i < 2; ++i) {
    const json& run = object.at("runs")[i];
    const std::string seed = std::to_string(5 + i);
    ASSERT_EQ(run_program(short_training("alone-" + seed, {"--seed", seed})).status, 0);
    EXPECT_EQ(run.at("folder"), path("seeds/seed-" + seed));
    EXPECT_EQ(run.at("weights_sha256"), summary("alone-" + seed).at("weights_sha256"));
    sum += run.at("last_100_mean_return").get<double>();
  }
  EXPECT_NE(object.at("runs")[0].at("weights_sha256"), object.at("runs")[1].at("weights_sha256"));
  EXPECT_DOUBLE_EQ(object.at("mean").at("last_100_mean_return").get<double>(), sum / 2);
  EXPECT_EQ(object.at("mean").at("first_episode_solved"), nullptr);
  const json& iqm = object.at("eval_iqm");
  EXPECT_DOUBLE_EQ(iqm.at("value").get<double>(), object.at("mean").at("eval_mean_return").get<double>());
  EXPECT_LT(iqm.at("low").get<double>(), iqm.at("high").get<double>());
  EXPECT_TRUE(std::regex_search(result.err, std::regex("\nEvaluation: IQM [0-9.]+ \\[[0-9.]+, [0-9.]+\\], bootstrap "
                                                       "interval, too few runs for a 95% claim\n")))
      << result.err;
  EXPECT_EQ(iqm.at("enough_runs"), false);
  EXPECT_TRUE(std::regex_search(result.err, std::regex("\n +mean +[0-9.]+ +[0-9.]+ +- +[0-9.]+ +[0-9.]+\n")))
      << result.err;
  EXPECT_NE(result.err.find("Solved: 0 of 2 seeds"), std::string::npos) << result.err;
  EXPECT_TRUE(std::filesystem::exists(path("seeds/report.html")));
}

TEST_F(TrainTest, SeedsWithTheirBestAgentsAreSaidToBe) {
  const Result result = run_program(
      short_training("seeds", {"--seeds", "2", "--set", "eval.keep_best=true", "--set", "eval.every_env_steps=100"}));
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_NE(result.out.find("\n            each seed by its best agent in training\n"), std::string::npos)
      << result.out;
}

TEST_F(TrainTest, SeedsWithoutEvaluationHaveNoInterval) {
  const Result result =
      run_program(short_training("seeds", {"--seeds", "2", "--set", "eval.final_episodes=0", "--json"}));
  ASSERT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(json::parse(result.out).at("eval_iqm"), nullptr);
  EXPECT_EQ(result.err.find("IQM"), std::string::npos) << result.err;
}

TEST_F(TrainTest, OnlyWhatHasAThresholdIsSolvedOrNot) {
  const auto said = [&](const std::string& env, std::vector<std::string> more) {
    more.insert(more.begin(), {"--env", env});
    const Result result = run_program(short_training(env.substr(0, 4) + std::to_string(more.size()), more));
    EXPECT_EQ(result.status, 0) << result.err;
    return result.out.find("Solved") != std::string::npos;
  };
  EXPECT_TRUE(said("CartPole-v1", {}));
  EXPECT_TRUE(said("CartPole-v1", {"--seeds", "2"}));
  EXPECT_FALSE(said("GridWorld-v0", {}));
  EXPECT_FALSE(said("GridWorld-v0", {"--seeds", "2"}));
}

TEST_F(TrainTest, ASeedThatFailsIsNamed) {
  const Result result = run_program(short_training("seeds", {"--seeds", "2", "--quiet"}), {.largest_file_bytes = 4096});
  EXPECT_EQ(result.status, 2);
  for (const char* seed : {"deepq: seed 0: ", "deepq: seed 1: "})
    EXPECT_NE(result.err.find(seed), std::string::npos) << result.err;
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 2) << result.err;
}

// A full replay of a million transitions: the plan printed before against the peak that the system counted.
TEST_F(TrainTest, TheMemoryPlanIsWithinFivePercentOfWhatItTakes) {
#ifndef NDEBUG
  GTEST_SKIP() << "a debug build's own size is not planned for";
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's own memory is not planned for";
#endif
  const Result result = run_program({"train", "--preset", "chapter", "--steps", "1000000", "--out", path("run"),
                                     "--set", "replay.capacity=1000000", "--set", "train.update_every_env_steps=100000",
                                     "--set", "checkpoint.every_env_steps=0", "--set", "eval.final_episodes=0"});
  ASSERT_EQ(result.status, 0) << result.err;
  const size_t at = result.out.find("memory: ");
  ASSERT_NE(at, std::string::npos) << result.out;
  const double planned = std::stod(result.out.substr(at + 8));
  rusage usage{};
  ASSERT_EQ(getrusage(RUSAGE_CHILDREN, &usage), 0);
  const double peak = static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
  EXPECT_GT(peak, 50);
  EXPECT_NEAR(planned, peak, 0.05 * peak) << result.out.substr(at, 120);
}

TEST_F(TrainTest, ARefusalForMemoryNamesTheLargestReplayThatFits) {
  const auto train = [&](const std::string& capacity) {
    return run_program({"train", "--preset", "chapter", "--steps", "100000000000", "--out", path("run"), "--set",
                        "replay.capacity=" + capacity});
  };
  const Result refused = train("100000000000");
  ASSERT_EQ(refused.status, 2);
  std::smatch found;
  ASSERT_TRUE(std::regex_search(refused.err, found, std::regex("make replay.capacity smaller: up to ([0-9]+) fits")))
      << refused.err;
  const int64_t fits = std::stoll(found[1]);
  EXPECT_GT(fits, 1'000'000);
  EXPECT_EQ(train(std::to_string(fits + 1'000'000)).status, 2) << "44 MB more";
}

}  // namespace
}  // namespace deepq::cli
