#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "deepq/core/finite.h"
#include "deepq/lab/fake_results.h"
#include "deepq/lab/probes/grid_learning.h"
#include "deepq/lab/probes/table_sizes.h"

namespace deepq::lab {
namespace {

TEST(TableSizes, AsTheChapterCountsThem) {
  EXPECT_EQ(grid_table_values(4), 64);
  EXPECT_EQ(grid_table_values(10), 400);
  EXPECT_EQ(grid_table_values(100), 40'000);
  EXPECT_EQ(power_text(100, 6), "100^6, which is 10^12");
  EXPECT_EQ(power_text(2, 10), "2^10, which is 1.0 x 10^3");
  EXPECT_EQ(power_text(128, 210 * 160), "128^33,600, which is 1.8 x 10^70,802");
  EXPECT_EQ(table_sizes().rows.size(), 6u);
}

// 2 x 2 cells, the goal the last: only the cell before it knows its way, the others do not care.
const CellValues kHalfKnown = {0, 0, 0, 0, /*down*/ 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};

TEST(GridLearning, FractionsAndReturnsByHand) {
  const GridWorld world({.rows = 2, .columns = 2});
  EXPECT_DOUBLE_EQ(solved_fraction(world, 2, kHalfKnown),
                   1.0 / 3);  // the first of equal actions is up, which leads nowhere
  const std::vector<double> returns = cell_returns(world, kHalfKnown, 0.5);
  EXPECT_NEAR(returns[1], 1, 1e-9);
  // v0 = 1/4 * 0.5 (2 v0 + 1 + v2), v2 = 1/4 (1 + 0.5 (v0 + 2 v2)), the one put into the other
  const double v2 = (0.25 + 0.125 * (0.125 / 0.75)) / (0.75 - 0.125 * (0.125 / 0.75)), v0 = (0.125 + 0.125 * v2) / 0.75;
  EXPECT_NEAR(returns[0], v0, 1e-9);
  EXPECT_NEAR(returns[2], v2, 1e-9);
}

TEST(GridLearning, Blocks) {
  EXPECT_EQ(corner_block(4), (std::vector<int64_t>{0, 1, 4, 5}));
  EXPECT_EQ(middle_block(4), (std::vector<int64_t>{5, 6, 9, 10}));
}

TEST(GridLearning, ATableLearnsWhatItSeesAndNothingOfWhatItDoesNot) {
  const JobResult whole = learn_grid({.side = 4, .table = true, .most_steps = 5'000}, {.seed = 1});
  EXPECT_LT(whole.values.at("solved_at"), 5'000);
  EXPECT_EQ(whole.values.at("solved_at"), whole.curves.at("solved_fraction").x.back());  // and stops there
  EXPECT_EQ(whole.values.at("table_bytes"), 64 * 8);
  const JobResult part =
      learn_grid({.side = 4, .table = true, .most_steps = 5'000, .stop_when_solved = false, .closed = corner_block(4)},
                 {.seed = 1});
  EXPECT_EQ(part.values.at("seen_closer"), 1);
  EXPECT_EQ(part.values.at("unseen_closer"), 0.5);
  EXPECT_LT(part.values.at("unseen_return"), part.values.at("seen_return"));
}

TEST(GridLearning, TheNetworkIsGivenTheEnvironmentsCoordinates) {
  const JobResult network = learn_grid({.side = 4, .table = false, .most_steps = 1'500}, {.seed = 1});
  EXPECT_GE(network.values.at("solved_fraction"), 0.95);
  EXPECT_GT(network.values.at("network_bytes"), 4 * 4'612);
}

TEST(CurseOfDimensionality, ConcludesFromGrowthAndUnseenCells) {
  const auto verdict_of = [](double exponent, double network_steps, double unseen_return) {
    return fake_verdict("curse-of-dimensionality", [=](const std::string& setting, double nudge) {
      const bool table = setting.starts_with("table");
      const std::string last = setting.substr(setting.rfind('-') + 1);
      const double side = std::isdigit(last[0]) ? std::stod(last) : 10;
      const double steps = table ? std::pow(side * side, exponent) : network_steps;
      return JobResult{.values = {{"solved_at", steps * (1 + nudge)},
                                  {"solved_fraction", 1},
                                  {"table_bytes", 1},
                                  {"network_bytes", 1},
                                  {"replay_bytes", 1},
                                  {"seen_return", 0.9},
                                  {"unseen_return", (table ? 0.5 : unseen_return) + nudge},
                                  {"seen_closer", 1},
                                  {"unseen_closer", 0.5}},
                       .curves = {}};
    });
  };
  constexpr double kNever = kNaN;
  EXPECT_EQ(verdict_of(1.5, 100, 0.9), Verdict::kHolds);
  EXPECT_EQ(verdict_of(0.5, 100, 0.9), Verdict::kPart);
  EXPECT_EQ(verdict_of(0.5, kNever, 0.2), Verdict::kFails);  // nothing that is certain saves it
}

// The slowest of those that got there is faster than one that never did.
TEST(CurseOfDimensionality, ANetworkThatDivergedIsAsSlowAsOneThatNeverGotThere) {
  const auto saved = [](bool diverges) {
    const Finding finding = fake_finding("curse-of-dimensionality", [=](const std::string& setting, double) {
      const bool slow = setting == "network-20";
      if (slow && diverges) return JobResult{.values = {}, .curves = {}, .diverged = true};
      return JobResult{.values = {{"solved_at", slow ? kNaN : 1000}, {"unseen_return", 0.5}}, .curves = {}};
    });
    return finding.checks[1].by_seed;
  };
  EXPECT_EQ(saved(true).values, saved(false).values);
  EXPECT_NEAR(saved(true).values[0], std::log10(300), 1e-12);
  EXPECT_EQ(saved(true).diverged, static_cast<int64_t>(saved(true).values.size()));
  EXPECT_EQ(saved(false).diverged, 0);
}

}  // namespace
}  // namespace deepq::lab
