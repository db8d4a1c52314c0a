#include "deepq/compare/run_files.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "deepq/compare/test_runs.h"
#include "deepq/core/finite.h"

namespace deepq::compare {
namespace {

using test::error_of;
using test::spit;
using test::TemporaryFolder;
using Values = std::vector<double>;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string csv_error(const std::string& text) {
  return error_of([&] { read_csv_run(text, "x.csv"); });
}

TEST(CsvRun, StepAndReturnInAnyCaseAndOrder) {
  const compare::Run run = read_csv_run("time,Return,STEP\n1,2.5,10\n2,-3e1,25\n", "x.csv");
  EXPECT_EQ(run.source, "x.csv");
  EXPECT_EQ(run.env, "");
  EXPECT_EQ(run.steps, (Values{10, 25}));
  EXPECT_EQ(run.returns, (Values{2.5, -30}));
  EXPECT_TRUE(std::isnan(run.final_evaluation));
}

TEST(CsvRun, QuotesBlanksCarriageReturnsAndNoLastNewline) {
  const compare::Run run = read_csv_run("\"step\", return ,note\r\n\"10\", 1 ,\"a, \"\"b\"\"\"\r\n\r\n20,2,", "x.csv");
  EXPECT_EQ(run.steps, (Values{10, 20}));
  EXPECT_EQ(run.returns, (Values{1, 2}));
}

TEST(CsvRun, MonitorsLengthsAddUp) {
  const compare::Run run =
      read_csv_run(monitor_csv("CartPole-v1", {{21.0, 21}, {15.5, 16}, {500, 500}}), "0.monitor.csv");
  EXPECT_EQ(run.env, "CartPole-v1");
  EXPECT_EQ(run.steps, (Values{21, 37, 537}));
  EXPECT_EQ(run.returns, (Values{21, 15.5, 500}));
}

TEST(CsvRun, MonitorsExtraColumnsAndUnnamedEnvironment) {
  const compare::Run run = read_csv_run(
      "#{\"t_start\": 1.0, \"env_id\": \"None\"}\nr,l,t,is_success,goal\r\n1.0,5,0.1,True,\"(1, 2)\"\r\n", "x");
  EXPECT_EQ(run.env, "");
  EXPECT_EQ(run.steps, Values{5});
  EXPECT_EQ(read_csv_run("#not json\nr,l,t\r\n1.0,5,0.1\r\n", "x").env, "");
}

TEST(CsvRun, AsSpreadsheetsWriteIt) {
  for (const char* text : {"\xEF\xBB\xBFstep,return\n10,2.5\n20,-3\n", "step;return\r\n10;2,5\r\n20;-3\r\n;\r\n",
                           "\xEF\xBB\xBFReturn\tStep\n\"2,5\"\t10\n-3,0\t20\n", "step,return\n10,2.5\n20,-3\n,\n",
                           "step;return;note, of all\n10;2.5;a,b\n20;-3;\n"}) {
    const compare::Run run = read_csv_run(text, "x.csv");
    EXPECT_EQ(run.steps, (Values{10, 20})) << text;
    EXPECT_EQ(run.returns, (Values{2.5, -3})) << text;
  }
  EXPECT_EQ(read_csv_run("\xEF\xBB\xBF" + monitor_csv("CartPole-v1", {{1, 5}}), "x").env, "CartPole-v1");
  EXPECT_EQ(csv_error("step;return\n10;1.234,5\n"), "x.csv line 2: return is '1.234,5'; it must be a finite number");
  EXPECT_EQ(csv_error("step,return\n10,2,5\n"), "x.csv line 2 has 3 values; the header names 2");
  EXPECT_EQ(csv_error("\xFF\xFEs"), "x.csv is UTF-16 text; allowed: UTF-8");
}

TEST(CsvRun, ColumnsAsOtherProgramsNameThem) {
  for (const char* text :
       {"Wall time,Step,Value\n1.7e9,10,2.5\n1.7e9,20,-3\n",  // TensorBoard
        "global_step,episodic_return\n10,2.5\n20,-3\n",       // CleanRL
        "global_step;episodic_return\n10;2,5\n20;-3\n",       //
        "global_step\tepisodic_return\n10\t2.5\n20\t-3\n",    //
        "\"Step\",\"global_step\",\"dqn__1 - charts/episodic_return\",\"dqn__1 - charts/episodic_return__MIN\"\n"
        "1,10,2.5,2.5\n2,15,,\n3,20,-3,-3\n",                                                  // Weights & Biases
        "\"Step\",\"a - global_step\",\"a - return\"\n1,10,2.5\n2,20,-3\n",                    //
        "rollout/ep_rew_mean,time/total_timesteps\n2.5,10\n,15\n-3,20\n",                      // SB3's progress.csv
        "episode,env_steps,return,length,epsilon,seconds\n1,10,2.5,10,1,0\n2,20,-3,10,1,0\n",  // ours
        "step,return,env_steps\n10,2.5,1\n20,-3,2\n"}) {
    const compare::Run run = read_csv_run(text, "x.csv");
    EXPECT_EQ(run.steps, (Values{10, 20})) << text;
    EXPECT_EQ(run.returns, (Values{2.5, -3})) << text;
    EXPECT_EQ(run.notes.size(), has(text, "Wall") || has(text, "mean") ? 1u : 0u) << text;
  }
}

TEST(CsvRun, SeveralRunsSideBySideAreNotOne) {
  EXPECT_EQ(csv_error("global_step,a - charts/episodic_return,b - charts/episodic_return\n10,1,\n20,,500\n"),
            "x.csv holds 2 runs, in the columns 'a - charts/episodic_return', 'b - charts/episodic_return'; each needs "
            "a file of its own");
}

TEST(CsvRun, ColumnsAsAUserNamesThem) {
  const ColumnNames names = parse_columns("Frames,Score");
  const compare::Run run = read_csv_run("score;step;return;frames\n2,5;1;0;10\n;2;0;15\n-3;3;0;20\n", "x.csv", names);
  EXPECT_EQ(run.steps, (Values{10, 20}));
  EXPECT_EQ(run.returns, (Values{2.5, -3}));
  EXPECT_EQ(error_of([&] { read_csv_run("step,return\n1,2\n", "x.csv", names); }),
            "x.csv line 1: the columns are 'step,return'; --columns names Frames and Score");
  for (const char* text : {"a", "a,b,c", ",b", "a,"})
    EXPECT_EQ(error_of([&] { parse_columns(text); }),
              "--columns is '" + std::string(text) + "'; allowed: two names, STEP,RETURN");
}

// What a killed run leaves.
TEST(CsvRun, ALastLineWithoutItsEndIsLeftOutWithANote) {
  for (const char* torn : {"9", "9.0,9", "9.0,9,0.3"}) {
    const std::string text = "#{\"env_id\": \"CartPole-v1\"}\nr,l,t\n10.0,10,0.1\n12.0,12,0.2\n";
    const compare::Run run = read_csv_run(text + torn, "x.csv");
    EXPECT_EQ(run.returns, (Values{10, 12})) << torn;
    EXPECT_EQ(run.notes, std::vector<std::string>{"x.csv line 5, '" + std::string(torn) +
                                                  "', is left out: it has no end, as the last line of a killed run."});
  }
  EXPECT_EQ(read_csv_run("step,return\n10,1\n20", "x").notes.size(), 1u);
  EXPECT_EQ(read_csv_run("step,return\n10,1\n20,-", "x").returns, Values{1});
  EXPECT_EQ(read_csv_run("step,return\n10,1\n20,2", "x").returns, (Values{1, 2})) << "editors leave no newline";
  EXPECT_TRUE(has(csv_error("step,return\n10\n20,2\n"), "line 2 has 1 values")) << "only the last line";
}

TEST(CsvRun, AHeaderWithoutItsEndIsNamed) {
  EXPECT_EQ(csv_error("# {\"env_id\": \"Pong\"} \nr,l,t-21.0,792,63.4\n-21.0,819,96.5\n"),
            "x.csv line 2: the header is 'r,l,t-21.0,792,63.4'; it must name the columns, on a line of its own (a "
            "newline is missing after it)");
}

TEST(RunFolder, IsReadWhenASpreadsheetHasSavedIt) {
  const TemporaryFolder folder;
  write_run(folder / "run", "CartPole-v1", {1, 2, 3}, 42.5);
  for (const char* name : {"run/episodes.csv", "run/metrics.csv", "run/evaluations.csv"}) {
    std::string text = "\xEF\xBB\xBF";
    for (const char c : test::slurp(folder / name)) text += c == '\n' ? "\r\n" : std::string(1, c);
    spit(folder / name, text);
  }
  EXPECT_EQ(read_run_folder(folder / "run").returns, (Values{1, 2, 3}));
}

TEST(CsvRun, ErrorsNameLineAndColumn) {
  EXPECT_EQ(
      csv_error("a,b\n1,2\n"),
      "x.csv line 1: the columns are 'a,b'; needed are step and return, or r and l as Stable-Baselines3's Monitor "
      "writes, separated by commas, semicolons or tabs; others are named by --columns STEP,RETURN");
  EXPECT_EQ(csv_error("step,return\n1,2\n3\n"), "x.csv line 3 has 1 values; the header names 2");
  EXPECT_EQ(csv_error("step,return\n1,high\n"), "x.csv line 2: return is 'high'; it must be a finite number");
  EXPECT_EQ(csv_error("r,l\nnan,1\n"), "x.csv line 2: r is 'nan'; it must be a finite number");
  EXPECT_TRUE(has(csv_error("step,return\n2x,1\n"), "step is '2x'"));
  EXPECT_TRUE(has(csv_error("step,return\n5,1\n4,1\n"), "line 3: step is 4; steps must not go down"));
  EXPECT_TRUE(has(csv_error("step,return\n-5,1\n"), "start at 0"));
  EXPECT_TRUE(has(csv_error("r,l\n1,-5\n"), "l is -5; it must not be negative"));
  EXPECT_EQ(csv_error("step,return\n"), "x.csv holds no episode; a run needs at least one");
  EXPECT_EQ(csv_error(""), "x.csv holds no episode; a run needs at least one");
}

TEST(RunFolder, IsRead) {
  const TemporaryFolder folder;
  write_run(folder / "run", "CartPole-v1", {1, 2, 3}, 42.5);
  const compare::Run run = read_run_folder(folder / "run");
  EXPECT_EQ(run.env, "CartPole-v1");
  EXPECT_EQ(run.steps, (Values{10, 20, 30}));
  EXPECT_EQ(run.returns, (Values{1, 2, 3}));
  EXPECT_EQ(run.final_evaluation, 42.5);
  write_run(folder / "open", "CartPole-v1", {1}, kNaN);
  EXPECT_TRUE(std::isnan(read_run_folder(folder / "open").final_evaluation));
  write_run(folder / "new", "CartPole-v1", {}, kNaN);
  EXPECT_TRUE(has(error_of([&] { read_run_folder(folder / "new"); }), "no whole episode yet"));
}

TEST(RunFolder, ASummaryOfBeforeAnExtensionIsNotTheRuns) {
  const TemporaryFolder folder;
  const std::string run = folder / "run", config = "[env]\nid = 'CartPole-v1'\n[train]\nseed = 0\nenv_steps = ";
  write_run(run, "CartPole-v1", {1, 2, 3}, 150);
  spit(run + "/config.toml", config + "30\n");
  EXPECT_TRUE(read_run_folder(run).finished);
  EXPECT_EQ(read_run_folder(run).final_evaluation, 150);
  EXPECT_EQ(read_run_folder(run).evaluated, 100);
  EXPECT_EQ(read_run_folder(run).planned, 100);
  spit(run + "/config.toml", config + "60\n");  // made longer, and still going on or killed
  EXPECT_FALSE(read_run_folder(run).finished);
  EXPECT_TRUE(std::isnan(read_run_folder(run).final_evaluation));
}

TEST(ReadGroup, FolderOfSeedsInTheirOrder) {
  const TemporaryFolder folder;
  for (const int seed : {0, 2, 10}) {
    write_run(folder / ("a/seed-" + std::to_string(seed)), "CartPole-v1", {1}, seed);
  }
  spit(folder / "a/report.html", "");
  const Group group = read_group(folder / "a/");
  EXPECT_EQ(group.name, "a");
  ASSERT_EQ(group.tasks.size(), 1u);
  EXPECT_EQ(group.tasks[0].name, "CartPole-v1");
  ASSERT_EQ(group.tasks[0].runs.size(), 3u);
  EXPECT_EQ(group.tasks[0].runs[2].final_evaluation, 10);
  EXPECT_EQ(read_group(folder / "a/seed-2").tasks[0].runs.size(), 1u) << "a run folder is a group of one";
}

TEST(ReadGroup, MonitorFilesComeBeforeOtherTables) {
  const TemporaryFolder folder;
  spit(folder / "progress.csv", "not a run\n");
  spit(folder / "0.monitor.csv", monitor_csv("Acrobot-v1", {{-80, 81}}));
  spit(folder / "monitor.csv", monitor_csv("Acrobot-v1", {{-90, 91}}));
  const Group group = read_group(folder.path());
  ASSERT_EQ(group.tasks.size(), 1u);
  EXPECT_EQ(group.tasks[0].name, "Acrobot-v1");
  EXPECT_EQ(group.tasks[0].runs.size(), 2u);
}

// make_vec_env(n_envs=4, monitor_dir=...): one file for each environment of a run.
TEST(MonitorRuns, TheFilesOfOneRunAreMergedByTime) {
  const TemporaryFolder folder;
  const auto file = [&](const std::string& name, double began, const std::vector<std::array<double, 3>>& rows) {
    std::string text = "#{\"t_start\": " + number_text(began) + ", \"env_id\": \"CartPole-v1\"}\nr,l,t\r\n";
    for (const auto& [r, l, t] : rows) text += number_text(r) + "," + number_text(l) + "," + number_text(t) + "\r\n";
    std::filesystem::create_directories(std::filesystem::path(folder / name).parent_path());
    spit(folder / name, text);
  };
  file("a/0.monitor.csv", 1000.0, {{1, 10, 1.0}, {4, 5, 4.0}});
  file("a/1.monitor.csv", 1000.5, {{2, 20, 1.5}, {5, 6, 3.5}});  // ends at 1002, and with the other at 1004
  file("a/2.monitor.csv", 1000.75, {});                          // no episode has ended
  file("a/10.monitor.csv", 1000.25, {{3, 30, 2.75}});            // at 1003
  const Group group = read_groups({folder / "a"})[0];
  ASSERT_EQ(group.tasks[0].runs.size(), 1u);
  const compare::Run& run = group.tasks[0].runs[0];
  EXPECT_EQ(run.returns, (Values{1, 2, 3, 4, 5}));
  EXPECT_EQ(run.lengths, (Values{10, 20, 30, 5, 6}));
  EXPECT_EQ(run.steps, (Values{10, 30, 60, 71, 71})) << "over all files; what ends together ends at one step";
  EXPECT_TRUE(has(run.source, "0.monitor.csv and 3 more")) << run.source;
  EXPECT_EQ(group.notes,
            (std::vector<std::string>{"4 Monitor files of a are 1 run: numbered ones side by side, written at the same "
                                      "time, are one run's environments."}));
  // RL Zoo's layout: a folder a run. And runs one after the other in one folder are runs of their own.
  for (const std::string seed : {"1", "2"})
    for (const std::string rank : {"0", "1", "2", "3"})
      file("zoo/CartPole-v1_" + seed + "/" + rank + ".monitor.csv", 2000, {{1, 10, 1.0}});
  EXPECT_EQ(read_group(folder / "zoo").tasks[0].runs.size(), 2u);
  file("later/0.monitor.csv", 1000, {{1, 10, 5}});
  file("later/1.monitor.csv", 1006, {{1, 10, 5}});
  EXPECT_EQ(read_group(folder / "later").tasks[0].runs.size(), 2u);
  // Names that are no numbers, and files that do not say when: a run each.
  file("named/seed0.monitor.csv", 1000, {{1, 10, 5}});
  file("named/seed1.monitor.csv", 1000, {{1, 10, 5}});
  EXPECT_EQ(read_group(folder / "named").tasks[0].runs.size(), 2u);
  std::filesystem::create_directories(folder / "timeless");
  spit(folder / "timeless/0.monitor.csv", "r,l\n1,2\n");
  spit(folder / "timeless/1.monitor.csv", "r,l\n1,2\n");
  EXPECT_EQ(read_group(folder / "timeless").tasks[0].runs.size(), 2u);
  // The first of a run's environments may be the one that has ended no episode; the other runs' stay theirs.
  file("first/0.monitor.csv", 1000, {});
  file("first/1.monitor.csv", 1000.1, {{1, 10, 5}});
  file("first/2.monitor.csv", 1006, {{1, 10, 5}});
  EXPECT_EQ(read_group(folder / "first").tasks[0].runs.size(), 2u);
  // Where training goes on in the same files (override_existing=False), the times begin again at 0.
  file("on/0.monitor.csv", 1000, {{1, 10, 1}, {3, 10, 2}, {5, 10, 1}});
  file("on/1.monitor.csv", 1000.5, {{2, 10, 1}, {4, 10, 2}, {6, 10, 1}});
  EXPECT_EQ(read_group(folder / "on").tasks[0].runs[0].returns, (Values{1, 2, 3, 4, 5, 6}));
  file("none/0.monitor.csv", 1000, {});
  EXPECT_TRUE(has(error_of([&] { read_group(folder / "none"); }), "0.monitor.csv holds no episode"));
}

// GROUP/TASK/..., by the environment that the files name, else by the folder.
TEST(ReadGroup, FoldersOfTasks) {
  const TemporaryFolder folder;
  for (const char* name : {"cartpole", "pong", "empty", "CartPole-v1_2"})
    std::filesystem::create_directory(folder / name);
  write_run(folder / "cartpole/seed-0", "CartPole-v1", {1}, 1);
  spit(folder / "CartPole-v1_2/0.monitor.csv", monitor_csv("CartPole-v1", {{9, 9}}));
  spit(folder / "pong/a.csv", "step,return\n1,2\n");
  spit(folder / "pong/b.csv", "step,return\n1,3\n");
  const Group group = read_group(folder.path());
  ASSERT_EQ(group.tasks.size(), 2u);
  EXPECT_EQ(group.tasks[0].name, "CartPole-v1");
  EXPECT_EQ(group.tasks[0].runs.size(), 2u) << "two folders of one environment are one task";
  EXPECT_EQ(group.tasks[1].name, "pong");
  EXPECT_EQ(group.tasks[1].runs.size(), 2u);
}

TEST(ReadGroup, SaysWhatWasLeftOut) {
  const TemporaryFolder folder;
  spit(folder / "0.monitor.csv", monitor_csv("Acrobot-v1", {{-80, 81}}) + "-9");
  spit(folder / "1.monitor.csv", monitor_csv("Acrobot-v1", {{-80, 81}}) + "-9");
  EXPECT_EQ(read_group(folder.path()).notes.size(), 2u) << "of one run in two files";
}

TEST(ReadGroup, ASeedWithoutAnEpisodeIsLeftOutAndNamed) {
  const TemporaryFolder folder;
  write_run(folder / "seed-0", "CartPole-v1", {}, kNaN);
  EXPECT_TRUE(has(error_of([&] { read_group(folder.path()); }), "seed-0: the run has no whole episode yet"));
  write_run(folder / "seed-1", "CartPole-v1", {1}, 1);
  spit(folder / "seed-0/error.txt", "the reward is nan\n");
  const Group group = read_group(folder.path());
  ASSERT_EQ(group.tasks[0].runs.size(), 1u);
  ASSERT_EQ(group.notes.size(), 1u);
  EXPECT_EQ(group.notes[0], folder / "seed-0" +
                                " has no whole episode (failed: the reward is nan), and so no score: it is "
                                "left out, and nothing here counts it.");
}

TEST(ReadGroup, Refusals) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of([&] { read_group(folder / "none"); }), "there is no file or folder " + (folder / "none"));
  EXPECT_TRUE(has(error_of([&] { read_group(folder.path()); }), " holds no runs"));
  write_run(folder / "seed-0", "CartPole-v1", {1}, 1);
  write_run(folder / "seed-1", "Acrobot-v1", {1}, 1);
  const std::string mixed = error_of([&] { read_group(folder.path()); });
  EXPECT_TRUE(has(mixed, "mixes environments: ")) << mixed;
  EXPECT_TRUE(has(mixed, "seed-0 is of CartPole-v1, ") && has(mixed, "seed-1 of Acrobot-v1")) << mixed;
}

