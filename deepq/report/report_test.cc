#include "deepq/report/report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "deepq/core/finite.h"
#include "deepq/record/csv_columns.h"
#include "deepq/record/summary.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;
using test::TemporaryFolder;

// A run folder whose return in episode e is e + offset and whose metrics are simple functions of the step.
struct FakeRun {
  std::string env = "CartPole-v1";
  int64_t seed = 0, episodes = 250;
  double offset = 0;
  bool summary = true;
  std::string mean_q = "nan";
  std::string config_end = "";
  int64_t first_episode_solved = 246;
  double solved_return = kNaN;
  int64_t side_by_side = 1;  // so many episodes end at each step
  bool other_order = false;  // of those

  std::string write(const std::string& folder) const {
    std::filesystem::create_directories(folder);
    test::spit(folder + "/config.toml", "preset = \"chapter\"\n[env]\nid = '''" + env + "'''\n[train]\nseed = " +
                                            std::to_string(seed) + "\n[eval]\nepsilon = 0.05\n" + config_end);
    std::string rows = "episode,env_steps,return,length,epsilon,seconds\n";
    std::string metrics = "env_steps,updates,loss,mean_q,max_abs_q,grad_norm,epsilon,learning_rate,seconds\n";
    for (int64_t e = 1; e <= episodes; ++e) {
      const int64_t together = (e - 1) / side_by_side, place = (e - 1) % side_by_side;
      const int64_t row = together * side_by_side + (other_order ? side_by_side - 1 - place : place) + 1;
      const std::string steps = std::to_string((together + 1) * side_by_side * 10);
      rows += std::to_string(e) + "," + steps + "," + number_text(static_cast<double>(row) + offset) + "," +
              std::to_string(side_by_side > 1 ? row : 10) + "," + number_text(1.0 / static_cast<double>(e)) + ",0.5\n";
      metrics += steps + "," + steps + ",0.25," + mean_q + ",3,4,0.5,0.001,0.5\n";
    }
    test::spit(folder + "/episodes.csv", rows);
    test::spit(folder + "/metrics.csv", metrics);
    test::spit(folder + "/evaluations.csv",
               "env_steps,episodes,mean_return,std_return,min_return,max_return,mean_length,final\n"
               "1000,10,50,1,40,60,50,0\n2000,10,70,1,55,90,70,0\n2500,100,80,1,60,99,80,1\n");
    if (summary) {
      const RunSummary values{.env = env,
                              .preset = "chapter",
                              .seed = seed,
                              .env_steps = 10 * episodes,
                              .episodes = episodes,
                              .updates = 2436,
                              .seconds = 90,
                              .env_steps_per_second = 27777.7,
                              .best_100_mean_return = 200.5 + offset,
                              .last_100_mean_return = 199.5 + offset,
                              .solved_return = solved_return,
                              .first_episode_solved = first_episode_solved,
                              .eval_mean_return = 80,
                              .eval_episodes = 100,
                              .parameter_count = 4610,
                              .weights_sha256 = "00",
                              .stopped_by = "episodes"};
      test::spit(folder + "/summary.json", values.to_json());
    }
    return folder;
  }
};

bool has(const std::string& page, const std::string& text) { return page.find(text) != std::string::npos; }

// What page.js reads: the spec of the chart `id`, or null.
nlohmann::json chart_of(const std::string& page, const std::string& id) {
  const std::string open = "id=\"page-data\">";
  const size_t begin = page.find(open) + open.size();
  const auto data = nlohmann::json::parse(page.substr(begin, page.find("</script>", begin) - begin));
  for (const auto& chart : data["charts"]) {
    if (chart["id"] == id) return chart;
  }
  return nullptr;
}

// The values of the first series with this role.
nlohmann::json series_of(const nlohmann::json& chart, const std::string& role) {
  for (size_t i = 0; i < chart["series"].size(); ++i) {
    if (chart["series"][i]["role"] == role) return chart["data"][i + 1];
  }
  return nullptr;
}

TEST(Report, SaysThatTheBestAgentWasEvaluated) {
  const TemporaryFolder folder;
  const std::string page = make_report({FakeRun{.config_end = "keep_best = true\n"}.write(folder / "run")});
  EXPECT_TRUE(has(page, "<span>100 episodes, epsilon 0.05, by the best agent<"));
}

TEST(Report, OnlyWhatHasAThresholdIsSolvedOrNot) {
  const TemporaryFolder folder;
  const auto page = [&](const FakeRun& run, const char* name) { return make_report({run.write(folder / name)}); };
  EXPECT_TRUE(
      has(page({.first_episode_solved = 0, .solved_return = 195}, "never"), "First solved</dt><dd><b>not solved<"));
  EXPECT_FALSE(has(page({.first_episode_solved = 0}, "no-threshold"), "First solved"));
}

