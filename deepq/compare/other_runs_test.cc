// Runs in the files of NumPy and TensorBoard, and tables of scores. What the real writers make is read by
// tests/python/test_compare_files.py.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <filesystem>

#include "deepq/compare/comparison.h"
#include "deepq/compare/event_file.h"
#include "deepq/compare/folder_names.h"
#include "deepq/compare/npz.h"
#include "deepq/compare/score_table.h"
#include "deepq/compare/test_runs.h"
#include "deepq/core/finite.h"
#include "deepq/core/npz.h"
#include "deepq/record/tensorboard.h"

namespace deepq::compare {
namespace {

using test::error_of;
using test::spit;
using test::TemporaryFolder;
using Values = std::vector<double>;

template <class Number>
void put(std::string& out, Number number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <class Number>
std::string npy(const std::string& type, const std::string& shape, const std::vector<Number>& values) {
  std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
  header.append(117 - header.size(), ' ') += '\n';
  std::string out("\x93NUMPY\x01\x00", 8);
  put(out, static_cast<uint16_t>(header.size()));
  out += header;
  for (const Number value : values) put(out, value);
  return out;
}

// As numpy.savez lays it out: local headers with data, the list of members, where that list begins.
std::string npz(const std::vector<std::pair<std::string, std::string>>& members, uint16_t method = 0) {
  std::string out, list;
  for (const auto& [name, data] : members) {
    const auto local = static_cast<uint32_t>(out.size()), size = static_cast<uint32_t>(data.size());
    out += std::string("PK\x03\x04", 4) + std::string(22, '\0');
    put(out, static_cast<uint16_t>(name.size()));
    put(out, uint16_t{0});
    out += name + data;
    list += std::string("PK\x01\x02", 4) + std::string(6, '\0');
    put(list, method);
    list += std::string(4, '\0');
    put(list, zip_crc(data));
    put(list, size);
    put(list, size);
    put(list, static_cast<uint16_t>(name.size()));
    list += std::string(12, '\0');
    put(list, local);
    list += name;
  }
  const auto begin = static_cast<uint32_t>(out.size());
  out += list + std::string("PK\x05\x06", 4) + std::string(4, '\0');
  put(out, static_cast<uint16_t>(members.size()));
  put(out, static_cast<uint16_t>(members.size()));
  put(out, static_cast<uint32_t>(list.size()));
  put(out, begin);
  return out + std::string(2, '\0');
}

std::string evaluations(uint16_t method = 0) {
  return npz({{"timesteps.npy", npy<int64_t>("<i8", "(2,)", {500, 1000})},
              {"results.npy", npy<double>("<f8", "(2, 3)", {1, 2, 3, 10, 20, 30})},
              {"ep_lengths.npy", npy<int64_t>("<i8", "(2, 3)", {1, 2, 3, 4, 5, 6})},
              {"names.npy", npy<int32_t>("<U1", "(1,)", {65})}},
             method);
}

std::string events(const std::string& tag, const std::vector<std::pair<int64_t, double>>& points) {
  std::string out;
  tensorboard::append_version(out, 1);
  for (const auto& [step, value] : points)
    tensorboard::append_scalars(out, 1, step,
                                std::array{tensorboard::Scalar{"train/loss", 9.0}, tensorboard::Scalar{tag, value}});
  return out;
}

TEST(Npz, EvaluationsOfStableBaselines3) {
  const compare::Run run = read_evaluations_run(evaluations(), "evaluations.npz");
  EXPECT_EQ(run.steps, (Values{500, 500, 500, 1000, 1000, 1000}));
  EXPECT_EQ(run.returns, (Values{1, 2, 3, 10, 20, 30}));
  EXPECT_EQ(run.notes.size(), 1u);
  EXPECT_EQ(read_npz(evaluations(), "x").count("names"), 0u) << "text";
}

TEST(Npz, WhatIsRefused) {
  const auto refusal = [](const std::string& bytes) { return error_of([&] { read_evaluations_run(bytes, "e.npz"); }); };
  EXPECT_EQ(refusal(evaluations(8)),
            "e.npz is compressed; allowed: as numpy.savez writes it, not numpy.savez_compressed");
  EXPECT_EQ(refusal("PK"), "e.npz is no .npz file: it has no list of its arrays");
  EXPECT_EQ(refusal(npz({{"timesteps.npy", npy<int64_t>("<i8", "(1,)", {5})}})),
            "e.npz lacks timesteps or results; allowed: what Stable-Baselines3's EvalCallback writes");
  EXPECT_EQ(refusal(npz({{"timesteps.npy", npy<int64_t>("<i8", "(2,)", {5, 6})},
                         {"results.npy", npy<double>("<f8", "(1, 2)", {5, 6})}})),
            "e.npz: results and timesteps are of different lengths");
  EXPECT_EQ(refusal(npz({{"timesteps.npy", npy<int64_t>("<i8", "(99999999999,)", {5})}})),
            "e.npz is no whole .npz file: an array is shorter than its shape says");
}

TEST(Npz, ReturnsAreNumbers) {
  const double nan = kNaN;
  EXPECT_EQ(error_of([&] {
              read_evaluations_run(npz({{"timesteps.npy", npy<int64_t>("<i8", "(1,)", {5})},
                                        {"results.npy", npy<double>("<f8", "(1, 2)", {1, nan})}}),
                                   "e.npz");
            }),
            "e.npz: the return at step 5 is nan; it must be a finite number");
  const TemporaryFolder folder;
  spit(folder / "events.out.tfevents.1", events("train/return", {{10, 1}, {20, nan}}));
  EXPECT_TRUE(
      error_of([&] { read_group(folder / ""); }).ends_with("the return at step 20 is nan; it must be a finite number"));
}

// Whatever a damaged file says, it is read or refused; the sanitized readers' test runs this, too.
TEST(Npz, NoByteLeadsAstray) {
  for (size_t i = 0; i < 128; ++i) {
    std::string member = npy<double>("<f8", "(2, 3)", {1, 2, 3, 10, 20, 30});
    for (const char value : {'\0', '\x7f', '\xff', '('}) {
      member[i] = value;  // under a checksum that fits
      static_cast<void>(error_of([&] { read_npz(npz({{"results.npy", member}}), "e.npz"); }));
    }
  }
  const std::string whole = evaluations();
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    for (const char value : {'\0', '\x7f', '\xff'}) {
      damaged[i] = value;
      static_cast<void>(error_of([&] { read_evaluations_run(damaged, "e.npz"); }));
    }
    static_cast<void>(error_of([&] { read_evaluations_run(whole.substr(0, i), "e.npz"); }));
  }
}

TEST(EventFile, ScalarsByTag) {
  const EventScalars scalars = read_event_file(events("charts/episodic_return", {{0, 1.5}, {20, -2}}), "x");
  EXPECT_EQ(scalars.by_tag.at("charts/episodic_return"), (std::vector<std::pair<double, double>>{{0, 1.5}, {20, -2}}));
  EXPECT_EQ(scalars.by_tag.at("train/loss").size(), 2u);
  EXPECT_FALSE(scalars.torn);
}

TEST(EventFile, TornAndDamaged) {
  const std::string whole = events("train/return", {{10, 1}, {20, 2}});
  const EventScalars torn = read_event_file(whole.substr(0, whole.size() - 3), "x");
  EXPECT_TRUE(torn.torn);
  EXPECT_EQ(torn.by_tag.at("train/return").size(), 1u);
  std::string damaged = whole;
  damaged[whole.size() - 6] ^= 1;
  EXPECT_TRUE(error_of([&] { read_event_file(damaged, "x"); }).starts_with("x is damaged: the checksum at byte "));
  EXPECT_EQ(error_of([] { read_event_file("something else, quite long", "x"); }),
            "x is no event file of TensorBoard: the checksum at byte 0 is wrong");
}

TEST(EventFile, AFolderIsOneRun) {
  const TemporaryFolder folder;
  spit(folder / "events.out.tfevents.1", events("rollout/ep_rew_mean", {{10, 1}, {20, 2}}));
  spit(folder / "events.out.tfevents.2", events("rollout/ep_rew_mean", {{15, 3}}));
  const Group group = read_group(folder / "");
  ASSERT_EQ(group.tasks.at(0).runs.size(), 1u);
  EXPECT_EQ(group.tasks[0].runs[0].steps, (Values{10, 15, 20}));
  EXPECT_EQ(group.tasks[0].runs[0].returns, (Values{1, 3, 2}));
  ASSERT_EQ(group.notes.size(), 2u) << "and none of Monitor files";
  EXPECT_NE(group.notes[0].find("ep_rew_mean holds means"), std::string::npos);
  EXPECT_NE(group.notes[1].find("the steps of its folder go back"), std::string::npos);
  EXPECT_EQ(read_groups({folder / ""})[0].notes.size(), 2u);
  EXPECT_EQ(read_group(folder / "", {"step", "train/loss"}).tasks[0].runs[0].returns, (Values{9, 9, 9}));
  spit(folder / "events.out.tfevents.1", events("other", {{10, 1}}));
  spit(folder / "events.out.tfevents.2", events("other", {{15, 3}}));
  EXPECT_EQ(error_of([&] { read_group(folder / ""); }),
            folder / "events.out.tfevents.1" +
                " holds other, train/loss; needed are returns of episodes, such as charts/episodic_return; other tags "
                "are named by --columns step,TAG");
}

TEST(FolderNames, ThatNumberRunsNameNoTask) {
  for (const char* name : {"seed-0", "seed_1", "run2", "Seed 3", "s7", "12", "DQN_1", "trial-004"})
    EXPECT_EQ(task_in_name(name, 1), "") << name;
  EXPECT_EQ(task_in_name("CartPole-v1_2", 1), "CartPole-v1");
  EXPECT_EQ(task_in_name("Pong_3", 1), "Pong");
  EXPECT_EQ(task_in_name("ALE/Pong-v5__dqn__1__1700000000", 1), "ALE/Pong-v5");
  for (const char* name : {"Breakout", "CartPole-v1", "maze"}) EXPECT_EQ(task_in_name(name, 1), name);
  EXPECT_EQ(task_in_name("maze_1", 3), "maze_1") << "several runs of one maze";
  EXPECT_EQ(task_in_name("seed-0", 3), "");
}

TEST(FolderNames, RunsOfOneFolderAreOneTask) {
  const TemporaryFolder folder;
  for (const char* name : {"seed-0", "seed_1", "run2"}) {
    std::filesystem::create_directories(folder / name);
    spit(folder / name + "/progress.csv", "step,return\n10,1\n");
  }
  const Group group = read_group(folder / "");
  ASSERT_EQ(group.tasks.size(), 1u);
  EXPECT_EQ(group.tasks[0].runs.size(), 3u);
  std::filesystem::create_directories(folder / "maze");
  spit(folder / "maze/a.csv", "step,return\n10,1\n");
  EXPECT_NE(error_of([&] { read_group(folder / ""); }).find("mixes folders that name an environment (maze)"),
            std::string::npos);
}

TEST(ScoreTable, AGroupForEachAlgorithm) {
  const std::vector<Group> groups = read_score_table(
      "Seed,Agent,Game,Score,note\n0,B,Pong,3,\n1,B,Pong,4,\n0,A,Pong,-1.5,x\n0,B,Alien,7,\n\n", "t.csv");
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].name, "B");
  ASSERT_EQ(groups[0].tasks.size(), 2u);
  EXPECT_EQ(groups[0].tasks[0].name, "Alien");
  EXPECT_EQ(groups[0].tasks[1].runs[1].final_evaluation, 4);
  EXPECT_EQ(groups[1].tasks[0].runs[0].final_evaluation, -1.5);
}

