#include "deepq/nn/optimizer_config.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace deepq {
namespace {

TEST(LearningRate, EverySchedulesFormula) {
  OptimizerConfig config;
  config.learning_rate = 2;
  config.final_learning_rate_fraction = 0.25;
  const auto rates = [&](LearningRateSchedule schedule) {
    config.schedule = schedule;
    std::vector<double> all;
    for (const double fraction : {0.0, 0.25, 0.5, 1.0}) all.push_back(learning_rate_at(config, fraction));
    return all;
  };
  const auto expect = [&](LearningRateSchedule schedule, const std::vector<double>& expected) {
    for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(rates(schedule)[i], expected[i], 1e-12) << i;
  };
  expect(LearningRateSchedule::kLinear, {2, 1.625, 1.25, 0.5});
  expect(LearningRateSchedule::kCosine, {2, 0.5 + 1.5 * (2 + std::sqrt(2)) / 4, 1.25, 0.5});
  expect(LearningRateSchedule::kExponential, {2, std::sqrt(2), 1, 0.5});
}

}  // namespace
}  // namespace deepq
