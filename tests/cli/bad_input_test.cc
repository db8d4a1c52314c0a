// Whatever the user gets wrong ends in status 2 and one line on stderr that says what, where and what is allowed.
#include <filesystem>

#include "tests/cli/program.h"

namespace deepq::cli {
namespace {

class BadInputTest : public CliTest {
 protected:
  BadInputTest() { in_folder_.folder = folder_; }

  // `deepq train --preset chapter ARGUMENTS`, which would write into the test's folder.
  void expect_training_refused(const Arguments& arguments, const std::vector<std::string>& parts) const {
    Arguments all{"train", "--preset", "chapter", "--steps", "100"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    expect_refusal(all, parts, in_folder_);
    EXPECT_FALSE(std::filesystem::exists(path("runs"))) << "a refused run leaves nothing behind";
  }

  StartOptions in_folder_;
};

TEST_F(BadInputTest, NamesTheNearest) {
  expect_refusal({"trian"}, {"unknown command 'trian'", "did you mean 'train'?"});
  expect_refusal({"train", "--presett", "chapter"}, {"unknown flag '--presett'", "did you mean '--preset'?"});
  expect_refusal({"train", "--sead=3"}, {"unknown flag '--sead'", "did you mean '--seed'?"});
  expect_refusal({"eval", "--episode", "3", "DIR"}, {"'--episode'", "did you mean '--episodes'?"});
  expect_refusal({"--versoin"}, {"unknown flag '--versoin'", "did you mean '--version'?"});
  expect_refusal({"train", "--preset", "chaptre"}, {"preset 'chaptre'", "did you mean 'chapter'?"});
  expect_refusal({"presets", "chaptre"}, {"preset 'chaptre'", "did you mean 'chapter'?"});
  expect_training_refused({"--env", "CartPole-v2"}, {"environment 'CartPole-v2'", "did you mean 'CartPole-v1'?"});
  expect_training_refused({"--set", "agent.gama=0.9"}, {"'agent.gama'", "did you mean 'agent.gamma'?"});
}

// Said once, before any seed begins.
TEST_F(BadInputTest, ARunThatCannotLearn) {
  expect_training_refused({"--seeds", "2", "--set", "train.learning_starts_env_steps=100"},
                          {"train.learning_starts_env_steps is 100", "allowed: below train.env_steps, which is 100",
                           "; train.env_steps is --steps"});
}

TEST_F(BadInputTest, CommandLine) {
  expect_refusal({"train", "chapter"},
                 {"unexpected argument 'chapter'; did you mean '--preset chapter'?", "deepq train --help"});
  expect_refusal({"train", "Taxi-v3"}, {"unexpected argument 'Taxi-v3'; did you mean '--env Taxi-v3'?"});
  expect_refusal({"train", "resume"}, {"unexpected argument 'resume'"});
  expect_refusal({"eval"}, {"DIR is required", "deepq eval --help"});
  expect_refusal({"train", "--preset"}, {"--preset"});
  expect_training_refused({"--seed", "abc"}, {"--seed", "'abc'", "a whole number from 0"});
  expect_training_refused({"--seed", "-1"}, {"--seed", "'-1'"});
  expect_training_refused({"--episodes", "0"}, {"--episodes", "a whole number from 1"});
  expect_training_refused({"--seeds", "1.5"}, {"--seeds", "'1.5'"});
  expect_training_refused({"--steps", "2.5"}, {"--steps", "'2.5'", "a whole number from 1, such as 2000, 2k, 2e3"});
  expect_training_refused({"--steps", "1e30"}, {"--steps", "'1e30'"});
  expect_training_refused({"--jobs", "2"}, {"--jobs requires --seeds"});
}

TEST_F(BadInputTest, WordsBeforeTheCommand) {
  expect_refusal({"--quiet", "train", "--preset", "chapter"},
                 {"--quiet belongs after the command: deepq train --quiet"});
  expect_refusal({"--json", "envs"}, {"--json belongs after the command: deepq envs --json"});
  expect_refusal({"--seed=3", "train"}, {"--seed belongs after the command: deepq train --seed"});
  expect_refusal({"--quit", "train"}, {"unknown flag '--quit'", "did you mean '--quiet'?", "deepq train --help"});
  expect_refusal({"--quiet", "envs"}, {"unknown flag '--quiet'", "deepq envs --help"});
  expect_refusal({"--quiet"}, {"no command before --quiet", "deepq COMMAND --quiet", "train or resume"});
  expect_refusal({"--vesion"}, {"unknown flag '--vesion'", "see deepq --help"});
  expect_refusal({"-x", "train"}, {"unknown flag '-x'"});
  expect_refusal({"foo", "train"}, {"unknown command 'foo'", "train, resume"});
  for (const char* const word : {"tran", "", "-", "--", "chapter", "CartPole-v1", "run/config.toml"})
    expect_refusal({word, "train"}, {"unknown command '" + std::string(word) + "'", "see deepq --help"});
  expect_refusal({"help", "tran"}, {"unknown command 'tran'", "did you mean 'train'?"});
  expect_refusal({"help", "train", "eval"}, {"unexpected argument 'eval'", "deepq help --help"});
  expect_refusal({"version", "eval"}, {"unexpected argument 'eval'"});
}

TEST_F(BadInputTest, Settings) {
  expect_training_refused({"--set", "agent.gamma=1.5"}, {"agent.gamma", "1.5", "0 to 1"});
  expect_training_refused({"--set", "agent.gamma=high"}, {"agent.gamma", "high", "number"});
  expect_training_refused({"--set", "agent.gamma"}, {"agent.gamma"});
  expect_training_refused({"--set", "agent.loss=mae"}, {"agent.loss", "mae", "mse", "huber"});
  expect_training_refused({"--set", "replay.capacity=32"}, {"agent.batch_size is 64", "replay.capacity", "32"});
  expect_training_refused({"--set", "replay.capacity=1000000000000"}, {"memory"});
  expect_refusal({"train", "--preset", "chapter", "--steps", "100000000000", "--set", "replay.capacity=100000000000"},
                 {"memory", "replay.capacity"}, in_folder_);
  expect_refusal({"train", "--env", "CartPole-v1"}, {"train.env_steps", "train.episodes"}, in_folder_);
  expect_refusal({"train"}, {"how long to train is not said", "--steps N or --episodes N", "--preset chapter"},
                 in_folder_);
  expect_refusal({"train", "--env", "CartPole-v0"},
                 {"unknown environment 'CartPole-v0'", "did you mean 'CartPole-v1'?"}, in_folder_);
  expect_training_refused({"--env", "CartPole-v0", "--set", "agent.batch_size=64", "replay.capacity=32"},
                          {"unknown environment 'CartPole-v0'"});
  expect_refusal({"train", "--preset", "lunarlander"},
                 {"LunarLander-v3 comes with the Python package: python -m deepq in place of deepq"}, in_folder_);
}

// What was asked of another command, or of a run that has its settings already.
TEST_F(BadInputTest, FlagsOfOtherCommands) {
  expect_refusal({"resume", "run", "--episodes", "30"}, {"'--episodes'; a run is made longer with --steps N"});
  for (const char* flag : {"--set", "--seeds", "--preset", "--config", "--learning-rate"})
    expect_refusal({"resume", "run", flag, "x"}, {flag, "in its config.toml", "deepq train begins another"});
  expect_refusal({"resume", "run", "--out", "x"},
                 {"--out is for a checkpoint file, and a run goes on in its own folder, run"});
  expect_refusal({"resume", "run", "--step", "5"}, {"'--step'; did you mean '--steps'?"});
  expect_refusal({"eval", "run", "--steps", "5"}, {"'--steps'; it is a flag of deepq train and resume;"});
  expect_refusal({"plot", "run", "--json"}, {"'--json'; it is a flag of deepq train and "});
}

// Names of other libraries, as keys and as flags.
TEST_F(BadInputTest, NamesOfOtherLibraries) {
  expect_training_refused({"--set", "buffer_size=1000"}, {"'buffer_size'", "did you mean 'replay.capacity'?"});
  expect_training_refused({"--set", "agent.lr=1e-3"}, {"'agent.lr'", "did you mean 'optimizer.learning_rate'?"});
  expect_training_refused({"--learning-rate", "1e-3"}, {"'--learning-rate'", "'--set optimizer.learning_rate=...'"});
  expect_training_refused({"--total-timesteps=1000"}, {"'--total-timesteps'; did you mean '--steps'?"});
  expect_training_refused({"--env-id", "Taxi-v4"}, {"'--env-id'; did you mean '--set env.id=...'?"});
  expect_training_refused({"--gamma", "0.9"}, {"'--gamma'; did you mean '--set agent.gamma=...'?"});
  expect_training_refused({"--tensorboard-log", "tb"}, {"every run's folder (--out DIR) has TensorBoard's events"});
  expect_training_refused({"--device", "cuda"}, {"'--device'; deepq computes on the CPU"});
  expect_training_refused({"--step", "5"}, {"'--step'; did you mean '--steps'?"});
  expect_refusal({"eval", "--learning-rate", "1"}, {"unknown flag '--learning-rate'; see deepq eval --help"});
}

TEST_F(BadInputTest, Variants) {
  const auto refused = [&](const Arguments& settings, const std::vector<std::string>& parts) {
    Arguments arguments{"--set"};
    arguments.insert(arguments.end(), settings.begin(), settings.end());
    expect_training_refused(arguments, parts);
  };
  refused({"agent.munchausen=true", "agent.double=true"}, {"agent.double is true", "agent.munchausen: false"});
  refused({"agent.munchausen=true", "agent.n_step=3"}, {"agent.n_step is 3", "agent.munchausen: 1"});
  const std::string pqn = "agent.algorithm=pqn";
  refused({pqn, "replay.prioritized=true"}, {"replay.prioritized is true", "agent.algorithm pqn: false"});
  refused({pqn, "network.noisy=true"}, {"network.noisy is true", "agent.algorithm pqn: false"});
  refused({pqn, "value.representation=categorical"},
          {"value.representation is categorical", "agent.algorithm pqn: scalar"});
  refused({pqn, "agent.n_step=3"}, {"agent.n_step is 3", "agent.algorithm pqn: 1"});
  refused({pqn, "pqn.minibatches=5"}, {"pqn.minibatches is 5", "divisors of pqn.rollout_steps", "32"});
  for (const char* algorithm : {"q_learning", "sarsa", "expected_sarsa", "double_q_learning"})
    refused({std::string("agent.algorithm=") + algorithm},
            {std::string("agent.algorithm is ") + algorithm, "not discrete: dqn, pqn"});
  refused({"network.conv_channels=[16]", "network.conv_kernels=[8]", "network.conv_strides=[4]"},
          {"network.conv_channels has 1", "allowed: none", "[height, width, channels]"});
}

TEST_F(BadInputTest, KeysThatDoNothing) {
  const std::string none = "has no effect here; it needs ";
  expect_training_refused({"--set", "replay.priority_alpha=0.6"},
                          {"replay.priority_alpha " + none, "prioritized true"});
  expect_training_refused({"--env", "FrozenLake-v1", "--set", "agent.algorithm=sarsa", "optimizer.learning_rate=0.1"},
                          {"optimizer.learning_rate " + none, "tabular.learning_rate"});
  write_text(path("file.toml"), "[agent]\nalgorithm = 'pqn'\n[replay]\ncapacity = 500\n");
  expect_training_refused({"--config", path("file.toml")}, {path("file.toml") + ":4: replay.capacity " + none});
  write_text(path("file.toml"), "preset = 'rainbo'\n");
  expect_refusal({"train", "--config", path("file.toml"), "--steps", "100"},
                 {path("file.toml") + ":1: unknown preset 'rainbo'; did you mean 'rainbow'?"}, in_folder_);
  expect_training_refused({"--set", "epsilon=0.1"}, {"'exploration.epsilon_start' or", "'eval.epsilon'?"});
  expect_training_refused({"--set", "eval.stop_when_solved=true"}, {"eval.every_env_steps is 0"});
}

TEST_F(BadInputTest, RunsInWhichNothingIsLearnt) {
  Arguments chapter{"train", "--preset", "chapter", "--steps", "63"};
  expect_refusal(chapter, {"would learn nothing", "63 environment steps", "after 64", "batch_size is 64"}, in_folder_);
  chapter.insert(chapter.end(), {"--seeds", "2"});
  expect_refusal(chapter, {"would learn nothing"}, in_folder_);
  expect_refusal({"train", "--env", "MountainCar-v0", "--episodes", "1", "--set", "agent.batch_size=201"},
                 {"its 200 environment steps at most (train.episodes is 1)", "after 201"}, in_folder_);
}

TEST_F(BadInputTest, RangesOfTheVariantsSettings) {
  const auto refused = [&](const std::string& setting, const std::vector<std::string>& parts) {
    expect_training_refused({"--set", setting}, parts);
  };
  refused("value.v_min=10", {"value.v_min is 10", "below value.v_max, which is 10"});
  refused("value.v_max=-11", {"value.v_min is -10", "below value.v_max, which is -11"});
  refused("value.atoms=0", {"value.atoms is 0", "2 to 4096"});
  refused("value.quantiles=0", {"value.quantiles is 0", "1 to 4096"});
  refused("replay.priority_alpha=1.5", {"replay.priority_alpha is 1.5", "0 to 1"});
  refused("replay.importance_beta=-1", {"replay.importance_beta is -1", "0 to 1"});
  refused("agent.n_step=0", {"agent.n_step is 0", "1 to 1024"});
  expect_training_refused({"--set", "replay.capacity=64", "--set", "agent.n_step=65"},
                          {"agent.n_step is 65", "up to replay.capacity, which is 64"});
  // 100 steps would touch little of it, but all of it is asked for.
  refused("replay.capacity=1e12", {"replay.capacity is 1000000000000", "44000000000000 bytes", "memory"});
}

TEST_F(BadInputTest, ACheckpointOfAnotherNetwork) {
  ASSERT_EQ(run_program(short_training("run")).status, 0);
  const std::string config = file_text(path("run/config.toml"));
  const auto resume_with = [&](const std::string& line, const std::string& instead,
                               const std::vector<std::string>& parts) {
    std::string changed = config;
    const size_t at = changed.find("\n" + line);
    ASSERT_NE(at, std::string::npos) << config;
    write_text(path("run/config.toml"), changed.replace(at + 1, line.size(), instead));
    std::vector<std::string> all{path("run/checkpoints/checkpoint-"), "does not fit " + path("run/config.toml")};
    all.insert(all.end(), parts.begin(), parts.end());
    expect_refusal({"resume", path("run"), "--quiet"}, all);
  };
  resume_with("hidden_sizes = [16]", "hidden_sizes = [32]",
              {"network.hidden_sizes is [ 32 ]; the run was trained with [ 16 ], and that cannot change"});
  resume_with("hidden_sizes = [16]", "hidden_sizes = [16, 16]",
              {"network.hidden_sizes is [ 16, 16 ]; the run was trained with [ 16 ]"});
  resume_with("representation = \"scalar\"", "representation = \"categorical\"",
              {"value.representation is categorical; the run was trained with scalar"});
  resume_with("capacity = 10000", "capacity = 100", {"replay.capacity is 100; the run was trained with 10000"});
  resume_with("seed = 0", "seed = 1", {"train.seed is 1; the run was trained with 0"});
  write_text(path("run/config.toml"), config);
  EXPECT_EQ(run_program({"resume", path("run"), "--quiet"}).status, 0) << "the refusals have left the run as it was";
}

TEST_F(BadInputTest, ConfigFile) {
  expect_training_refused({"--config", path("none.toml")}, {"none.toml", "No such file"});
  write_text(path("broken.toml"), "[agent]\ngamma = \n");
  expect_training_refused({"--config", path("broken.toml")}, {"broken.toml"});
  write_text(path("typo.toml"), "[agent]\ngama = 0.9\n");
  expect_training_refused({"--config", path("typo.toml")}, {"typo.toml", "gama", "did you mean", "gamma"});
  write_text(path("newer.toml"), "version = 3\n");
  expect_training_refused({"--config", path("newer.toml")}, {"newer.toml", "version", "newer"});
}

TEST_F(BadInputTest, RunFolders) {
  const std::vector<Arguments> readers{{"resume"}, {"eval"},    {"watch"},
                                       {"plot"},   {"compare"}, {"export", "--onnx", path("x")}};
  for (Arguments reader : readers) {
    reader.push_back(path("none"));
    expect_refusal(reader, {"deepq: there is no file or folder " + path("none") + "\n"});
  }
  expect_refusal({"eval", folder_}, {folder_, "not a run folder"});
  expect_refusal({"watch", folder_}, {folder_, "not a run folder"});
  expect_refusal({"plot", folder_}, {folder_, "not a run folder"});
  expect_training_refused({"--out", "/proc/deepq-run"}, {"/proc/deepq-run"});
  write_text(path("file"), "");
  expect_training_refused({"--out", path("file")}, {path("file")});

  ASSERT_EQ(run_program(short_training("taken")).status, 0);
  const std::string before = file_text(path("taken/summary.json"));
  expect_refusal(short_training("taken"), {path("taken"), "already holds a run"});
  EXPECT_EQ(file_text(path("taken/summary.json")), before);
  expect_refusal({"eval", path("taken"), "--epsilon", "1.5"}, {"--epsilon", "1.5", "0 to 1"});
  expect_refusal({"watch", path("taken"), "--epsilon", "nan"}, {"--epsilon", "nan", "0 to 1"});
  expect_refusal({"watch", path("taken"), "--fps", "-1"}, {"--fps", "-1", "0 to 1000"});
  expect_refusal({"watch", path("taken"), "--episodes", "0"}, {"--episodes", "'0'", "a whole number from 1"});
}

TEST_F(BadInputTest, Export) {
  ASSERT_EQ(run_program(short_training("run")).status, 0);
  const std::string onnx = path("q.onnx");
  expect_refusal({"export", "--onnx", onnx}, {"DIR is required", "deepq export --help"});
  expect_refusal({"export", path("run")}, {"nothing to write", "--onnx FILE, --safetensors FILE, --header FILE"});
  expect_refusal({"export", folder_, "--onnx", onnx}, {folder_, "holds 1 run; choose one, e.g. " + path("run")});
  expect_refusal({"export", path("none"), "--onnx", onnx}, {"there is no file or folder " + path("none")});
  expect_refusal({"export", path("run"), "--onx", onnx}, {"'--onx'", "did you mean '--onnx'?"});
  expect_refusal({"export", path("run"), "--header", path("no/q.h")}, {path("no/q.h"), "No such file"});
  const std::string newest = std::filesystem::directory_iterator(path("run/checkpoints"))->path().string();
  const std::string before = file_text(newest);
  expect_refusal({"export", path("run"), "--safetensors", newest}, {newest, "belongs to the run in", "choose another"});
  expect_refusal({"export", newest, "--safetensors", newest}, {newest, "is the agent that is exported"});
  expect_refusal({"export", path("run"), "--header", path("run/checkpoints/../checkpoints/q.h")}, {"choose another"});
  expect_refusal({"export", path("run"), "--header", onnx, "--onnx", onnx}, {onnx, "is given for two formats"});
  EXPECT_EQ(file_text(newest), before);
  std::filesystem::remove_all(path("run/checkpoints"));
  expect_refusal({"export", path("run"), "--onnx", onnx}, {path("run"), "it has no checkpoints"});
  EXPECT_FALSE(std::filesystem::exists(onnx));

  ASSERT_EQ(run_program({"train", "--env", "FrozenLake-v1", "--steps", "50", "--quiet", "--out", path("table"), "--set",
                         "agent.algorithm=q_learning", "--set", "eval.final_episodes=0"})
                .status,
            0);
  for (const char* const kind : {"--onnx", "--safetensors", "--header"})
    expect_refusal({"export", path("table"), kind, onnx}, {"learnt a table", "q_learning", "allowed: dqn, pqn"});
  EXPECT_FALSE(std::filesystem::exists(onnx));
}

// Of the one that is read, and of others.
TEST_F(BadInputTest, WhatIsWrittenCostsNoRunItsFiles) {
  for (const char* const run : {"run", "other"}) ASSERT_EQ(run_program(short_training(run)).status, 0);
  const std::string newest = std::filesystem::directory_iterator(path("other/checkpoints"))->path().string();
  const std::string before = file_text(newest);
  const std::string from = std::filesystem::directory_iterator(path("run/checkpoints"))->path().string();
  const std::string beside = path("run/checkpoints/checkpoint-000000000001.safetensors");
  for (const std::string& to : {newest, beside, path("other/config.toml"), path("run/config.toml"),
                                path("run/summary.json"), path("run/../run/episodes.csv")}) {
    expect_refusal({"export", from, "--safetensors", to}, {to, "belongs to the run in", "choose another"});
    expect_refusal({"plot", path("run"), "--out", to}, {to, "belongs to the run in", "choose another"});
    expect_refusal({"compare", path("run"), path("other"), "--out", to}, {to, "belongs to the run in"});
  }
  EXPECT_EQ(file_text(newest), before);
  EXPECT_EQ(run_program({"export", path("run"), "--safetensors", path("run/agent.safetensors")}).status, 0);
  EXPECT_EQ(run_program({"plot", path("run"), path("other"), "--out", path("other/report.html")}).status, 0);
  EXPECT_EQ(run_program({"resume", path("run")}).status, 0);
}

TEST_F(BadInputTest, SeedsRefuseAFolderThatHoldsOneOfTheirRuns) {
  ASSERT_EQ(run_program(short_training("seeds/seed-1")).status, 0);
  expect_refusal(short_training("seeds", {"--seeds", "2"}), {path("seeds/seed-1"), "already holds a run"});
  EXPECT_FALSE(std::filesystem::exists(path("seeds/seed-0"))) << "nothing starts when not all can";
}

TEST_F(BadInputTest, FullDisk) {
  expect_refusal(short_training("full"), {path("full"), "File too large"}, {.largest_file_bytes = 4096});
}

TEST_F(BadInputTest, ReadOnlyFolder) {
  namespace fs = std::filesystem;
  if (geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  fs::create_directory(path("parent"));
  fs::permissions(path("parent"), fs::perms::owner_read | fs::perms::owner_exec);
  expect_refusal(short_training("parent/run"), {"parent/run", "Permission denied"});
}

}  // namespace
}  // namespace deepq::cli
