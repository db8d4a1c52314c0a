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

TEST_F(BadInputTest, CommandLine) {
  expect_refusal({}, {"no command given", "deepq --help"});
  expect_refusal({"train", "chapter"}, {"unexpected argument 'chapter'", "deepq train --help"});
  expect_refusal({"train", "resume"}, {"unexpected argument 'resume'"});
  expect_refusal({"eval"}, {"DIR is required", "deepq eval --help"});
  expect_refusal({"train", "--preset"}, {"--preset"});
  expect_training_refused({"--seed", "abc"}, {"--seed", "'abc'", "a whole number from 0"});
  expect_training_refused({"--seed", "-1"}, {"--seed", "'-1'"});
  expect_training_refused({"--episodes", "0"}, {"--episodes", "a whole number from 1"});
  expect_training_refused({"--seeds", "1.5"}, {"--seeds", "'1.5'"});
  expect_training_refused({"--jobs", "2"}, {"--jobs requires --seeds"});
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
}

TEST_F(BadInputTest, ConfigFile) {
  expect_training_refused({"--config", path("none.toml")}, {"none.toml", "No such file"});
  write_text(path("broken.toml"), "[agent]\ngamma = \n");
  expect_training_refused({"--config", path("broken.toml")}, {"broken.toml"});
  write_text(path("typo.toml"), "[agent]\ngama = 0.9\n");
  expect_training_refused({"--config", path("typo.toml")}, {"typo.toml", "gama", "did you mean", "gamma"});
  write_text(path("newer.toml"), "version = 2\n");
  expect_training_refused({"--config", path("newer.toml")}, {"newer.toml", "version", "newer"});
}

TEST_F(BadInputTest, RunFolders) {
  expect_refusal({"resume", path("none")}, {"none"});
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