TEST(ReadGroups, OneFolderIsOneGroupByAnyName) {
  const TemporaryFolder folder;
  write_run(folder / "a/seed-0", "CartPole-v1", {1}, 1);
  std::filesystem::create_directory_symlink(folder / "a", folder / "link");
  for (const char* other : {"a/", "a/seed-0/..", "link"}) {
    EXPECT_EQ(error_of([&] {
                read_groups({folder / "a", folder / other});
              }),
              folder / "a and " + (folder / other) + " are one folder; each group needs one of its own");
  }
  EXPECT_EQ(read_group(folder / "a/seed-0/..").name, "a");
}

TEST(ReadGroups, HaveTheSameTasksAndNamesOfTheirOwn) {
  const TemporaryFolder folder;
  for (const char* name : {"x/dqn", "y/dqn", "csv", "other"}) std::filesystem::create_directories(folder / name);
  write_run(folder / "x/dqn/seed-0", "CartPole-v1", {1}, 1);
  write_run(folder / "y/dqn/seed-0", "CartPole-v1", {1}, 1);
  write_run(folder / "other/seed-0", "Acrobot-v1", {1}, 1);
  spit(folder / "csv/0.csv", "step,return\n1,2\n");
  const auto same = read_groups({folder / "x/dqn", folder / "csv"});
  EXPECT_EQ(same[0].name, "dqn");
  EXPECT_EQ(same[1].name, "csv");
  EXPECT_EQ(same[1].tasks[0].name, "CartPole-v1") << "taken from the other group";
  const auto twice = read_groups({folder / "x/dqn", folder / "y/dqn"});
  EXPECT_EQ(twice[0].name, folder / "x/dqn");
  EXPECT_EQ(twice[1].name, folder / "y/dqn");
  EXPECT_EQ(error_of([&] {
              read_groups({folder / "x/dqn", folder / "other"});
            }),
            "dqn is of CartPole-v1 but other is of Acrobot-v1; all groups of a comparison must have the same "
            "environments");
}

