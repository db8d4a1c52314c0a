#include "deepq/record/metrics_window.h"

#include <gtest/gtest.h>

#include <utility>

namespace deepq {
namespace {

MetricsRecord at(int64_t env_steps, int64_t updates, double seconds) {
  MetricsRecord now;
  now.env_steps = env_steps;
  now.updates = updates;
  now.seconds = seconds;
  return now;
}

TEST(MetricsWindow, MeansAndTheLargestOfItsUpdates) {
  MetricsWindow window;
  window.add({.loss = 1, .mean_q = -2, .max_abs_q = 5, .grad_norm = 10});
  window.add({.loss = 3, .mean_q = -4, .max_abs_q = 4, .grad_norm = 30});
  EXPECT_EQ(window.updates(), 2);
  const MetricsRecord record = window.take(at(7, 2, 1), {});
  EXPECT_EQ(record.loss, 2);
  EXPECT_EQ(record.mean_q, -3);
  EXPECT_EQ(record.max_abs_q, 5);
  EXPECT_EQ(record.grad_norm, 20);
  EXPECT_EQ(record.env_steps, 7);
  window.add({.loss = 8, .max_abs_q = 1});  // nothing of before is left
  const MetricsRecord next = window.take(at(8, 3, 2), {});
  EXPECT_EQ(next.loss, 8);
  EXPECT_EQ(next.max_abs_q, 1);
}

TEST(MetricsWindow, QuantilesOfTheLastBatchAsNumpyGivesThem) {
  const auto of = [](std::vector<float> errors) {
    MetricsWindow window;
    window.add({});
    const MetricsRecord record = window.take(at(1, 1, 1), errors);
    return std::pair(record.td_error_median, record.td_error_p90);
  };
  EXPECT_EQ(of({10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}), std::pair(5.0, 9.0));
  EXPECT_EQ(of({4, 2}).first, 3);
  EXPECT_NEAR(of({4, 2}).second, 3.8, 1e-12);
  EXPECT_EQ(of({1, 8, 2, 4}).first, 3);
  EXPECT_NEAR(of({1, 8, 2, 4}).second, 6.8, 1e-12) << "numpy.quantile([1, 8, 2, 4], 0.9)";
  EXPECT_EQ(of({0.25f}), std::pair(0.25, 0.25)) << "a table's";
  EXPECT_EQ(of({}), std::pair(0.0, 0.0));
}

TEST(MetricsWindow, RatesSinceTheRecordBefore) {
  MetricsWindow window;
  window.add({});
  MetricsRecord record = window.take(at(1'000, 100, 2), {});
  EXPECT_EQ(record.env_steps_per_second, 500);
  EXPECT_EQ(record.updates_per_second, 50);
  window.add({});
  record = window.take(at(1'400, 200, 2.5), {});
  EXPECT_EQ(record.env_steps_per_second, 800);
  EXPECT_EQ(record.updates_per_second, 200);
  window.add({});
  EXPECT_EQ(window.take(at(1'500, 300, 2.5), {}).updates_per_second, 0);  // no time has passed
  window.count_rates_from(5'000, 1'000, 10);                              // a resume
  window.add({});
  EXPECT_EQ(window.take(at(5'100, 1'100, 11), {}).updates_per_second, 100);
}

TEST(MetricsWindow, GoesOnAsSaved) {
  MetricsWindow saved, loaded;
  saved.add({.loss = 1, .mean_q = 2, .max_abs_q = 3, .grad_norm = 4});
  Archive saving;
  saved.serialize(saving);
  Archive loading(saving.tensors());
  loaded.serialize(loading);
  for (MetricsWindow* window : {&saved, &loaded}) window->add({.loss = 2, .mean_q = 3, .max_abs_q = 2, .grad_norm = 5});
  const MetricsRecord a = saved.take(at(1, 2, 3), {}), b = loaded.take(at(1, 2, 3), {});
  EXPECT_EQ(a.loss, b.loss);
  EXPECT_EQ(a.mean_q, b.mean_q);
  EXPECT_EQ(a.max_abs_q, b.max_abs_q);
  EXPECT_EQ(a.grad_norm, b.grad_norm);
}

}  // namespace
}  // namespace deepq