// Seven environments at a time: windows, phases and the curve begin and end within episodes that end together.
TEST(Report, TheOrderOfRowsThatEndTogetherChangesNothing) {
  const TemporaryFolder folder;
  const FakeRun run{.episodes = 245, .summary = false, .side_by_side = 7};
  FakeRun other = run;
  other.other_order = true;
  const std::string one = make_report({run.write(folder / "one")}), two = make_report({other.write(folder / "two")});
  EXPECT_EQ(series_of(chart_of(one, "learning"), "main"), series_of(chart_of(two, "learning"), "main"));
  const auto tables = [](const std::string& page) {
    const size_t tiles = page.find("class=\"tiles\""), phases = page.find("<table>");
    return page.substr(tiles, page.find("</dl>", tiles) - tiles) +
           page.substr(phases, page.find("</table>", phases) - phases);
  };
  EXPECT_EQ(tables(one), tables(two));
  EXPECT_TRUE(has(one, "1 exploration</th><td>1–50</td><td>25.6</td><td>25.6</td>"))
      << "1 to 49, and a seventh of 50 to 56\n"
      << tables(one);
}

TEST(Report, SaysHowManySettingsOfThePresetWereChanged) {
  const TemporaryFolder folder;
  const std::string run =
      FakeRun{.config_end = "[agent]\ngamma = 0.9\n[replay]\ncapacity = 77\n"}.write(folder / "run");
  EXPECT_TRUE(has(make_report({run}), "<title>CartPole-v1 · preset chapter with 2 settings changed · seed 0 · deepq "));
}

TEST(Report, ShowsTheMainNumbersOfOneRun) {
  const TemporaryFolder folder;
  const std::string page = make_report({FakeRun{}.write(folder / "run")});
  EXPECT_TRUE(has(page, "<title>CartPole-v1 · preset chapter · seed 0 · deepq "));
  for (const char* tile :
       {"Last 100 episodes</dt><dd><b>199.5<", "Best 100 episodes</dt><dd><b>200.5<",
        "First solved</dt><dd><b>episode 246<", "Evaluation</dt><dd><b>80.0<", "<span>100 episodes, epsilon 0.05<",
        "Environment steps</dt><dd><b>2,500<", "<span>in 250 episodes<", "Speed</dt><dd><b>27,778<",
        "Parameters</dt><dd><b>4,610<", "Ended</dt><dd><b>all episodes played</b><span>after 90.0 s<"}) {
    EXPECT_TRUE(has(page, tile)) << tile;
  }
  EXPECT_TRUE(has(page, "deepq train --config config.toml --out NEW"));
  for (const char* id : {"learning", "epsilon", "loss", "grad_norm", "evaluation"}) {
    EXPECT_TRUE(has(page, "data-chart=\"" + std::string(id) + "\" aria-label=\"")) << id;
  }
  EXPECT_FALSE(has(page, "{{"));
}

TEST(Report, LearningCurveHasReturnsAndTheMeanOfTheLast100) {
  const TemporaryFolder folder;
  const std::string page = make_report({FakeRun{}.write(folder / "run")});
  const auto chart = chart_of(page, "learning");
  EXPECT_EQ(chart["data"][0].size(), 250);
  EXPECT_EQ(series_of(chart, "dots")[9], 10);
  EXPECT_EQ(series_of(chart, "main")[9], 5.5);      // fewer than 100: all of them
  EXPECT_EQ(series_of(chart, "main")[249], 200.5);  // 151 ... 250
  EXPECT_EQ(chart["data"][0][9], 100) << "environment steps";
  EXPECT_EQ(chart["solved"], (nlohmann::json{{"x", 2460}, {"label", "solved at episode 246"}}));
  const nlohmann::json phases = {{{"first", 0}, {"name", "exploration"}},
                                 {{"first", 500}, {"name", "learning"}},
                                 {{"first", 2000}, {"name", "refinement"}}};
  EXPECT_EQ(chart["phases"], phases) << "the steps at which the table's episodes begin";
  EXPECT_TRUE(
      has(page,
          "Learning curve: mean of last 100 is 1 at environment step 10, lowest 1 at environment step 10, highest "
          "200.5 at environment step 2,500, and at the end 200.5 at environment step 2,500."));
  const std::string other = FakeRun{}.write(folder / "other");
  test::spit(other + "/config.toml", "preset = \"dqn\"\n[env]\nid = \"CartPole-v1\"\n");
  EXPECT_FALSE(chart_of(make_report({other}), "learning").contains("phases")) << "the chapter's are of its own agent";
  EXPECT_FALSE(has(make_report({other}), "The three phases"));
}