// As spreadsheets and deepq's own pages write a name with a quote in it; without them two names could be one.
TEST(ScoreTable, ADoubledQuoteIsOne) {
  const std::vector<Group> groups = read_score_table(
      "algorithm,task,run,score\n\"a\"\"b\",t,0,1\nab,t,0,2\n\"c,\"\"\"\"\",t,0,3\n\"\"\"\",t,0,4\n", "t.csv");
  ASSERT_EQ(groups.size(), 4u);
  EXPECT_EQ(groups[0].name, "a\"b");
  EXPECT_EQ(groups[1].name, "ab");
  EXPECT_EQ(groups[2].name, "c,\"\"");
  EXPECT_EQ(groups[3].name, "\"");
}

TEST(ScoreTable, ItsScoresAreNoEvaluationOfOurs) {
  const std::vector<Group> groups =
      read_score_table("algorithm,task,seed,score\nA,t,0,1\nA,t,1,2\nB,t,0,3\nB,t,1,3\n", "t.csv");
  EXPECT_EQ(compare_groups(groups).score_name(), "as the table of scores gives it");
}

TEST(ScoreTable, WhatIsRefused) {
  const auto refusal = [](const std::string& text) { return error_of([&] { read_score_table(text, "t.csv"); }); };
  const std::string header = "algorithm,task,seed,score\n";
  EXPECT_TRUE(refusal("a,b\n1,2\n").starts_with("t.csv: the columns are 'a,b'; a table of scores has algorithm, task"));
  EXPECT_EQ(refusal(header), "t.csv holds no score; a table needs at least one row");
  EXPECT_EQ(refusal(header + "A,Pong,0,1\nA,Pong,0,2\n"), "t.csv line 3: seed 0 of A on Pong is there twice");
  EXPECT_EQ(refusal(header + "A,,0,1\n"), "t.csv line 2: the task is empty; allowed: its name");
  EXPECT_EQ(refusal(header + "A,Pong,0,nan\n"), "t.csv line 2: the score is 'nan'; it must be a finite number");
  EXPECT_EQ(refusal(header + "A,Pong,0\n"), "t.csv line 2 has 3 values; the header names 4");
}

}  // namespace
}  // namespace deepq::compare
