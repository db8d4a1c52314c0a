// Same config, same run; and a run stopped anywhere and resumed equals the unbroken one, bit for bit (wall times
// excepted).
#include <gtest/gtest.h>

#include <map>

#include "deepq/core/random.h"
#include "deepq/env/registry.h"
#include "deepq/record/checkpoint.h"
#include "deepq/train/policy.h"
#include "deepq/train/run.h"
#include "tests/stop_at.h"
#include "tests/test_support.h"
#include "tests/toy_envs.h"

namespace deepq {
namespace {

using test::StopAt;

RunConfig config_for_test() {
  RunConfig config;
  config.env.count = 2;
  config.train.env_steps = 1'500;
  config.replay.capacity = 700;
  config.agent.batch_size = 16;
  config.network.hidden_sizes = {16};
  config.eval = {.every_env_steps = 400, .episodes = 2, .final_episodes = 3};
  config.checkpoint.every_env_steps = 97;
  config.log.metrics_every_updates = 50;
  return config;
}

struct Outcome {
  RunSummary summary;
  std::map<std::string, std::string> tables;
  std::map<std::string, std::vector<std::byte>>
      state;  // all tensors of the last checkpoint but clocks and file positions
};

Outcome outcome_of(const std::string& folder, RunSummary summary) {
  summary.seconds = summary.env_steps_per_second = 0;
  Outcome outcome{summary, {}, {}};
  for (const char* name : {"/episodes.csv", "/metrics.csv", "/evaluations.csv"})
    outcome.tables[name] = test::without_wall_times(test::slurp(folder + name));
  std::vector<std::string> set_aside;
  const CheckpointFile last = newest_checkpoint(folder + "/checkpoints", set_aside);
  for (const auto& [name, tensor] : last.tensors())
    if (name.starts_with("trainer/") && !name.ends_with("/seconds"))
      outcome.state[name] = {tensor.bytes.begin(), tensor.bytes.end()};
  return outcome;
}

void expect_equal(const Outcome& a, const Outcome& b) {
  EXPECT_EQ(a.summary.to_json(), b.summary.to_json());
  EXPECT_EQ(a.tables, b.tables);
  ASSERT_EQ(a.state.size(), b.state.size());
  EXPECT_GT(a.state.size(), 25u);
  for (const auto& [name, bytes] : a.state) EXPECT_TRUE(b.state.at(name) == bytes) << name;
}

// The size of the folder's event file.
uintmax_t event_bytes(const std::string& folder) {
  uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder))
    if (file.path().filename().string().starts_with("events.out.tfevents.")) bytes += file.file_size();
  return bytes;
}

TEST(Repro, TheSameConfigGivesTheSameRun) {
  const test::TemporaryFolder a, b;
  const Outcome first = outcome_of(a / "run", start_run(config_for_test(), {.folder = a / "run"}));
  expect_equal(first, outcome_of(b / "run", start_run(config_for_test(), {.folder = b / "run"})));
  RunConfig other = config_for_test();
  other.train.seed = 1;
  EXPECT_NE(start_run(other, {}).weights_sha256, first.summary.weights_sha256);
}

TEST(Repro, AFolderChangesNothingOfARun) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(start_run(config_for_test(), {}).weights_sha256,
            start_run(config_for_test(), {.folder = folder / "run"}).weights_sha256);
}