TEST(Report, TheEvaluationAfterTrainingIsAMarkOfItsOwn) {
  const TemporaryFolder folder;
  const std::string run = FakeRun{}.write(folder / "run");
  const auto chart = chart_of(make_report({run}), "evaluation");
  EXPECT_EQ(chart["data"][0], nlohmann::json({1000, 2000, 2500}));
  EXPECT_EQ(series_of(chart, "main"), nlohmann::json({50, 70, nullptr})) << "no point of the curve";
  EXPECT_EQ(series_of(chart, "high"), nlohmann::json({60, 90, nullptr}));
  EXPECT_EQ(series_of(chart, "dots"), nlohmann::json({nullptr, nullptr, 80}));
  EXPECT_TRUE(has(make_report({run}), "The dot is the evaluation after training, of 100 episodes."));
  test::spit(run + "/config.toml", test::slurp(run + "/config.toml") + "[log]\nx = 1\n");
  test::spit(run + "/episodes.csv", test::slurp(run + "/episodes.csv") + "251,2600,1,10,0,1\n");  // it went on
  const auto gone_on = chart_of(make_report({run}), "evaluation");
  EXPECT_EQ(gone_on["data"][0], nlohmann::json({1000, 2000}));
  EXPECT_EQ(series_of(gone_on, "dots"), nullptr) << "that of an earlier state is not this one's";
}

TEST(Report, WhatWasLostIsSaid) {
  const TemporaryFolder folder;
  const std::string run = FakeRun{.episodes = 3}.write(folder / "run");
  test::spit(run + "/episodes.csv", "episode,env_steps,return,length,epsilon,seconds\n3,30,1,10,0,1\n");
  EXPECT_TRUE(has(make_report({run}), "The episodes before number 3 of seed 0 are not in its episodes.csv any more."));
  for (const char* name : {"/episodes.csv", "/metrics.csv", "/evaluations.csv"}) std::filesystem::remove(run + name);
  EXPECT_TRUE(has(make_report({run}), "Nothing to draw yet."));
}

TEST(Report, PhasesAreMeasured) {
  const TemporaryFolder folder;
  const std::string page = make_report({FakeRun{}.write(folder / "run")});
  EXPECT_TRUE(has(page, "1 exploration</th><td>1–50</td><td>25.5</td><td>10.0</td><td>1 → 0.02</td>"));
  EXPECT_TRUE(has(page, "2 learning</th><td>51–200</td><td>125.5</td><td>10.0</td><td>0.0196 → 0.005</td>"));
  EXPECT_TRUE(has(page, "3 refinement</th><td>201–250</td><td>225.5</td>"));
  const std::string early = make_report({FakeRun{.episodes = 60}.write(folder / "early")});
  EXPECT_TRUE(has(early, "2 learning</th><td>51–60</td><td>55.5</td>"));
  EXPECT_TRUE(has(early, "3 refinement</th><td>from 201</td><td colspan=\"3\" class=\"empty\">not reached</td>"));
}

TEST(Report, WhatIsNotANumberLeavesAGap) {
  const TemporaryFolder folder;
  const std::string page = make_report({FakeRun{.episodes = 3}.write(folder / "run")});
  EXPECT_EQ(series_of(chart_of(page, "loss"), "main"), nlohmann::json({0.25, 0.25, 0.25}));
  EXPECT_TRUE(chart_of(page, "mean_q").is_null());  // nothing but NaN
  EXPECT_TRUE(has(page, "Nothing to draw yet."));
}

TEST(Report, MetricsAreDrawnAsTheyWereMeasured) {
  const TemporaryFolder folder;
  const std::string page = make_report({FakeRun{.episodes = 3, .mean_q = "2"}.write(folder / "run")});
  const auto all = [](double value) { return nlohmann::json({value, value, value}); };
  EXPECT_EQ(chart_of(page, "mean_q")["data"][0], nlohmann::json({10, 20, 30}));
  EXPECT_EQ(series_of(chart_of(page, "mean_q"), "main"), all(2));
  EXPECT_EQ(series_of(chart_of(page, "mean_q"), "second"), all(3)) << "the largest |Q|";
  EXPECT_EQ(series_of(chart_of(page, "grad_norm"), "main"), all(4));
  EXPECT_EQ(series_of(chart_of(page, "epsilon"), "main"), nlohmann::json({1, 0.5, 0.333333}));
}