// A task is the environment with its settings and time limit.
TEST(ReadGroups, OtherWorldsAreNeverOneTask) {
  const TemporaryFolder folder;
  const std::string firm = "[frozen_lake]\nis_slippery = false\n";
  write_run(folder / "slippery/seed-0", "FrozenLake-v1", {1}, 1);
  write_run(folder / "firm/seed-0", "FrozenLake-v1", {1}, 1, firm);
  write_run(folder / "mixed/seed-0", "FrozenLake-v1", {1}, 1);
  write_run(folder / "mixed/seed-1", "FrozenLake-v1", {1}, 1, firm);
  EXPECT_EQ(error_of([&] {
              read_groups({folder / "slippery", folder / "firm"});
            }),
            "slippery is of FrozenLake-v1 but firm is of FrozenLake-v1 (frozen_lake.is_slippery = false): "
            "frozen_lake.is_slippery is true in slippery, false in firm; all groups of a comparison must have the same "
            "environments");
  const std::string mixed = error_of([&] { read_group(folder / "mixed"); });
  EXPECT_TRUE(has(mixed, "mixes worlds: frozen_lake.is_slippery is true in ")) << mixed;
  EXPECT_TRUE(has(mixed, "mixed/seed-0, false in ") && has(mixed, "mixed/seed-1;")) << mixed;
  // Folders of tasks: the two stay apart.
  std::filesystem::create_directories(folder / "tasks");
  std::filesystem::rename(folder / "slippery", folder / "tasks/slippery");
  std::filesystem::rename(folder / "firm", folder / "tasks/firm");
  const Group tasks = read_group(folder / "tasks");
  ASSERT_EQ(tasks.tasks.size(), 2u);
  EXPECT_EQ(tasks.tasks[0].name, "FrozenLake-v1");
  EXPECT_EQ(tasks.tasks[1].name, "FrozenLake-v1 (frozen_lake.is_slippery = false)");
  EXPECT_EQ(env_id_of(tasks.tasks[1].name), "FrozenLake-v1");
}

