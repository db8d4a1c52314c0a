#include "deepq/train/session.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "deepq/env/registry.h"
#include "deepq/env/sync_vector_env.h"
#include "deepq/record/run_status.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

RunConfig config_for_test() {
  RunConfig config;
  config.train.env_steps = 600;
  config.replay.capacity = 400;
  config.agent.batch_size = 16;
  config.network.hidden_sizes = {16};
  config.eval.final_episodes = 0;
  return config;
}

Session make_session() { return {config_for_test(), find_env("CartPole-v1")}; }

TEST(Session, CallsTogetherAreOneRun) {
  const RunSummary whole = start_run(config_for_test(), {});
  Session session = make_session();
  EXPECT_EQ(session.learn(250, {}).env_steps, 250);
  const RunSummary last = session.learn(350, {});
  EXPECT_EQ(last.env_steps, 600);
  EXPECT_EQ(last.episodes, whole.episodes);
  EXPECT_EQ(last.weights_sha256, whole.weights_sha256);
}

TEST(Session, ACallMayEndBeforeLearningStarts) {
  RunConfig config = config_for_test();
  config.train.learning_starts_env_steps = 300;
  const RunSummary whole = start_run(config, {});
  Session session(config, find_env("CartPole-v1"));
  EXPECT_EQ(session.learn(200, {}).updates, 0);
  EXPECT_EQ(session.learn(400, {}).weights_sha256, whole.weights_sha256);
}

TEST(Session, ASavedOneGoesOnElsewhere) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "agent.safetensors";
  const RunSummary whole = start_run(config_for_test(), {});
  Session first = make_session();
  first.learn(250, {});
  first.save(path);
  Session second = make_session();
  second.restore(CheckpointFile(path));
  EXPECT_EQ(second.learn(350, {}).weights_sha256, whole.weights_sha256);
  EXPECT_FALSE(std::filesystem::exists(path + ".tmp"));
}

// What a page or Python saved without a folder.
TEST(Session, ASavedOneBecomesARun) {
  const test::TemporaryFolder folder;
  const std::string path = folder / "agent.safetensors", run = folder / "run";
  RunConfig config = config_for_test();
  const RunSummary whole = start_run(config, {});
  Session first = make_session();
  first.learn(250, {});
  first.trainer().set_length(config.train.env_steps);
  first.save(path);
  make_run_of(path, run);
  std::vector<std::string> notices;
  const RunSummary resumed =
      resume_run({.folder = run, .notice = [&](const std::string& line) { notices.push_back(line); }});
  EXPECT_EQ(notices, std::vector<std::string>{});
  EXPECT_EQ(resumed.weights_sha256, whole.weights_sha256);
  EXPECT_EQ(resumed.episodes, whole.episodes);
  EXPECT_EQ(resumed.best_100_mean_return, whole.best_100_mean_return);
  const std::string again = test::error_of([&] { make_run_of(path, run); });
  EXPECT_NE(again.find("already holds a run"), std::string::npos) << again;
  test::spit(path, test::slurp(path).substr(0, 1000));
  EXPECT_NE(test::error_of([&] { make_run_of(path, folder / "other"); }).find(path), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder / "other")) << "refused before there is a folder";
}

TEST(Session, ItsFolderIsThatOfOneRun) {
  const test::TemporaryFolder folder;
  const std::string one = folder / "one", many = folder / "many";
  start_run(config_for_test(), {.folder = one});
  {
    Session session = make_session();
    session.learn(200, {.folder = many});
    session.learn(100, {.folder = many});
  }
  Session restored = make_session();
  std::vector<std::string> set_aside;
  restored.restore(newest_checkpoint(many + "/checkpoints", set_aside));
  restored.learn(300, {.folder = many});
  EXPECT_EQ(test::slurp(many + "/config.toml"), test::slurp(one + "/config.toml"));
  EXPECT_EQ(test::without_wall_times(test::slurp(many + "/episodes.csv")),
            test::without_wall_times(test::slurp(one + "/episodes.csv")));
  EXPECT_EQ(resume_run({.folder = many}).weights_sha256, resume_run({.folder = one}).weights_sha256);
}

TEST(Session, OnlyTheFoldersNewestAgentGoesOnInIt) {
  const test::TemporaryFolder folder;
  const std::string run = folder / "run";
  RunConfig config = config_for_test();
  config.checkpoint.every_env_steps = 100;
  Session first(config, find_env("CartPole-v1"));
  first.learn(200, {.folder = run});
  Session older(config, find_env("CartPole-v1"));
  older.restore(CheckpointFile(run + "/checkpoints/checkpoint-000000000100.safetensors"));
  const std::string config_before = test::slurp(run + "/config.toml");
  EXPECT_EQ(test::error_of([&] { older.learn(50, {.folder = run}); }),
            "the run in " + run +
                " is at step 200 and this agent at step 100; load the folder to go on in it, or choose another folder");
  EXPECT_EQ(test::slurp(run + "/config.toml"), config_before);
  EXPECT_EQ(older.learn(50, {.folder = folder / "branch"}).env_steps, 150) << "elsewhere it does";

  resume_run({.folder = run, .env_steps = 300});  // another program
  EXPECT_NE(test::error_of([&] { first.learn(50, {.folder = run}); }).find("is at step 300"), std::string::npos);
}