TEST(Report, SeveralRunsBecomeAMeanWithABand) {
  const TemporaryFolder folder;
  std::vector<std::string> three, six;
  for (int64_t seed = 0; seed < 6; ++seed) {
    six.push_back(FakeRun{.seed = seed, .offset = static_cast<double>(seed)}.write(folder / std::to_string(seed)));
    if (seed < 3) three.push_back(six.back());
  }
  const std::string page = make_report({three[2], three[0], three[1]});
  EXPECT_TRUE(has(page, "seeds 0–2"));
  EXPECT_TRUE(has(page, "band: lowest to highest run."));
  const auto few = chart_of(page, "learning");
  EXPECT_EQ(few["data"][0][1], 17) << "300 places of 2,500 steps";
  EXPECT_EQ(series_of(few, "low")[0], nullptr) << "no episode has ended by step 8";
  EXPECT_EQ(series_of(few, "low")[1], 1);
  EXPECT_EQ(series_of(few, "main")[1], 2);
  EXPECT_EQ(series_of(few, "high")[1], 3);
  EXPECT_EQ(few["series"].size(), 6);  // three thin lines, low, high, mean
  EXPECT_TRUE(has(page, "<td>26.5 <small>[25.5, 27.5]</small></td>"));
  EXPECT_EQ(chart_of(page, "evaluation")["data"][0], nlohmann::json({1000, 2000}));  // the final ones are left out

  const auto many = chart_of(make_report(six), "learning");
  EXPECT_TRUE(has(make_report(six), "band: 95% bootstrap interval of the mean."));
  EXPECT_EQ(series_of(many, "main")[1], 3.5);
  EXPECT_GT(series_of(many, "low")[1], 1.0);  // narrower than the range of the runs
  EXPECT_LT(series_of(many, "high")[1], 6.0);
  EXPECT_EQ(make_report(six), make_report(six));
}

TEST(Report, TheMeanEndsWithTheShortestRun) {
  const TemporaryFolder folder;
  const std::string page = make_report({FakeRun{.seed = 0, .episodes = 500}.write(folder / "a"),
                                        FakeRun{.seed = 1, .episodes = 300}.write(folder / "b")});
  const auto chart = chart_of(page, "learning");
  EXPECT_EQ(chart["data"][0][299], 5000);
  EXPECT_EQ(series_of(chart, "main")[179], 250.5) << "step 3,000";
  EXPECT_EQ(series_of(chart, "main")[182], nullptr);
  EXPECT_EQ(series_of(chart, "run")[299], 450.5);
  EXPECT_TRUE(has(page, "The mean ends at step 3,000, the last that every run reached."));
  // A phase's numbers are those of the runs that reached it.
  const std::string phases = make_report(
      {FakeRun{.episodes = 60}.write(folder / "c"), FakeRun{.seed = 1, .episodes = 40}.write(folder / "d")});
  EXPECT_TRUE(has(phases, "2 learning</th><td>51–60</td><td>55.5 (1 of 2 runs)</td><td>10.0</td>"))
      << "no interval of a single run";
}