// Every algorithm and variant that a preset names, and the tables.
std::vector<RunConfig> all_kinds() {
  std::vector<RunConfig> configs;
  for (const std::string& name : preset_names())
    if (is_env_id(preset(name).env.id)) configs.push_back(preset(name));
  for (const AlgorithmKind algorithm : {AlgorithmKind::kSarsa, AlgorithmKind::kDoubleQLearning}) {
    RunConfig table;
    table.env = {.id = "FrozenLake-v1", .count = 2};
    table.agent.algorithm = algorithm;
    configs.push_back(table);
  }
  // Where some actions are illegal: in replay and n-step windows, in rollouts, and beside a table.
  for (const auto& [algorithm, id] :
       {std::pair(AlgorithmKind::kDqn, "ConnectFour-v0"), std::pair(AlgorithmKind::kPqn, "TicTacToe-v0"),
        std::pair(AlgorithmKind::kSarsa, "Taxi-v4")}) {
    RunConfig masked;
    masked.env = {.id = id, .count = 2};
    masked.env_options.taxi.action_mask = true;
    masked.agent.algorithm = algorithm;
    if (algorithm == AlgorithmKind::kDqn) masked.agent.n_step = 3;
    masked.network.hidden_sizes = {16};
    configs.push_back(masked);
  }
  RunConfig overlapped = preset("chapter");
  overlapped.train.overlap = true;
  configs.push_back(overlapped);
  RunConfig kept = preset("noisy");
  kept.exploration.noise_steps = 50;
  configs.push_back(kept);
  for (RunConfig& config : configs) {
    config.train.episodes = 0;
    config.train.env_steps = 512;
    config.train.learning_starts_env_steps = std::min<int64_t>(config.train.learning_starts_env_steps, 100);
    config.agent.batch_size = 16;
    config.pqn.rollout_steps = config.pqn.minibatches = 2;
    config.eval = {.every_env_steps = 200, .episodes = 1, .final_episodes = 1, .keep_best = true};
    config.env.max_episode_steps = 100;
    config.checkpoint.every_env_steps = 0;
    config.log.metrics_every_updates = 5;
  }
  return configs;
}

TEST(Resume, EveryAlgorithmAndVariantGoesOnAsTheUnbrokenRun) {
  const test::TemporaryFolder folder;
  Random random(7);
  int number = 0;
  for (const RunConfig& config : all_kinds()) {
    SCOPED_TRACE(config.preset.empty() ? "a table" : config.preset);
    const std::string whole = folder / ("whole-" + std::to_string(number)),
                      broken = folder / ("broken-" + std::to_string(number++));
    const Outcome unbroken = outcome_of(whole, start_run(config, {.folder = whole}));
    StopAt once(1 + static_cast<int64_t>(random.below(500)));
    start_run(config, {.folder = broken, .stop = &once.stop, .observers = {&once}});
    expect_equal(unbroken, outcome_of(broken, resume_run({.folder = broken})));
  }
}