TEST(ReadGroups, CsvFilesTakeTheSettingsOfTheOthersAndSaySo) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "sb3");
  write_run(folder / "firm/seed-0", "FrozenLake-v1", {1}, 1, "[frozen_lake]\nis_slippery = false\n");
  spit(folder / "sb3/0.monitor.csv", monitor_csv("FrozenLake-v1", {{1, 6}}));
  const std::vector<Group> groups = read_groups({folder / "sb3", folder / "firm"});
  EXPECT_EQ(groups[0].tasks[0].name, groups[1].tasks[0].name);
  ASSERT_EQ(groups[0].notes.size(), 1u);
  EXPECT_EQ(groups[0].notes[0],
            "sb3 does not say the settings of FrozenLake-v1; they are taken to be firm's: FrozenLake-v1 "
            "(frozen_lake.is_slippery = false).");
  EXPECT_TRUE(groups[1].notes.empty());
  // A group's own worlds stay apart.
  std::filesystem::create_directories(folder / "both");
  for (const char* name : {"firm", "sb3"})
    std::filesystem::rename(folder / name, folder / (std::string("both/") + name));
  const Group both = read_groups({folder / "both"})[0];
  ASSERT_EQ(both.tasks.size(), 2u);
  EXPECT_EQ(both.tasks[0].name, "FrozenLake-v1");
  EXPECT_NE(both.tasks[1].name, both.tasks[0].name);
  EXPECT_TRUE(both.notes.empty());
}

}  // namespace
}  // namespace deepq::compare