// The fall of epsilon is in the first hundredth of a long run.
TEST(Report, EpsilonBeginsWithItsFirstValueOnTheAxesOfAll) {
  const TemporaryFolder folder;
  const std::string a = FakeRun{.seed = 0, .episodes = 5000}.write(folder / "a"),
                    b = FakeRun{.seed = 1, .episodes = 4000}.write(folder / "b");
  const std::string page = make_report({a, b});
  const auto chart = chart_of(page, "epsilon");
  EXPECT_EQ(series_of(chart, "main")[0], 1);
  size_t falling = 0;
  for (const auto& value : series_of(chart, "main")) falling += value.is_number() && value > 0.1 && value < 1 ? 1 : 0;
  EXPECT_GE(falling, 5u) << "of 9 episodes";
  EXPECT_EQ(chart["y_range"], (nlohmann::json{0, 1}));
  for (const char* id : {"learning", "epsilon", "evaluation", "loss", "grad_norm"})
    EXPECT_EQ(chart_of(page, id)["x_range"], (nlohmann::json{0, 50'000})) << id;
  EXPECT_FALSE(has(page, "It was 0 throughout."));
  const std::string never = FakeRun{.episodes = 1}.write(folder / "never");
  test::spit(never + "/episodes.csv",
             "episode,env_steps,return,length,epsilon,seconds\n1,10,1,10,0,1\n2,20,1,10,0,1\n");
  EXPECT_TRUE(has(make_report({never}), "Chance of a random action when the episode ended. It was 0 throughout."));
}

TEST(Report, OneEvaluationIsAPoint) {
  const TemporaryFolder folder;
  std::vector<std::string> runs;
  for (int64_t seed = 0; seed < 5; ++seed) {
    runs.push_back(FakeRun{.seed = seed}.write(folder / std::to_string(seed)));
    test::spit(runs.back() + "/evaluations.csv",
               "env_steps,episodes,mean_return,std_return,min_return,max_return,mean_length,final\n"
               "1000,10," +
                   std::to_string(50 + seed) + ",1,40,60,50,0\n2500,100,80,1,60,99,80,1\n");
  }
  const std::string page = make_report(runs);
  EXPECT_FALSE(has(page, "Nothing to draw yet.</p><figcaption>Mean return of the evaluations"));
  EXPECT_TRUE(has(page, "Evaluation: mean return is 52 at environment step 1,000.\""));
  const auto chart = chart_of(page, "evaluation");
  EXPECT_EQ(series_of(chart, "main"), nlohmann::json({52}));
  EXPECT_LT(series_of(chart, "low")[0], 52);
  EXPECT_EQ(chart["from_zero"], true);
}

// A mean over the runs that know a metric says so, and is not called one over all.
TEST(Report, RunsOfAnOlderDeepqAreNotCountedWhereTheyMeasuredNothing) {
  const TemporaryFolder folder;
  std::vector<std::string> runs;
  for (int64_t seed = 0; seed < 3; ++seed) runs.push_back(FakeRun{.seed = seed}.write(folder / std::to_string(seed)));
  EXPECT_FALSE(has(make_report(runs), "<h3>TD error</h3>"));
  for (const int seed : {1, 2}) {
    std::string rows = CsvColumns::of<MetricsRecord>().header() + "\n";
    for (int64_t step = 10; step <= 2500; step += 10)
      rows += std::to_string(step) + ",1,1,1,1,1," + std::to_string(seed) + ",4,0,0,1,1,1\n";
    test::spit(runs[static_cast<size_t>(seed)] + "/metrics.csv", rows);
  }
  const std::string page = make_report(runs);
  const size_t at = page.find("<h3>TD error</h3>");
  ASSERT_NE(at, std::string::npos);
  const std::string caption = page.substr(at, page.find("</figure>", at) - at);
  EXPECT_TRUE(has(caption, "1 of the 3 runs are of an older deepq, which did not measure it."));
  EXPECT_TRUE(has(caption, "Mean over 2 runs"));
  EXPECT_EQ(series_of(chart_of(page, "td_error_median"), "main")[0], 1.5);
}

// What holds for the first run alone is no bound for the others.
TEST(Report, TheBoundOnValuesHoldsForAllRuns) {
  const TemporaryFolder folder;
  const auto bound = [&](const std::vector<FakeRun>& runs) {
    std::vector<std::string> folders;
    for (const FakeRun& run : runs) folders.push_back(run.write(folder / std::to_string(folders.size())));
    const nlohmann::json chart = chart_of(make_report(folders), "mean_q");
    return chart.contains("mark") ? chart["mark"]["y"].get<double>() : 0;
  };
  const FakeRun near{.mean_q = "1", .config_end = "[agent]\ngamma = 0.9\n"};
  const FakeRun far{.mean_q = "1", .config_end = "[agent]\ngamma = 0.99\n"};
  const FakeRun unknown{.mean_q = "1", .config_end = "[agent]\nmunchausen = true\n"};  // which adds to rewards
  EXPECT_NEAR(bound({near}), 10, 1e-9);
  EXPECT_NEAR(bound({near, far}), 100, 1e-9);
  EXPECT_EQ(bound({near, unknown}), 0);
}

// Runs that eval.stop_when_solved ended are not worse than those that went on.
TEST(Report, RunsThatWereStoppedAsSolvedAreCarriedOn) {
  const TemporaryFolder folder;
  const std::string solved = FakeRun{.seed = 0, .episodes = 300}.write(folder / "a");
  const std::string other = FakeRun{.seed = 1, .episodes = 500}.write(folder / "b");
  const std::string summary = test::slurp(solved + "/summary.json");
  const size_t at = summary.find("\"episodes\"", summary.find("stopped_by"));
  test::spit(solved + "/summary.json", summary.substr(0, at) + "\"solved\"" + summary.substr(at + 10));
  test::spit(other + "/evaluations.csv", test::slurp(solved + "/evaluations.csv") + "4000,10,90,1,60,99,90,0\n");
  const std::string page = make_report({solved, other});
  const auto chart = chart_of(page, "learning");
  EXPECT_EQ(chart["dashed_from"], 3000);
  EXPECT_EQ(series_of(chart, "main")[299], (250.5 + 450.5) / 2)
      << "the last value of the one, the present of the other";
  EXPECT_TRUE(
      has(page, "From step 3,000 on, runs that were stopped because they had solved the task count with their last"));
  const auto evaluation = chart_of(page, "evaluation");
  EXPECT_EQ(evaluation["data"][0], nlohmann::json({1000, 2000, 4000}));
  EXPECT_EQ(series_of(evaluation, "main"), nlohmann::json({50, 70, 80}));
  EXPECT_EQ(evaluation["dashed_from"], 2000);
}

TEST(Report, BeginsWithWhatCameOut) {
  const TemporaryFolder folder;
  const auto result = [](const std::vector<std::string>& runs) {
    const std::string page = make_report(runs);
    const size_t begin = page.find("<p class=\"result\">") + 18;
    return page.substr(begin, page.find("</p>", begin) - begin);
  };
  const std::string one = FakeRun{.solved_return = 195}.write(folder / "one");
  EXPECT_EQ(result({one}), "80.0 ± 1.00 over 100 episodes after 2,500 steps; solved at episode 246.");
  const std::string two = FakeRun{.seed = 1, .first_episode_solved = 0, .solved_return = 195}.write(folder / "two");
  EXPECT_EQ(result({two}), "80.0 ± 1.00 over 100 episodes after 2,500 steps; not solved.");
  EXPECT_EQ(result({one, two}), "80.0 after training, the mean of 2 runs; 1 of 2 solved.");
  const std::string three = FakeRun{.seed = 2, .solved_return = 195}.write(folder / "three");
  EXPECT_EQ(result({one, two, three}), "80.0 [80.0, 80.0] after training, the mean of 3 runs; 2 of 3 solved.");
  const std::string killed = FakeRun{.seed = 3, .episodes = 5, .summary = false}.write(folder / "killed");
  const std::string other = FakeRun{.seed = 4, .episodes = 6, .summary = false}.write(folder / "other");
  EXPECT_EQ(result({killed, other}), "0 of 2 runs have finished.");
  EXPECT_EQ(result({FakeRun{.episodes = 5, .summary = false}.write(folder / "four")}),
            "Not finished: 3.00 over the last 5 episodes, after 50 steps.");
}

TEST(Report, EachRunOfAGroupLeadsToItsPage) {
  const TemporaryFolder folder;
  std::vector<std::string> runs;
  for (const int64_t seed : {0, 1, 2})
    runs.push_back(FakeRun{.seed = seed}.write(folder / ("seed-" + std::to_string(seed))));
  for (const int seed : {0, 1}) test::spit(runs[static_cast<size_t>(seed)] + "/report.html", "");
  const std::string page = make_report(runs, {.path = folder / "report.html"});
  EXPECT_TRUE(has(page, "<th scope=\"row\"><a href=\"seed-0/report.html\">0</a></th>"));
  EXPECT_TRUE(has(page, "<th scope=\"row\"><a href=\"seed-1/report.html\">1</a></th>"));
  EXPECT_TRUE(has(page, "<th scope=\"row\">2</th>")) << "there is none";
  EXPECT_FALSE(has(make_report(runs), "<a href=\"seed")) << "nobody knows where the page is";
  EXPECT_TRUE(has(page, "<small>250 episodes</small>") && has(page, "<small>best 200.5</small>"));
  const std::string other = FakeRun{.seed = 1, .config_end = "[agent]\ngamma = 0.5\n"}.write(folder / "other");
  EXPECT_TRUE(has(make_report({runs[0], runs[1], other}), ">1, " + other + "</th>")) << "two of one seed";
}

TEST(Report, AGroupIsRepeatedAsAGroup) {
  const TemporaryFolder folder;
  const auto page = [&](const std::vector<int64_t>& seeds, const ReportOrigin& origin) {
    std::vector<std::string> runs;
    for (const int64_t seed : seeds)
      runs.push_back(FakeRun{.seed = seed}.write(folder / ("seed-" + std::to_string(seed))));
    return make_report(runs, origin);
  };
  EXPECT_TRUE(
      has(page({3, 4, 5}, {}),
          "In the group&#39;s folder:</p>\n<pre class=\"wrap\"><code>deepq train --config seed-3/config.toml --seeds 3 "
          "--seed 3 --out NEW</code>"));
  EXPECT_TRUE(has(page({3, 4, 7}, {}),
                  "--seeds 2 --seed 3 --out NEW\ndeepq train --config seed-3/config.toml --seeds 1 "
                  "--seed 7 --out NEW</code>"));
  EXPECT_TRUE(has(page({3}, {}),
                  "In the run&#39;s folder:</p>\n<pre class=\"wrap\"><code>deepq train --config config.toml "
                  "--out NEW</code>"));
  const std::string other = FakeRun{.seed = 4, .config_end = "[agent]\ngamma = 0.5\n"}.write(folder / "other");
  EXPECT_TRUE(has(make_report({folder / "seed-3", other}), "In the folder of seed 3:")) << "no group";
  const std::vector<std::string> loose{FakeRun{.seed = 1}.write(folder / "a b's"),
                                       FakeRun{.seed = 2}.write(folder / "c")};
  EXPECT_TRUE(has(make_report(loose),
                  "In the folder that holds them:</p>\n<pre class=\"wrap\"><code>deepq train --config "
                  "&#39;a b&#39;\\&#39;&#39;s/config.toml&#39; --seeds 2 --seed 1 --out NEW</code>"));
}

TEST(Report, SeedsThatWereNotBegunCount) {
  const TemporaryFolder folder;
  const std::vector<std::string> runs{FakeRun{.seed = 0, .solved_return = 195}.write(folder / "seed-0"),
                                      FakeRun{.seed = 1, .solved_return = 195}.write(folder / "seed-1")};
  const std::string page = make_report(runs, {.not_begun = {2, 3, 4}});
  EXPECT_TRUE(has(page, "the mean of 2 of 5 runs; 2 of 5 solved.")) << page.substr(page.find("class=\"result"), 200);
  EXPECT_TRUE(has(page, "<dt>Solved</dt><dd><b>2 of 5 runs</b>"));
  EXPECT_TRUE(has(page, "Of the 5 seeds of this group 3 were not begun: 2 to 4."));
  EXPECT_TRUE(has(page, "--seeds 5 --seed 0 --out NEW</code>"));
  EXPECT_TRUE(has(make_report({runs[0]}, {.not_begun = {7}}), "1 was not begun: 7."));
  EXPECT_TRUE(has(make_report({runs[0]}, {.not_begun = {7}}), "the mean of 1 of 2 runs")) << "of a group";
  EXPECT_FALSE(has(make_report(runs), "not begun"));
}

TEST(Report, AMaximumOverRunsSaysThatItIsOne) {
  const TemporaryFolder folder;
  const std::string a = FakeRun{.mean_q = "2"}.write(folder / "a"),
                    b = FakeRun{.seed = 1, .mean_q = "2"}.write(folder / "b");
  const auto labels = [](const std::vector<std::string>& runs) {
    return chart_of(make_report(runs), "mean_q")["series"].dump();
  };
  EXPECT_TRUE(has(labels({a, b}), "max |Q| of any run") && has(labels({a, b}), "mean Q, mean over runs"));
  EXPECT_FALSE(has(labels({a}), "any run"));
}

TEST(Report, EndsWithItsDataAndItsOrigin) {
  const TemporaryFolder folder;
  const std::string run = FakeRun{}.write(folder / "group/seed-0");
  const std::string page = make_report({run}, {.path = run + "/report.html", .command = "deepq plot x"});
  for (const char* name : {"config.toml", "episodes.csv", "metrics.csv", "evaluations.csv", "summary.json"})
    EXPECT_TRUE(has(page, "<a href=\"" + std::string(name) + "\">" + name + "</a>"));
  EXPECT_TRUE(has(page, "<code>deepq plot x</code>"));
  EXPECT_FALSE(has(page, "report of all seeds"));
  test::spit(folder / "group/group.json", "[]");
  EXPECT_TRUE(
      has(make_report({run}, {.path = run + "/report.html"}), "<a href=\"../report.html\">report of all seeds"));
}

TEST(Report, SaysWhenRunsAreNotSeedsOfOneSetting) {
  const TemporaryFolder folder;
  const std::string a = FakeRun{.seed = 4}.write(folder / "a");
  const std::string page =
      make_report({a, FakeRun{.seed = 4, .config_end = "[agent]\ngamma = 0.5\n"}.write(folder / "b")});
  EXPECT_TRUE(has(page, "The runs differ in more than the seed: agent.gamma."));
  EXPECT_TRUE(has(page, "Some runs share a seed"));
  EXPECT_FALSE(has(make_report({a, FakeRun{.seed = 5}.write(folder / "c")}), "class=\"note\""));
  const std::string other = FakeRun{.env = "Acrobot-v1"}.write(folder / "other");
  EXPECT_EQ(
      error_of([&] {
        make_report({a, other});
      }),
      other + ": the run is of Acrobot-v1 but " + a + " is of CartPole-v1; one report is for runs of one setting");
  const std::string limited = FakeRun{.seed = 6, .config_end = "[env]\n"}.write(folder / "limited");
  test::spit(limited + "/config.toml", "[env]\nid = 'CartPole-v1'\nmax_episode_steps = 200\n[train]\nseed = 6\n");
  EXPECT_EQ(error_of([&] {
              make_report({a, limited});
            }),
            limited + ": the run is of another world: env.max_episode_steps is 0 in " + a + ", 200 in " + limited +
                "; one report is for one world");
  const std::string copies =
      make_report({a, FakeRun{.seed = 5}.write(folder / "c"), FakeRun{.seed = 4}.write(folder / "d")});
  EXPECT_TRUE(has(copies, "1 of the 3 runs are copies (seed 4): each seed counts once."));
  EXPECT_TRUE(has(copies, "Means over 2 runs"));
  EXPECT_FALSE(has(copies, "; 2 of 2 runs"));
  const std::string unfinished = make_report({a, FakeRun{.seed = 8, .summary = false}.write(folder / "e")});
  EXPECT_TRUE(has(unfinished, "; 1 of 2 runs</span>")) << "of those that were evaluated";
  const std::string alone = make_report({FakeRun{.seed = 9, .summary = false}.write(folder / "f")});
  EXPECT_TRUE(has(alone, "Best 100 episodes</dt>") && has(alone, "Speed</dt>"));
  for (const char* unknown : {"First solved", "Evaluation</dt>", "Parameters</dt>"})
    EXPECT_FALSE(has(alone, unknown)) << "nobody knows it before the end";
  EXPECT_EQ(error_of([] { make_report({}); }), "make_report: no run folder is given; it needs at least one");
}

TEST(Report, ARunThatIsStillGoingOnIsFine) {
  const TemporaryFolder folder;
  const std::string run = FakeRun{.summary = false}.write(folder / "run");
  test::spit(run + "/episodes.csv", test::slurp(run + "/episodes.csv") + "251,2510,9999");
  const std::string page = make_report({run});
  EXPECT_TRUE(has(page, "The run has not finished (killed, or stopped from outside: it has no summary)"));
  EXPECT_TRUE(has(page, "<dt>Best 100 episodes</dt><dd><b>200.5</b>"));
  EXPECT_TRUE(has(page, "<dt>Environment steps</dt><dd><b>2,500</b>"));
  EXPECT_EQ(chart_of(page, "learning")["data"][0].size(), 250);
  EXPECT_FALSE(has(page, "9999"));
  for (const char* name : {"/episodes.csv", "/metrics.csv", "/evaluations.csv"}) test::spit(run + name, "");
  EXPECT_TRUE(has(make_report({run}), "Nothing to draw yet."));
  EXPECT_EQ(chart_of(make_report({run}), "learning"), nullptr);
}

TEST(Report, DamagedFilesAreNamedWithTheirLine) {
  const TemporaryFolder folder;
  const std::string run = FakeRun{.episodes = 2}.write(folder / "run");
  const std::string csv = run + "/episodes.csv", header = "episode,env_steps,return,length,epsilon,seconds\n";
  const auto error = [&] { return error_of([&] { make_report({run}); }); };
  test::spit(csv, header + "1,10,1,10,1,0.5\n2,20,x7,10,1,0.5\n");
  EXPECT_EQ(error(), csv + " line 3: return is 'x7'; it must be a number");
  test::spit(csv, header + "1,10,1.5x,10,1,0.5\n");
  EXPECT_EQ(error(), csv + " line 2: return is '1.5x'; it must be a number");
  test::spit(csv, header + "1,10,,10,1,0.5\n");
  EXPECT_EQ(error(), csv + " line 2: return is ''; it must be a number");
  test::spit(csv, header + "1,10,1,10,1\n");
  EXPECT_EQ(error(), csv + " line 2 has 5 values; the header names 6");
  test::spit(csv, "episode,return\n");
  EXPECT_EQ(error(), csv + " line 1: the header must be 'episode,env_steps,return,length,epsilon,seconds'");
  test::spit(csv, header);
  test::spit(run + "/config.toml", "preset = \"chapter\"\n[env\n");
  EXPECT_TRUE(has(error(), run + "/config.toml line 2: ")) << error();
  std::filesystem::remove(run + "/config.toml");
  EXPECT_TRUE(has(error(), run + "/config.toml")) << error();
}

TEST(Report, TextOfTheRunCannotBecomeMarkup) {
  const TemporaryFolder folder;
  const std::string attack = "</script><script>alert(1)</script>\"'&{{data}}";
  const std::string comment = "# <img src=x onerror=alert(2)>\n";
  FakeRun run{.env = "x" + attack, .config_end = comment};
  const std::string page = make_report({run.write(folder / "run")});
  EXPECT_FALSE(has(page, "<script>alert(1)"));
  EXPECT_FALSE(has(page, "<img"));
  EXPECT_TRUE(has(page, "x&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;"));
  EXPECT_TRUE(has(page, "# &lt;img src=x onerror=alert(2)&gt;"));
  EXPECT_TRUE(has(page, "{{data}}"));  // put in as text, not filled in a second time
  // The seed's text goes into the JSON, as a label.
  const std::string folder_b = run.write(folder / "b");
  std::string config = test::slurp(folder_b + "/config.toml");
  config.replace(config.find("seed = 0"), 8, "seed = '</script><b>'");
  test::spit(folder_b + "/config.toml", config);
  const std::string both = make_report({folder / "run", folder_b});
  EXPECT_TRUE(has(both, "seed \\u003c/script>\\u003cb>"));
  EXPECT_FALSE(has(both, "</script><b>"));
}

TEST(Report, ALongRunStaysUnderAMegabyte) {
  const TemporaryFolder folder;
  const std::string page = make_report({FakeRun{.episodes = 100'000}.write(folder / "run")});
  EXPECT_LT(page.size(), 1'000'000);
  const auto chart = chart_of(page, "learning");
  EXPECT_LE(chart["data"][0].size(), 2000);
  EXPECT_GT(chart["data"][0].size(), 1900);
  EXPECT_EQ(chart["data"][0].back(), 1'000'000);
  EXPECT_EQ(series_of(chart, "main").back(), 99'950.5);
  EXPECT_TRUE(has(page, "One in 51 of the episodes is drawn."));
  EXPECT_EQ(chart_of(page, "loss")["data"][0].size(), 300);
  EXPECT_TRUE(has(page, "a point is the mean of about 334 records; band: their lowest to highest."));
  EXPECT_EQ(page.find("a point is the mean of"), page.rfind("a point is the mean of")) << "once for all charts";
}

}  // namespace
}  // namespace deepq