TEST(Resume, EqualsTheUnbrokenRunAtTwentyRandomSteps) {
  const test::TemporaryFolder folder;
  const Outcome unbroken =
      outcome_of(folder / "unbroken", start_run(config_for_test(), {.folder = folder / "unbroken"}));
  Random random(2026);
  for (int i = 0; i < 20; ++i) {
    const std::string path = folder / ("run-" + std::to_string(i));
    StopAt once(1 + static_cast<int64_t>(random.below(1'499)));
    const RunSummary stopped = start_run(config_for_test(), {.folder = path, .stop = &once.stop, .observers = {&once}});
    ASSERT_EQ(stopped.stopped_by, "signal");
    StopAt twice(stopped.env_steps + 100);
    resume_run({.folder = path, .stop = &twice.stop, .observers = {&twice}});
    expect_equal(unbroken, outcome_of(path, resume_run({.folder = path})));
  }
}

// The state on disk as a kill leaves it: an old checkpoint, and logs that have gone on since.
TEST(Resume, CutsLogsBackToTheCheckpoint) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "run";
  const Outcome unbroken = outcome_of(path, start_run(config_for_test(), {.folder = path}));
  std::filesystem::remove(path + "/summary.json");
  std::filesystem::remove(path + "/checkpoints/checkpoint-000000001500.safetensors");
  expect_equal(unbroken, outcome_of(path, resume_run({.folder = path})));
}

TEST(Resume, AFinishedRunReturnsItsSummary) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "run";
  const Outcome finished = outcome_of(path, start_run(config_for_test(), {.folder = path}));
  expect_equal(finished, outcome_of(path, resume_run({.folder = path})));
}

TEST(Resume, AFinishedRunThatIsMadeLongerIsEvaluatedAgain) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "run";
  RunConfig longer = config_for_test();
  longer.train.env_steps = 4'000;  // plays the same episodes otherwise
  const RunSummary whole = start_run(longer, {});
  const RunSummary first = start_run(config_for_test(), {.folder = path});
  test::spit(path + "/config.toml", to_toml(longer));
  const RunSummary second = resume_run({.folder = path});
  EXPECT_EQ(first.eval_env_steps, 1'500);
  EXPECT_EQ(second.eval_env_steps, 4'000);
  EXPECT_EQ(second.eval_mean_return, whole.eval_mean_return);
  EXPECT_NE(second.eval_mean_return, first.eval_mean_return);
}

TEST(Resume, ASolvedRunThatIsMadeLongerGoesOn) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "run";
  const EnvFactory env = [] { return std::make_unique<test::ChainEnv>(3, 20); };
  RunConfig config = config_for_test();
  config.train.env_steps = 20'000;
  config.agent.batch_size = 16;
  config.network.hidden_sizes = {16};
  config.eval = {.every_env_steps = 500, .episodes = 5, .stop_when_solved = true, .solved_mean_return = 1};
  const RunSummary solved = start_run(config, {.folder = path}, env);
  EXPECT_EQ(solved.stopped_by, "solved");
  EXPECT_EQ(resume_run({.folder = path}, env).env_steps, solved.env_steps);
  EXPECT_GT(resume_run({.folder = path, .env_steps = 30'000}, env).env_steps, solved.env_steps);
}

TEST(Resume, SetsADamagedCheckpointAsideAndSaysSo) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "run";
  const Outcome unbroken = outcome_of(path, start_run(config_for_test(), {.folder = path}));
  const std::string newest = path + "/checkpoints/checkpoint-000000001500.safetensors";
  std::string bytes = test::slurp(newest);
  bytes[bytes.size() / 2] ^= 4;
  test::spit(newest, bytes);
  std::vector<std::string> notices;
  RunOptions options{.folder = path};
  options.notice = [&](const std::string& line) { notices.push_back(line); };
  const RunSummary summary = resume_run(options);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_NE(notices[0].find("checkpoint-000000001500"), std::string::npos) << notices[0];
  expect_equal(unbroken, outcome_of(path, summary));
}

// Killed in the first milliseconds: config.toml is there, tables with or without their header, no whole checkpoint.
TEST(Resume, BeginsAnewWithoutAFirstCheckpoint) {
  const test::TemporaryFolder folder;
  const Outcome unbroken = outcome_of(folder / "a", start_run(config_for_test(), {.folder = folder / "a"}));
  for (const bool with_logs : {false, true}) {
    const std::string path = folder / (with_logs ? "logs" : "bare");
    std::filesystem::create_directories(path + "/checkpoints");
    std::filesystem::copy(folder / "a/config.toml", path + "/config.toml");
    if (with_logs) {
      for (const auto& file : std::filesystem::directory_iterator(folder / "a"))
        if (file.is_regular_file() && file.path().filename() != "summary.json")
          std::filesystem::copy(file, path, std::filesystem::copy_options::overwrite_existing);
      test::spit(path + "/checkpoints/checkpoint-000000000000.safetensors.tmp", "half of the first one");
    }
    std::vector<std::string> notices;
    RunOptions options{.folder = path};
    options.notice = [&](const std::string& line) { notices.push_back(line); };
    expect_equal(unbroken, outcome_of(path, resume_run(options)));
    EXPECT_EQ(notices, std::vector<std::string>{"the run was ended before its first checkpoint: it begins anew"});
    for (const auto& file : std::filesystem::directory_iterator(path + "/checkpoints"))
      EXPECT_EQ(file.path().extension(), ".safetensors");
    EXPECT_EQ(event_bytes(path), event_bytes(folder / "a")) << "its events were cut back too";
  }
}

// Their logs are not to be overwritten.
TEST(Resume, NeverBeginsAnewWhereThereWasACheckpoint) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "run";
  start_run(config_for_test(), {.folder = path});
  const std::string episodes = test::slurp(path + "/episodes.csv");
  const std::string error = "there is no whole checkpoint in " + path + "/checkpoints";
  for (const auto& file : std::filesystem::directory_iterator(path + "/checkpoints"))
    test::spit(file.path(), "damaged");
  std::filesystem::remove(path + "/summary.json");
  EXPECT_EQ(test::error_of([&] { resume_run({.folder = path}); }), error);
  EXPECT_EQ(test::error_of([&] { resume_run({.folder = path}); }), error) << "they are set aside now";
  std::filesystem::remove_all(path + "/checkpoints");
  std::filesystem::create_directory(path + "/checkpoints");
  test::spit(path + "/summary.json", "{}");
  EXPECT_EQ(test::error_of([&] { resume_run({.folder = path}); }), error) << "a summary means that there was one";
  EXPECT_EQ(test::slurp(path + "/episodes.csv"), episodes);
}

// An environment that cannot save itself: a fresh episode, said plainly.
class Unsaved : public test::ChainEnv {
 public:
  bool serialize(Archive&) override { return false; }
};

TEST(Resume, SaysSoWhenTheEnvironmentStartsAFreshEpisode) {
  const test::TemporaryFolder folder;
  const auto env = [] { return std::make_unique<Unsaved>(); };
  StopAt stopper(300);
  start_run(config_for_test(), {.folder = folder / "run", .stop = &stopper.stop, .observers = {&stopper}}, env);
  std::vector<std::string> notices;
  RunOptions options{.folder = folder / "run"};
  options.notice = [&](const std::string& line) { notices.push_back(line); };
  EXPECT_EQ(resume_run(options, env).env_steps, 1'500);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_NE(notices[0].find("fresh episodes"), std::string::npos);
  EXPECT_EQ(resume_run(options, env).changes.size(), 1u) << "a run at its end takes no step with them";
}

TEST(Resume, NonFiniteWeightsNeverReachACheckpoint) {
  const test::TemporaryFolder folder;
  RunConfig config = config_for_test();
  config.agent.optimizer.kind = OptimizerKind::kRmsProp;
  config.agent.optimizer.learning_rate = 1e36;
  EXPECT_NE(test::error_of([&] { start_run(config, {.folder = folder / "run"}); }).find("finite"), std::string::npos);
  std::vector<std::string> set_aside;
  const CheckpointFile last = newest_checkpoint(folder / "run/checkpoints", set_aside);
  EXPECT_TRUE(set_aside.empty());
  const TensorView& weight = last.tensors().at("trainer/online/0/weight");
  for (size_t i = 0; i < weight.bytes.size() / 4; ++i)
    EXPECT_TRUE(std::isfinite(reinterpret_cast<const float*>(weight.bytes.data())[i]));
}

// Single frames, remembered observations and open windows of three steps are part of what is resumed.
TEST(Resume, ARunOnPixelsGoesOnAsTheUnbrokenOne) {
  const test::TemporaryFolder folder;
  RunConfig config = config_for_test();
  config.train.env_steps = 900;
  config.replay.capacity = 300;
  config.replay.prioritized = true;
  config.agent.n_step = 3;
  config.network.input_divisor = 255;
  config.network.conv_channels = {4};
  config.network.conv_kernels = {3};
  config.network.conv_strides = {2};
  const auto env = [] { return std::make_unique<test::PixelChainEnv>(test::PixelChainEnv::Screen{}); };
  const Outcome unbroken = outcome_of(folder / "whole", start_run(config, {.folder = folder / "whole"}, env));
  EXPECT_TRUE(unbroken.state.contains("trainer/replay/frames"));
  for (const int64_t step : {3, 301, 650}) {
    const std::string path = folder / ("broken-" + std::to_string(step));
    StopAt once(step);
    start_run(config, {.folder = path, .stop = &once.stop, .observers = {&once}}, env);
    expect_equal(unbroken, outcome_of(path, resume_run({.folder = path}, env)));
  }
  // The agent alone is made of its checkpoint, and sees stacks of frames as its network did.
  Policy agent = Policy::load(folder / "whole");
  auto world = env();
  EXPECT_EQ(agent.observation_size(), 3 * 6 * 8);
  EXPECT_GT(agent.q_values(world->reset(1))[1], 0);
}

}  // namespace
}  // namespace deepq
