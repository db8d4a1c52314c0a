#include "deepq/compare/comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "deepq/compare/made_up_groups.h"
#include "deepq/core/finite.h"
#include "tests/golden.h"
#include "tests/test_support.h"

namespace deepq::compare {
namespace {

using test::error_of;
using Values = std::vector<double>;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Values evaluations_of(const Group& group) {
  Values values;
  for (const Run& run : group.tasks[0].runs) values.push_back(run.final_evaluation);
  return values;
}

TEST(Scoring, OfARun) {
  compare::Run run{.source = "x", .final_evaluation = 7};
  for (int i = 1; i <= 250; ++i) {
    run.steps.push_back(i <= 150 ? 2 * i : 300 + 6 * (i - 150));
    run.returns.push_back(i <= 150 ? 10 : 0);
  }
  EXPECT_EQ(score_of(run, Score::kFinal), 7);
  EXPECT_DOUBLE_EQ(score_of(run, Score::kLast100), 0);
  EXPECT_DOUBLE_EQ(score_of(run, Score::kBest100), 10);
  EXPECT_DOUBLE_EQ(score_of(run, Score::kAuc), 10 * 300 / 900.0) << "by steps, not episodes";
  run.final_evaluation = kNaN;
  EXPECT_TRUE(has(error_of([&] { score_of(run, Score::kFinal); }), "x has no evaluation after training"));
}

// Several environments at a time: what ends at the same step has no order.
TEST(Scoring, TheOrderOfRowsThatEndTogetherChangesNoBit) {
  const auto run_of = [](bool swapped, bool with_lengths) {
    compare::Run run{.source = "x"};
    for (int i = 1; i <= 130; ++i) {
      const bool first = (i % 2 == 1) != swapped;  // two end at each step
      run.steps.push_back(20 * ((i + 1) / 2));
      run.returns.push_back(first ? 100 + 0.1 * i : 0.3 * (i / 2));
      if (with_lengths) run.lengths.push_back(first ? 3 : 17);
    }
    for (int i = 1; i < 130; i += 2) {  // the same pairs in both
      run.returns[swapped ? i : i - 1] = 100 + i / 7.0;
      run.returns[swapped ? i - 1 : i] = i / 3.0;
    }
    return run;
  };
  for (const bool with_lengths : {false, true}) {
    const compare::Run a = run_of(false, with_lengths), b = run_of(true, with_lengths);
    ASSERT_NE(a.returns, b.returns);
    for (const Score score : {Score::kLast100, Score::kBest100, Score::kAuc}) {
      EXPECT_EQ(score_of(a, score), score_of(b, score)) << name_of(score);
    }
    EXPECT_EQ(curve_of(a, {20, 40, 1010, 1300}), curve_of(b, {20, 40, 1010, 1300}));
  }
  // The example of the audit: 0 and 100 before, by who stood first.
  EXPECT_EQ(score_of({.source = "x", .steps = {10, 10}, .returns = {100, 0}}, Score::kAuc), 50);
  EXPECT_EQ(score_of({.source = "x", .steps = {10, 10}, .returns = {100, 0}, .lengths = {1, 9}}, Score::kAuc), 10)
      << "by length";
  EXPECT_EQ(score_of({.source = "x", .steps = {10, 30, 30, 30}, .returns = {100, 1, 2, 3}}, Score::kAuc), 104 / 3.0);
  EXPECT_EQ(score_of({.source = "x", .steps = {0, 0}, .returns = {100, 0}}, Score::kAuc), 50) << "no step at all";
}

// By brute force, where each episode has a return of its own.
TEST(Scoring, WindowsAreOfAHundredEpisodes) {
  compare::Run run{.source = "x"};
  for (int i = 1; i <= 250; ++i) {
    run.steps.push_back(3 * i);
    run.returns.push_back(1000 - std::abs(i - 120) * std::abs(i - 120) + 5 * (i % 7));
  }
  const auto mean_from = [&](size_t first) {
    double sum = 0;
    for (size_t i = first; i < first + 100; ++i) sum += run.returns[i];
    return sum / 100;
  };
  double best = mean_from(0);
  for (size_t first = 1; first + 100 <= run.returns.size(); ++first) best = std::max(best, mean_from(first));
  EXPECT_NEAR(score_of(run, Score::kLast100), mean_from(150), 1e-9);
  EXPECT_NEAR(score_of(run, Score::kBest100), best, 1e-9);
}

TEST(Scoring, CurveHoldsTheLastMean) {
  const compare::Run run{.source = "x", .steps = {10, 20, 30}, .returns = {2, 4, 9}};
  EXPECT_EQ(curve_of(run, {10, 15, 20, 29, 30, 99}), (Values{2, 2, 3, 3, 5, 5}));
  EXPECT_TRUE(std::isnan(curve_of(run, {9})[0])) << "no episode has ended: nobody knows";
}

TEST(Scoring, NamesBothWays) {
  for (const char* name : {"final", "last100", "best100", "auc"}) EXPECT_EQ(name_of(parse_score(name)), name);
  for (const char* name : {"none", "human", "range"}) EXPECT_EQ(name_of(parse_normalization(name)), name);
  EXPECT_EQ(error_of([] { parse_score("fnal"); }),
            "--score is 'fnal'; allowed: final, last100, best100, auc; did you mean 'final'?");
  EXPECT_TRUE(has(error_of([] { parse_normalization("atari"); }), "--normalize is 'atari'; allowed: none, human"));
}

TEST(Comparison, OfASingleTaskIsTheStatisticsOfTheReturns) {
  const Values a{500, 480, 300, 500, 100}, b{90, 200, 310, 20, 500, 60};
  const Comparison comparison = compare_groups({group_of("A", "CartPole-v1", a), group_of("B", "CartPole-v1", b)});
  EXPECT_EQ(comparison.score, Score::kFinal);
  EXPECT_EQ(comparison.normalization, Normalization::kNone);
  EXPECT_EQ(comparison.gamma, 195) << "where CartPole counts as solved";
  const GroupResult& first = comparison.groups[0];
  EXPECT_EQ(first.scores, stats::Scores{a});
  EXPECT_EQ(first.iqm.value, stats::iqm({a}));
  EXPECT_EQ(first.iqm.low, stats::iqm_interval(a).low);
  EXPECT_EQ(first.median.value, stats::median({a}));
  EXPECT_EQ(first.mean.high, stats::mean_interval(a).high);
  EXPECT_EQ(first.gap->value, stats::optimality_gap({a}, 195));
  ASSERT_EQ(comparison.pairs.size(), 1u);
  EXPECT_EQ(comparison.pairs[0].improvement.value, stats::probability_of_improvement({a}, {b}));
  EXPECT_EQ(comparison.pairs[0].iqm_difference.value, stats::iqm({a}) - stats::iqm({b}));
  ASSERT_EQ(first.profile.size(), comparison.taus.size());
  EXPECT_EQ(first.profile.front().value, 1);
  EXPECT_EQ(first.profile.back().value, 0);
  EXPECT_LT(comparison.taus.front(), 20);
  EXPECT_GT(comparison.taus.back(), 500);
  EXPECT_TRUE(comparison.notes.empty());
}

// The whole way, from runs to numbers, against rliable (see tests/golden/README.md).
TEST(Comparison, EqualsRliable) {
  const test::Golden golden("aggregates.safetensors");
  for (const std::string name : {"matrix", "even_tasks", "tied"}) {
    const auto group = [&](const std::string& key) {
      const auto tasks = static_cast<size_t>(golden.shape(name + "." + key)[1]);
      Group made{key, std::vector<Task>(tasks)};
      for (size_t i = 0; i < golden.doubles(name + "." + key).size(); ++i) {
        Task& task = made.tasks[i % tasks];
        task.name = "task " + std::to_string(i % tasks);
        task.runs.push_back(evaluated({golden.doubles(name + "." + key)[i]})[0]);
      }
      return made;
    };
    const Comparison comparison =
        compare_groups({group("x"), group("y")},
                       {.normalization = Normalization::kNone, .gamma = 0.5, .bootstrap = {.resamples = 100}});
    const auto expected = [&](const char* key, size_t i = 0) { return golden.doubles(name + "." + key)[i]; };
    EXPECT_NEAR(comparison.groups[0].iqm.value, expected("iqm"), 1e-12) << name;
    EXPECT_NEAR(comparison.groups[0].median.value, expected("median"), 1e-12) << name;
    EXPECT_NEAR(comparison.groups[0].mean.value, expected("mean"), 1e-12) << name;
    EXPECT_NEAR(comparison.groups[0].gap->value, expected("gaps", 2), 1e-12) << name;
    EXPECT_NEAR(comparison.pairs[0].improvement.value, expected("improvement"), 1e-12) << name;
  }
}

TEST(Comparison, EveryPairOnce) {
  const auto group = [](const char* name) { return group_of(name, "t", {1, 2}); };
  const Comparison comparison = compare_groups({group("A"), group("B"), group("C")});
  std::vector<std::pair<size_t, size_t>> pairs;
  for (const PairResult& pair : comparison.pairs) pairs.emplace_back(pair.x, pair.y);
  EXPECT_EQ(pairs, (std::vector<std::pair<size_t, size_t>>{{0, 1}, {0, 2}, {1, 2}}));
  EXPECT_FALSE(comparison.gamma) << "an environment that is not ours";
  EXPECT_FALSE(comparison.groups[0].gap);
  ASSERT_EQ(comparison.notes.size(), 1u);
  EXPECT_TRUE(has(comparison.notes[0], "With 2 runs")) << comparison.notes[0];
}

TEST(Comparison, SaysWhichRunsAreUnlikeTheOthers) {
  Group group = group_of("A", "CartPole-v1", {1, 2, 3, 4, 5});
  group.tasks[0].runs[1].finished = group.tasks[0].runs[3].finished = false;
  for (size_t i = 0; i < 5; ++i) {
    group.tasks[0].runs[i].config = {{"train.seed", std::to_string(i)}, {"train.env_steps", i < 4 ? "50000" : "9000"}};
  }
  const Comparison comparison = compare_groups({group, group_of("B", "CartPole-v1", {1, 2, 3, 4, 5})});
  EXPECT_EQ(comparison.notes,
            (std::vector<std::string>{"2 of the 5 runs of A have not finished: they count as far as they have come.",
                                      "The runs of A differ in more than the seed: train.env_steps."}));
}

TEST(Comparison, CopiesOfASeedCountOnce) {
  Group group = group_of("A", "CartPole-v1", {1, 5, 5, 5});
  for (size_t i = 0; i < 4; ++i) {
    group.tasks[0].runs[i].config = {{"train.seed", i == 0 ? "0" : "1"}, {"train.env_steps", "50000"}};
  }
  const Comparison comparison = compare_groups({group});
  EXPECT_EQ(comparison.groups[0].run_counts, std::vector<size_t>{2});
  EXPECT_EQ(comparison.groups[0].returns, (stats::Scores{{1, 5}}));
  EXPECT_LT(comparison.groups[0].iqm.low, comparison.groups[0].iqm.high);
  EXPECT_EQ(comparison.notes[0], "2 of the 4 runs of A are copies (seed 1): each seed counts once.");
  group.tasks[0].runs[0].config["train.seed"] = "1";
  EXPECT_TRUE(has(error_of([&] { compare_groups({group}); }), "A has 1 run of CartPole-v1"));
}

TEST(Comparison, NothingElseIsSaidOfACopy) {
  Group group = group_of("A", "CartPole-v1", {1, 2, 3, 4, 5});
  for (size_t i = 0; i < 5; ++i) {
    compare::Run& run = group.tasks[0].runs[i];
    for (int episode = 2; episode <= 20; ++episode)
      run.steps.push_back(10 * episode), run.returns.push_back(episode + i);
    run.config = {{"train.seed", std::to_string(i)}};
  }
  compare::Run copy = group.tasks[0].runs[0];  // of before its evaluation
  copy.final_evaluation = kNaN;
  copy.finished = false;
  group.tasks[0].runs.push_back(copy);
  const Comparison comparison = compare_groups({group});
  EXPECT_EQ(comparison.score, Score::kFinal);
  EXPECT_EQ(comparison.notes,
            std::vector<std::string>{"1 of the 6 runs of A are copies (seed 0): each seed counts once."});
}

TEST(Comparison, CopiedFilesCountOnce) {
  Group group{"A", {{"t", {}}}};
  for (int run = 0; run < 3; ++run) {
    compare::Run made{.source = "file-" + std::to_string(run)};
    for (int i = 1; i <= 20; ++i) {
      made.steps.push_back(10 * i);
      made.returns.push_back(run == 1 ? i : 2 * i);
    }
    group.tasks[0].runs.push_back(made);
  }
  const Comparison comparison = compare_groups({group});
  EXPECT_EQ(comparison.groups[0].run_counts, std::vector<size_t>{2});
  EXPECT_EQ(comparison.notes[0], "file-2 holds the same episodes as file-0: a copy, which does not count.");
  // Folders say their seeds, and a world without chance may give all seeds the same.
  for (size_t i = 0; i < 3; ++i) group.tasks[0].runs[i].config = {{"train.seed", std::to_string(i)}};
  EXPECT_EQ(compare_groups({group}).groups[0].run_counts, std::vector<size_t>{3});
  EXPECT_TRUE(has(compare_groups({group}).notes[0], "copies are no independent runs"));
}

TEST(Comparison, SaysWhenRunsAreOfOtherLengths) {
  Group a = group_of("A", "t", {1, 2, 3, 4, 5}), b = group_of("B", "t", {1, 2, 3, 4, 5});
  for (Group* group : {&a, &b})
    for (compare::Run& run : group->tasks[0].runs) run.steps = {50, 100}, run.returns = {1, 2};
  EXPECT_EQ(compare_groups({a, b}).notes, std::vector<std::string>{});
  b.tasks[0].runs[3].steps = {50, 60};  // an episode of 50 may still have gone on
  EXPECT_EQ(compare_groups({a, b}).notes, std::vector<std::string>{});
  b.tasks[0].runs[4].steps = {500, 1000};
  for (int i = 3; i <= 20; ++i) b.tasks[0].runs[4].steps.push_back(500.0 * i), b.tasks[0].runs[4].returns.push_back(1);
  EXPECT_EQ(compare_groups({a, b}).notes,
            std::vector<std::string>{"Runs of other lengths are compared: the last episodes end at 60 to 10,000 "
                                     "environment steps."});
}

TEST(Comparison, SaysWhyRunsAreNotFinished) {
  Group group = group_of("A", "CartPole-v1", {1, 2, 3, 4, 5});
  group.tasks[0].runs[1].finished = false;
  group.tasks[0].runs[1].reason = "failed: the loss is nan";
  EXPECT_EQ(compare_groups({group}).notes[0],
            "1 of the 5 runs of A have not finished (failed: the loss is nan): they count as far as they have come.");
}

TEST(Comparison, SaysWhenGroupsWereTrainedOrEvaluatedInOtherWays) {
  Group a = group_of("A", "CartPole-v1", {1, 2, 3, 4, 5}), b = group_of("B", "CartPole-v1", {1, 2, 3, 4, 5});
  for (size_t i = 0; i < 5; ++i) {
    a.tasks[0].runs[i].config = {{"train.seed", std::to_string(i)}, {"agent.double", "true"}};
    b.tasks[0].runs[i].config = {{"train.seed", std::to_string(i)}, {"eval.epsilon", "0.05"}};
  }
  EXPECT_EQ(
      compare_groups({a, b}).notes,
      std::vector<std::string>{"The groups were trained for other lengths or evaluated in other ways: eval.epsilon "
                               "is 0 in A, 0.05 in B."});
}

TEST(Comparison, SaysWhichEvaluationsAreOverFewerEpisodesThanAsked) {
  Group group = group_of("A", "CartPole-v1", {1, 2, 3, 4, 5});
  for (compare::Run& run : group.tasks[0].runs) run.evaluated = run.planned = 100;
  EXPECT_EQ(compare_groups({group}).notes, std::vector<std::string>{});
  group.tasks[0].runs[1].evaluated = 7;
  group.tasks[0].runs[3].evaluated = 60;
  EXPECT_EQ(compare_groups({group}).notes,
            std::vector<std::string>{"The evaluations of 2 of the 5 runs of A are over fewer episodes than were asked "
                                     "for, of one run 7: eval.final_max_env_steps ended them."});
  EXPECT_EQ(compare_groups({group}, {.score = Score::kLast100}).notes, std::vector<std::string>{});
}

TEST(Comparison, WithoutFinalEvaluationsTheLast100Count) {
  Group other = group_of("B", "CartPole-v1", {1, 2});
  other.tasks[0].runs[1].final_evaluation = kNaN;
  const std::vector<Group> groups{group_of("A", "CartPole-v1", {1, 2}), other};
  EXPECT_EQ(compare_groups(groups).score, Score::kLast100);
  EXPECT_EQ(
      compare_groups(groups).notes[0],
      "1 of the 4 runs have no evaluation after training, so the last 100 training episodes count, of every run.");
  EXPECT_FALSE(has(compare_groups(groups, {.score = Score::kAuc}).notes[0], "no evaluation"));
}

TEST(Comparison, AtariIsHumanNormalized) {
  const Group group{"A", {{"ALE/Breakout-v5", evaluated({1.7, 30.5})}, {"ALE/Pong-v5", evaluated({14.6, 14.6})}}};
  const Comparison comparison = compare_groups({group});
  EXPECT_EQ(comparison.normalization, Normalization::kHuman);
  EXPECT_EQ(comparison.gamma, 1);
  EXPECT_EQ(comparison.groups[0].scores, (stats::Scores{{0, 1}, {1, 1}}));
  EXPECT_EQ(comparison.groups[0].mean.value, 0.75);
  EXPECT_EQ(comparison.groups[0].gap->value, 0.25);
  EXPECT_EQ(compare_groups({group}, {.normalization = Normalization::kNone}).groups[0].scores[0], (Values{1.7, 30.5}));
  EXPECT_TRUE(has(error_of([] {
                    compare_groups({group_of("A", "CartPole-v1", {1, 2})}, {.normalization = Normalization::kHuman});
                  }),
                  "'CartPole-v1' is no Atari game"));
}

TEST(Comparison, OtherTasksAreBroughtToOneRange) {
  const Group a{"A", {{"s", evaluated({0, 10})}, {"t", evaluated({-100, -100})}}};
  const Group b{"B", {{"s", evaluated({5, 20})}, {"t", evaluated({-200, -150})}}};
  const Comparison comparison = compare_groups({a, b});
  EXPECT_EQ(comparison.normalization, Normalization::kRange);
  EXPECT_EQ(comparison.groups[0].scores, (stats::Scores{{0, 0.5}, {1, 1}}));
  EXPECT_EQ(comparison.groups[1].scores, (stats::Scores{{0.25, 1}, {0, 0.5}}));
  EXPECT_EQ(comparison.groups[1].returns[1], (Values{-200, -150}));
  EXPECT_EQ(comparison.groups[1].curve.back().value, stats::iqm(comparison.groups[1].scores)) << "curves too";
  EXPECT_EQ(comparison.curve_x.front(), 2) << "percent";
  EXPECT_EQ(comparison.curve_x.back(), 100);
}

TEST(Comparison, CurvesEndWithTheShortestRun) {
  Group group{"A", {{"t", {}}}};
  for (const double level : {1.0, 2.0, 3.0, 4.0}) {
    compare::Run run{.source = "x"};
    for (int i = 1; i <= 20 + static_cast<int>(level); ++i) {
      run.steps.push_back(100.0 * i);
      run.returns.push_back(i <= 10 ? 0 : level);
    }
    group.tasks[0].runs.push_back(run);
  }
  const Comparison comparison = compare_groups({group});
  EXPECT_EQ(comparison.curve_x.back(), 2100);
  const std::vector<stats::Interval>& curve = comparison.groups[0].curve;
  EXPECT_TRUE(std::isnan(curve.front().value)) << "at step 42 no episode has ended";
  EXPECT_EQ(curve[2].value, 0);
  const auto json = nlohmann::json::parse(to_json(comparison)).at("groups").at(0).at("sample_efficiency");
  EXPECT_TRUE(json.at("value").at(0).is_null() && json.at("low").at(0).is_null() && json.at("high").at(0).is_null());
  EXPECT_DOUBLE_EQ(curve.back().value, 2.5 * 11 / 21) << "IQM of the levels, 11 of the 21 episodes";
  EXPECT_LT(curve.back().low, curve.back().value);
}

TEST(Comparison, SeedDecidesTheIntervals) {
  const std::vector<Group> groups{group_of("A", "t", {1.7, 5.3, 2.9, 8.1, 3.6, 4.4, 7.2}),
                                  group_of("B", "t", {2, 4, 4, 1, 9})};
  EXPECT_EQ(to_json(compare_groups(groups)), to_json(compare_groups(groups)));
  const Comparison other = compare_groups(groups, {.bootstrap = {.seed = 1}});
  EXPECT_NE(other.groups[0].mean.low, compare_groups(groups).groups[0].mean.low);
  EXPECT_EQ(other.groups[0].mean.value, compare_groups(groups).groups[0].mean.value);
}

stats::Interval sum_of(const std::vector<stats::Interval>& intervals) {
  stats::Interval sum{};
  for (const stats::Interval& one : intervals) {
    if (std::isnan(one.value)) continue;  // of a curve, where no episode has ended yet
    sum.value += one.value;
    sum.low += one.low;
    sum.high += one.high;
  }
  return sum;
}

// Every interval of a comparison; those of a profile and of a curve put together.
std::vector<stats::Interval> all_intervals(const Comparison& comparison) {
  std::vector<stats::Interval> all;
  for (const GroupResult& group : comparison.groups) {
    all.insert(all.end(),
               {group.iqm, group.median, group.mean, *group.gap, sum_of(group.profile), sum_of(group.curve)});
  }
  for (const PairResult& pair : comparison.pairs) all.insert(all.end(), {pair.improvement, pair.iqm_difference});
  return all;
}

TEST(Comparison, OptionsOfTheBootstrapReachEveryInterval) {
  const std::vector<Group> groups{group_of("A", "t", {1.71, 5.32, 2.93, 8.14, 3.65, 4.46, 7.27, 6.18}),
                                  group_of("B", "t", {2.11, 4.32, 4.53, 1.24, 9.75, 3.36, 5.17})};
  const auto intervals = [&](const stats::BootstrapOptions& options) {
    return all_intervals(compare_groups(groups, {.gamma = 6, .bootstrap = options}));
  };
  const stats::BootstrapOptions few{.resamples = 150};
  const auto plain = intervals(few);
  for (const stats::BootstrapOptions& other :
       {stats::BootstrapOptions{.resamples = 150, .seed = 5}, stats::BootstrapOptions{.resamples = 101},
        stats::BootstrapOptions{.resamples = 150, .confidence = 0.5}}) {
    const auto changed = intervals(other);
    for (size_t i = 0; i < plain.size(); ++i) {
      EXPECT_EQ(changed[i].value, plain[i].value) << i;
      EXPECT_TRUE(changed[i].low != plain[i].low || changed[i].high != plain[i].high) << "interval " << i;
    }
  }
  const stats::Interval improvement = stats::bootstrap({evaluations_of(groups[0])}, {evaluations_of(groups[1])},
                                                       stats::probability_of_improvement, few);
  EXPECT_EQ(plain[12].low, improvement.low);
  EXPECT_EQ(plain[12].high, improvement.high);
}

// What was before the last 100 episodes leaves no rounding in their mean; on a scale from lowest to highest run that
// was all there was to see: "the IQM of Y is higher by 0.382, p = 0.0004".
TEST(Comparison, RunsThatEndAlikeAreAlike) {
  const auto task = [](const std::string& name, double last, int first_seed) {
    Task one{name, {}};
    for (int seed = first_seed; seed < first_seed + 5; ++seed) {
      compare::Run run{.source = "run"};
      for (int i = 1; i <= 300; ++i) {
        run.steps.push_back(10 * i);
        run.returns.push_back(i <= 150 ? -1.0 / (seed + i) - i % seed : last);
      }
      one.runs.push_back(run);
    }
    return one;
  };
  const Comparison comparison =
      compare_groups({{"X", {task("a", 0.3, 3), task("b", 0.7, 8)}}, {"Y", {task("a", 0.3, 13), task("b", 0.7, 18)}}});
  EXPECT_EQ(comparison.normalization, Normalization::kRange);
  for (const GroupResult& group : comparison.groups) {
    for (const Values& returns : group.returns) EXPECT_EQ(returns, Values(5, returns[0]));
    EXPECT_EQ(group.iqm.high, 0);
  }
  EXPECT_EQ(comparison.pairs[0].improvement.value, 0.5);
  EXPECT_EQ(comparison.pairs[0].p, 1);
  // Of other numbers of episodes the mean may be rounded to a neighbour.
  const Scale scale = scale_of("a", {0.3, 0.30000000000000027, 0.29999999999999993}, Normalization::kRange);
  EXPECT_NEAR(scale(0.30000000000000027), 0, 1e-12);
  EXPECT_EQ(scale_of("a", {1e17, 1e17}, Normalization::kRange)(1e17), 0);
  // Where several end together, they share what may be rounded; equal ones have nothing to share.
  EXPECT_EQ(score_of({.source = "x", .steps = {10, 10, 10}, .returns = {0.3, 0.3, 0.3}}, Score::kBest100),
            score_of({.source = "x", .steps = {10, 20, 30}, .returns = {0.3, 0.3, 0.3}}, Score::kBest100));
}

TEST(Comparison, RefusesSingleRuns) {
  EXPECT_EQ(error_of([] {
              compare_groups({group_of("A", "t", {1, 2}), group_of("B", "t", {1})});
            }),
            "B has 1 run of t; an interval needs at least 2, better 5 or more (deepq train --seeds 5; a single run "
            "of deepq has its report.html)");
}

TEST(Comparison, JsonHoldsEverything) {
  const Comparison comparison =
      compare_groups({group_of("A", "CartPole-v1", {1, 2, 3}), group_of("B", "CartPole-v1", {2, 4})}, {.gamma = 5});
  const auto json = nlohmann::json::parse(to_json(comparison));
  EXPECT_EQ(json.at("score"), "final");
  EXPECT_EQ(json.at("normalization"), "none");
  EXPECT_EQ(json.at("gamma"), 5);
  EXPECT_EQ(json.at("tasks"), nlohmann::json{"CartPole-v1"});
  const auto& group = json.at("groups").at(1);
  EXPECT_EQ(group.at("name"), "B");
  EXPECT_EQ(group.at("runs").at("CartPole-v1"), 2);
  EXPECT_EQ(group.at("returns").at("CartPole-v1"), (nlohmann::json{2, 4}));
  EXPECT_EQ(group.at("iqm").at("value"), 3);
  EXPECT_EQ(group.at("optimality_gap").at("value"), 2);
  EXPECT_EQ(group.at("performance_profile").at("low").size(), json.at("taus").size());
  EXPECT_EQ(group.at("sample_efficiency").at("value").size(), json.at("curve_x").at("values").size());
  EXPECT_EQ(json.at("pairs").at(0).at("x"), "A");
  EXPECT_DOUBLE_EQ(json.at("pairs").at(0).at("probability_of_improvement").at("value"), 1.5 / 6);
}

// Runs of one level each that go on for so many steps.
Group lasting(const std::string& name, double steps, const Values& levels) {
  Group group{name, {{"CartPole-v1", {}}}};
  for (const double level : levels) {
    compare::Run run{.source = "x", .final_evaluation = level};
    for (double step = 10; step <= steps; step += 10) {
      run.steps.push_back(step);
      run.returns.push_back(level);
    }
    group.tasks[0].runs.push_back(run);
  }
  return group;
}

TEST(Comparison, EachGroupIsDrawnToItsOwnEnd) {
  const Comparison comparison = compare_groups({lasting("A", 200, {1, 2, 3}), lasting("B", 1000, {2, 3, 4})});
  EXPECT_EQ(comparison.curve_x.back(), 1000);
  EXPECT_EQ(comparison.groups[0].curve_end, 200);
  for (size_t i = 0; i < comparison.curve_x.size(); ++i) {
    EXPECT_EQ(std::isnan(comparison.groups[0].curve[i].value),
              comparison.curve_x[i] < 10 || comparison.curve_x[i] > 200);
    EXPECT_EQ(std::isnan(comparison.groups[1].curve[i].value), comparison.curve_x[i] < 10);
  }
  EXPECT_GE(std::ranges::count_if(comparison.curve_x, [](double x) { return x <= 200; }), 40) << "points enough for A";
  EXPECT_TRUE(
      has(comparison_page(comparison),
          "Each line ends where the first of its group&#39;s runs does: A at 200, B at 1,000 environment steps."));
  EXPECT_TRUE(has(comparison_page(compare_groups({lasting("A", 200, {1, 2, 3}), lasting("B", 200, {2, 3, 4})})),
                  "Each line ends where the first of its group&#39;s runs does.<"));
}

// Each at its own speed on the tasks: the line ends with the first of them.
TEST(Comparison, OfSeveralTasksTheFirstEndCounts) {
  Group a = lasting("A", 200, {1, 2, 3}), b = lasting("B", 1000, {2, 3, 4});
  a.tasks.push_back({"t", a.tasks[0].runs});
  b.tasks.push_back({"t", b.tasks[0].runs});
  std::swap(a.tasks[0].runs, b.tasks[0].runs);
  const Comparison comparison = compare_groups({a, b});
  EXPECT_EQ(comparison.groups[0].curve_end, 20) << "percent";
  EXPECT_EQ(comparison.groups[1].curve_end, 20);
}

std::string page_of(const std::vector<Group>& groups) { return comparison_page(compare_groups(groups)); }

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(Comparison, PageShowsGroupsPairsAndCurves) {
  const std::string page =
      page_of({group_of("<A>", "CartPole-v1", {1, 2, 3}), group_of("B", "CartPole-v1", {2, 4, 9})});
  EXPECT_TRUE(has(page, "<h1>&lt;A&gt; and B on CartPole-v1</h1>"));
  EXPECT_TRUE(has(page, "&lt;A&gt; over B"));
  EXPECT_FALSE(has(page, "<A>"));
  EXPECT_TRUE(has(page, "data-chart=\"efficiency\"") && has(page, "data-chart=\"profile\""));
  EXPECT_TRUE(has(page, "Optimality gap to 195"));
  EXPECT_FALSE(has(page, "<h2>Curves</h2>")) << "a heading before headings";
  EXPECT_LT(page.size(), 1'000'000u);
}

TEST(Comparison, PageIsHeadedByWhatIsCompared) {
  const auto heading = [](const std::vector<std::string>& names, const std::vector<std::string>& tasks) {
    std::vector<Group> groups;
    for (const std::string& name : names) {
      groups.push_back({name, {}});
      for (const std::string& task : tasks) groups.back().tasks.push_back({task, evaluated({1, 2})});
    }
    const std::string page = page_of(groups);
    const size_t begin = page.find("<h1>") + 4;
    return page.substr(begin, page.find("</h1>") - begin);
  };
  EXPECT_EQ(heading({"a"}, {"t"}), "a on t");
  EXPECT_EQ(heading({"a", "b", "c"}, {"s", "t"}), "a, b and c on s and t");
  EXPECT_EQ(heading({"a", "b", "c", "d"}, {"s", "t", "u", "v"}), "4 groups on 4 tasks");
  EXPECT_EQ(heading({"a", "b"}, {""}), "a and b") << "of files that name no environment";
}

TEST(Comparison, PageBeginsWithASentenceForEachPair) {
  const auto result = [](const std::string& page) {
    const size_t begin = page.find("<p class=\"result\">");
    return page.substr(begin, page.find("<section>") - begin);
  };
  EXPECT_TRUE(
      has(result(page_of({group_of("A", "t", {1, 2, 3, 4, 5}), group_of("B", "t", {11, 12, 13, 14, 15})})),
          "<p class=\"result\">B is better than A: its IQM is higher by 10 (permutation test, p = 0.00794).</p>"));
  EXPECT_TRUE(has(result(page_of({group_of("A", "t", {1, 2, 3, 4, 5})})), "The IQM of A is 3 ["));
  const std::string three = result(page_of({group_of("A", "t", {1, 2, 3, 4, 5}), group_of("B", "t", {1, 2, 3, 4, 6}),
                                            group_of("C", "t", {11, 12, 13, 14, 15})}));
  EXPECT_TRUE(has(three, ">Of 3 pairs of groups 2 are told apart.</p>")) << three;
  EXPECT_LT(three.find("C is better than B"), three.find("A and B are not told apart"))
      << "what is decided comes first";
  std::vector<Group> five;
  for (const char* name : {"A", "B", "C", "D", "E"}) five.push_back(group_of(name, "t", {1, 2, 3, 4, 5}));
  const std::string many = result(page_of(five));
  EXPECT_TRUE(
      has(many, "Of 10 pairs of groups none is told apart.</p>\n<details><summary>10 pairs that are not</summary>"))
      << many;
  EXPECT_EQ(count(many, "<li>"), 10u);
}

TEST(Comparison, PageHasOneListOfScores) {
  const std::string page = page_of({group_of("A", "t", {1, 2, 3, 4, 5}), group_of("B", "t", {11, 12, 13, 14, 20})});
  EXPECT_EQ(count(page, "class=\"run\""), 10u) << "a dot for each run";
  EXPECT_EQ(count(page, "class=\"mark\""), 2u) << "the means; with one task the medians are the same";
  EXPECT_EQ(count(page, ">3 <small>["), 2u) << "the IQM, and the folded mean";
  EXPECT_TRUE(has(page, "5 runs each")) << "in no column of the table";
  EXPECT_TRUE(has(page_of({group_of("A", "t", {1, 2}), group_of("B", "t", {11, 12, 13})}), ">B, 3 runs</th>"));
}

TEST(Comparison, EqualScoresHaveNoProfile) {
  const std::string page = page_of({group_of("A", "t", {500, 500}), group_of("B", "t", {500, 500})});
  EXPECT_TRUE(has(page, "<p>All runs score 500.</p>"));
  EXPECT_FALSE(has(page, "data-chart=\"profile\""));
  EXPECT_TRUE(has(page_of({group_of("A", "t", {0.3, 0.1 + 0.2}), group_of("B", "t", {0.3, 0.3})}),
                  "<p>All runs score 0.3.</p>"))
      << "up to rounding";
  const std::string other = page_of({group_of("A", "t", {500, 500}), group_of("B", "t", {499, 500})});
  EXPECT_TRUE(has(other, "data-chart=\"profile\"") && has(other, "\"steps\":true"));
}

TEST(Comparison, ProfilesStepWhereScoresAre) {
  const Comparison comparison = compare_groups({group_of("A", "t", {100, 500}), group_of("B", "t", {100, 300})});
  EXPECT_EQ(comparison.taus, (Values{92, 100, 300, 500, 508}));
  EXPECT_EQ(comparison.groups[0].profile[1].value, 0.5) << "at 100: more than that";
  EXPECT_EQ(comparison.groups[0].profile[2].value, 0.5);
  EXPECT_EQ(comparison.groups[0].profile[3].value, 0);
  Values many(300);
  for (size_t i = 0; i < many.size(); ++i) many[i] = static_cast<double>(i);
  EXPECT_EQ(compare_groups({group_of("A", "t", many)}, {.bootstrap = {.resamples = 100}}).taus.size(), 101u);
}

TEST(Comparison, ManyBandsAreNotInOneFrame) {
  std::vector<Group> groups;
  for (int i = 0; i < 5; ++i)
    groups.push_back(lasting(std::string(1, static_cast<char>('A' + i)), 100, {1.0 + i, 2, 3, 4, 5}));
  const std::string five = page_of(groups);
  EXPECT_FALSE(has(five, "A, low")) << "no bands among five lines";
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(has(five, "data-chart=\"efficiency-" + std::to_string(i) + "\""));
  EXPECT_EQ(count(five, "\"y_range\":["), 5u) << "on one scale";
  groups.pop_back();
  const std::string four = page_of(groups);
  EXPECT_TRUE(has(four, "A, low"));
  EXPECT_FALSE(has(four, "efficiency-0"));
}

TEST(Comparison, PageEndsWithItsDataAndItsOrigin) {
  const test::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "runs/A");
  test::spit(folder / "runs/A/report.html", "");
  Group a = group_of("A", "t", {1, 2.5});
  a.path = folder / "runs/A";
  const Comparison comparison = compare_groups({a, group_of("B", "t", {3, 4})});
  const std::string page = comparison_page(comparison, {.path = folder / "page.html", .command = "deepq compare 'x'"});
  EXPECT_TRUE(has(page, "<code>deepq compare &#39;x&#39;</code>"));
  EXPECT_TRUE(has(page, "<a href=\"runs/A/report.html\">report of A</a>"));
  EXPECT_FALSE(has(page, "report of B")) << "there is none";
  EXPECT_TRUE(has(page, "%22A%22%2C%22t%22%2C1%2C2.5%0A")) << "a table of scores, which compare reads";
  EXPECT_TRUE(has(page, "download=\"scores.csv\">scores as CSV</a>"));
  test::spit(folder / "comparison.json", "{}");
  EXPECT_FALSE(has(comparison_page(comparison, {.path = folder / "page.html"}), "comparison.json"))
      << "it may be of another";
}

}  // namespace
}  // namespace deepq::compare