TEST(Session, KnowsThatAnotherProgramWroteIntoTheLogs) {
  const test::TemporaryFolder folder;
  const std::string run = folder / "run";
  Session session = make_session();
  session.learn(200, {.folder = run});
  const std::string rows = test::slurp(run + "/evaluations.csv");
  std::string config = test::slurp(run + "/config.toml");
  const std::string none = "final_episodes = 0";
  test::spit(run + "/config.toml", config.replace(config.find(none), none.size(), "final_episodes = 3"));
  resume_run({.folder = run});
  EXPECT_GT(test::slurp(run + "/evaluations.csv").size(), rows.size());
  session.learn(100, {.folder = run});
  std::vector<std::string> notices;
  RunOptions options{.folder = run, .env_steps = 400};
  options.notice = [&](const std::string& notice) { notices.push_back(notice); };
  resume_run(options);
  EXPECT_EQ(notices, std::vector<std::string>()) << "no log was cut in the middle";
}

TEST(Session, EvaluatesOnWorldsOfItsKindAloneAndLosesNothingByIt) {
  const test::TemporaryFolder folder;
  RunConfig config = config_for_test();
  config.eval.final_episodes = 2;
  const auto session_with = [&](const char* other) {
    return Session(config, find_env(other), std::make_unique<SyncVectorEnv>(find_env("CartPole-v1"), 1, 0));
  };
  Session wrong = session_with("MountainCar-v0");
  EXPECT_EQ(test::error_of([&] { wrong.learn(150, {.folder = folder / "run"}); }),
            "the environment to evaluate on, MountainCar-v0, has observations of 2 and 3 actions; allowed: as in "
            "training, observations of 4 and 2 actions");
  EXPECT_EQ(newest_checkpoint_name(folder / "run/checkpoints")->env_steps, 150) << "saved before it was evaluated";
  Session same = session_with("CartPole-v1");
  EXPECT_EQ(same.learn(150, {}).eval_episodes, 2);
  EXPECT_EQ(same.trainer().evaluate_agent({.episodes = 1})->world, "CartPole-v1");
}

TEST(Session, TakesNoOtherRunsFolder) {
  const test::TemporaryFolder folder;
  const std::string other = folder / "other";
  start_run(config_for_test(), {.folder = other});
  Session session = make_session();
  EXPECT_NE(test::error_of([&] { session.learn(10, {.folder = other}); }).find("already holds a run"),
            std::string::npos);
  EXPECT_EQ(session.learn(10, {}).env_steps, 10) << "nothing has been lost";
}

TEST(Session, AFolderIsOneByAnyName) {
  const test::TemporaryFolder folder;
  Session session = make_session();
  session.learn(100, {.folder = folder / "run/"});
  std::filesystem::create_directory_symlink(folder / "run", folder / "link");
  EXPECT_EQ(session.learn(100, {.folder = folder / "run"}).env_steps, 200);
  EXPECT_EQ(session.learn(100, {.folder = folder / "./x/../run"}).env_steps, 300);
  EXPECT_EQ(session.learn(100, {.folder = folder / "link/"}).env_steps, 400);
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  EXPECT_EQ(session.learn(100, {.folder = "run"}).env_steps, 500);
  EXPECT_EQ(session.learn(100, {.folder = "link"}).env_steps, 600);
  Session other = make_session();
  EXPECT_NE(test::error_of([&] { other.learn(10, {.folder = "link"}); }).find("already holds a run"),
            std::string::npos);
  std::filesystem::current_path(before);
}

// Whatever the program makes its working folder meanwhile.
TEST(Session, TheFolderStaysWhereItIs) {
  const test::TemporaryFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  class Mover : public Observer {
   public:
    explicit Mover(std::string to) : to_(std::move(to)) {}
    void on_step(int64_t) override { std::filesystem::current_path(to_); }

   private:
    std::string to_;
  } mover("/");
  std::filesystem::current_path(folder.path());
  Session session = make_session();
  session.learn(100, {.folder = "run", .observers = {&mover}});
  std::filesystem::current_path(before);
  EXPECT_TRUE(run_status(folder / "run").summary.has_value());
}

TEST(Session, ItsLengthIsWhatLearnIsTold) {
  RunConfig config = config_for_test();
  config.train.episodes = 2;
  Session session(config, find_env("CartPole-v1"));
  EXPECT_EQ(session.learn(300, {}).env_steps, 300);
}

TEST(Session, RefusesNoSteps) {
  Session session = make_session();
  EXPECT_EQ(test::error_of([&] { session.learn(0, {}); }), "the number of steps to learn is 0; allowed: at least 1");
}

class Breaking : public Env {
 public:
  const EnvSpec& spec() const override { return spec_; }
  std::span<const float> reset(std::optional<uint64_t>) override { return observation_; }
  Step step(int64_t) override {
    if (++steps_ == 20) throw std::runtime_error("it broke");
    return {.observation = observation_};
  }

 private:
  EnvSpec spec_{.id = "Breaking-v0", .observation_space = ObservationSpace::real({1}), .action_count = 2};
  std::vector<float> observation_{0};
  int steps_ = 0;
};

TEST(Session, OnlyActsAfterItsEnvironmentBroke) {
  Session session(config_for_test(), [] { return std::make_unique<Breaking>(); });
  EXPECT_NE(test::error_of([&] { session.learn(100, {}); }).find("step 20"), std::string::npos);
  EXPECT_NE(test::error_of([&] { session.learn(100, {}); }).find("this agent only acts"), std::string::npos);
  EXPECT_EQ(session.trainer().algorithm().q_values(std::vector<float>{0}).size(), 2u);
}

}  // namespace
}  // namespace deepq
