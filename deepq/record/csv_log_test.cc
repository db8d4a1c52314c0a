#include "deepq/record/csv_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <functional>

#include "tests/test_support.h"

namespace deepq {
namespace {

using test::slurp;
using test::TemporaryFolder;

constexpr EpisodeRecord kEpisode{
    .episode = 1, .env_steps = 23, .episode_return = 21.5, .length = 22, .epsilon = 0.1, .seconds = 1.5e-5};
const MetricsRecord kMetrics = [] {
  MetricsRecord record{{.loss = 1.0 / 3, .mean_q = -2.5, .max_abs_q = 1e300, .grad_norm = 1e-9}};
  record.td_error_median = 0.5;
  record.td_error_p90 = 2;
  record.env_steps = 200;
  record.updates = 100;
  record.epsilon = 0.05;
  record.learning_rate = 0.001;
  record.seconds = 12;
  record.env_steps_per_second = 1000;
  record.updates_per_second = 500;
  return record;
}();
const EvaluationRecord kEvaluation{.env_steps = 1000,
                                   .episodes = 10,
                                   .mean_return = 195.1,
                                   .std_return = 0,
                                   .min_return = -1,
                                   .max_return = 500,
                                   .mean_length = 195.1,
                                   .final = true,
                                   .world = "CartPole-v1",
                                   .epsilon = 0.05,
                                   .max_episode_steps = 200,
                                   .streams = {.run_seed = 18'446'744'073'709'551'615u, .first_episode = 30},
                                   .best_agent = true,
                                   .agent_env_steps = 900};
const std::string kEpisodesHeader = "episode,env_steps,return,length,epsilon,seconds\n";

TEST(CsvLog, WritesTheTables) {
  const TemporaryFolder folder;
  {
    CsvLog log(folder.path());
    log.on_episode(kEpisode);
    log.on_metrics(kMetrics);
    log.on_evaluation(kEvaluation);
  }
  EXPECT_EQ(slurp(folder / "episodes.csv"), kEpisodesHeader + "1,23,21.5,22,0.1,1.5e-05\n");
  EXPECT_EQ(
      slurp(folder / "metrics.csv"),
      "env_steps,updates,loss,mean_q,max_abs_q,grad_norm,td_error_median,td_error_p90,epsilon,learning_rate,seconds,"
      "env_steps_per_second,updates_per_second\n"
      "200,100,0.3333333333333333,-2.5,1e+300,1e-09,0.5,2,0.05,0.001,12,1000,500\n");
  EXPECT_EQ(slurp(folder / "evaluations.csv"),
            "env_steps,episodes,mean_return,std_return,min_return,max_return,mean_length,final,epsilon,agent_env_steps,"
            "max_episode_steps,seed,first_episode\n"
            "1000,10,195.1,0,-1,500,195.1,1,0.05,900,200,18446744073709551615,30\n");
}

// The longest text of every column fits into a row.
TEST(CsvLog, TheLongestRowFits) {
  const TemporaryFolder folder;
  MetricsRecord longest;
  std::string row;
  visit_fields(longest, [&](const RecordField&, auto& value) {
    const bool is_real = std::same_as<decltype(value), double&>;
    value = is_real ? -2.2250738585072014e-308 : static_cast<double>(INT64_MIN);
    row += (row.empty() ? "" : ",") + std::string(is_real ? "-2.2250738585072014e-308" : "-9223372036854775808");
  });
  CsvLog log(folder.path());
  log.on_metrics(longest);
  log.on_metrics({{.loss = std::nan(""), .mean_q = INFINITY}});
  log.flush();
  const std::string text = slurp(folder / "metrics.csv");
  EXPECT_EQ(text.substr(text.find('\n') + 1), row + "\n0,0,nan,inf,0,0,0,0,0,0,0,0,0\n");
}

// A file that an older deepq began keeps its columns, whichever of the later ones it has.
TEST(CsvLog, AnOlderFileKeepsItsColumns) {
  const std::string oldest = "env_steps,updates,loss,mean_q,max_abs_q,grad_norm,epsilon,learning_rate,seconds\n";
  const std::string some =
      "env_steps,updates,loss,mean_q,max_abs_q,grad_norm,td_error_p90,epsilon,learning_rate,seconds\n";
  for (const auto& [header, row] :
       {std::pair(oldest, "200,100,0.3333333333333333,-2.5,1e+300,1e-09,0.05,0.001,12\n"),
        std::pair(some, "200,100,0.3333333333333333,-2.5,1e+300,1e-09,2,0.05,0.001,12\n")}) {
    const TemporaryFolder folder;
    test::spit(folder / "metrics.csv", header + row);
    {
      CsvLog log(folder.path());
      log.on_metrics(kMetrics);
    }
    EXPECT_EQ(slurp(folder / "metrics.csv"), header + row + row);
  }
}

TEST(CsvLog, AResumeEqualsTheUnbrokenRun) {
  const TemporaryFolder folder;
  Archive saved;
  {
    CsvLog log(folder.path());
    log.on_episode(kEpisode);
    log.serialize(saved);
    log.on_episode({.episode = 2});
    log.on_metrics(kMetrics);
  }
  CsvLog log(folder.path());
  Archive loading(saved.tensors());
  log.serialize(loading);
  log.on_episode({.episode = 2, .env_steps = 30});
  log.flush();
  EXPECT_EQ(slurp(folder / "episodes.csv"), kEpisodesHeader + "1,23,21.5,22,0.1,1.5e-05\n2,30,0,0,0,0\n");
  const std::string metrics = slurp(folder / "metrics.csv");
  EXPECT_EQ(metrics.find('\n') + 1, metrics.size()) << "the header alone, once";
}

TEST(CsvLog, GoesOnWithoutASecondHeader) {
  const TemporaryFolder folder;
  { CsvLog log(folder.path()); }
  { CsvLog log(folder.path()); }
  EXPECT_EQ(slurp(folder / "episodes.csv"), kEpisodesHeader);
}

TEST(CsvLog, AnOlderTableGoesOnAsItBegan) {
  const TemporaryFolder folder;
  const std::string old =
      "env_steps,episodes,mean_return,std_return,min_return,max_return,mean_length,final\n1,1,1,0,1,1,1,0\n";
  test::spit(folder / "evaluations.csv", old);
  {
    CsvLog log(folder.path());
    log.on_evaluation(kEvaluation);
  }
  EXPECT_EQ(slurp(folder / "evaluations.csv"), old + "1000,10,195.1,0,-1,500,195.1,1\n");
}

// Deleted, emptied, cut, overwritten: none is needed to go on.
TEST(CsvLog, ATableThatWasLostBeginsAnew) {
  const std::string whole = kEpisodesHeader + "1,23,21.5,22,0.1,1.5e-05\n";
  const auto resumed = [&](const std::function<void(const std::string&)>& damage) {
    const TemporaryFolder folder;
    const std::string path = folder / "episodes.csv";
    Archive saved;
    {
      CsvLog log(folder.path());
      log.on_episode(kEpisode);
      log.serialize(saved);
    }
    damage(path);
    CsvLog log(folder.path());
    Archive loading(saved.tensors());
    log.serialize(loading);
    log.on_episode({.episode = 2, .env_steps = 30});
    log.flush();
    std::vector<std::string> notices;
    log.take_notices(notices);
    return std::pair(slurp(path), notices.size());
  };
  const auto anew = std::pair(kEpisodesHeader + "2,30,0,0,0,0\n", size_t{1});
  EXPECT_EQ(resumed([](const std::string& path) { std::filesystem::remove(path); }), anew);
  EXPECT_EQ(resumed([](const std::string& path) { test::spit(path, ""); }), anew);
  EXPECT_EQ(resumed([&](const std::string& path) { test::spit(path, whole.substr(0, whole.size() - 5)); }), anew);
  EXPECT_EQ(resumed([&](const std::string& path) { test::spit(path, kEpisodesHeader + std::string(500, '\0')); }), anew)
      << "what a power cut leaves";
  EXPECT_EQ(resumed([&](const std::string& path) { test::spit(path, std::string(whole.size() - 1, 'x') + "\n"); }),
            anew);
  const auto gone_on = std::pair(whole + "2,30,0,0,0,0\n", size_t{0});
  EXPECT_EQ(resumed([&](const std::string& path) { test::spit(path, whole + "rubbish\n,,\n"); }), gone_on);
  EXPECT_EQ(resumed([&](const std::string& path) { test::spit(path, whole + std::string(4096, '\0')); }), gone_on);
}

TEST(CsvLog, RowsReachTheFileWhileTheRunGoesOn) {
  const TemporaryFolder folder;
  CsvLog log(folder.path());
  log.on_episode(kEpisode);
  for (int i = 0; i < 300 && slurp(folder / "episodes.csv").empty(); ++i) {
    usleep(10'000);
    log.on_step(i);
  }
  EXPECT_EQ(slurp(folder / "episodes.csv"), kEpisodesHeader + "1,23,21.5,22,0.1,1.5e-05\n");
}

}  // namespace
}  // namespace deepq
