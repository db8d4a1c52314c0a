// Made-up results of an experiment, to test that its verdict follows from them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "deepq/lab/lab.h"

namespace deepq::lab {

// What a made-up job of this setting measured; `nudge` is small and another for each seed, so that intervals have a
// width.
using FakeJob = std::function<JobResult(const std::string& setting, double nudge)>;

// Jobs whose values are about value_of(setting, value) and whose curves are two points.
inline FakeJob fake_job(const std::vector<std::string>& values, const std::vector<std::string>& curves,
                        const std::function<double(const std::string& setting, const std::string& value)>& value_of) {
  return [=](const std::string& setting, double nudge) {
    JobResult job;
    for (const std::string& name : values) job.values[name] = value_of(setting, name) + nudge;
    for (const std::string& name : curves) job.curves[name] = {{1, 2}, {1, 2 + nudge}};
    return job;
  };
}

// Of as many seeds as the experiment says, so that what is clear can be decided.
inline Results fake_results(const Experiment& experiment, const FakeJob& fake) {
  Results results;
  for (const Setting& setting : experiment.settings(false)) {
    results.settings.push_back(setting.name);
    for (int64_t seed = 0; seed < experiment.seeds; ++seed)
      results.jobs[setting.name].push_back(
          fake(setting.name, 0.001 * static_cast<double>(seed - experiment.seeds / 2)));
  }
  return results;
}

// What holds for the figures of every experiment.
inline void expect_readable(const Finding& finding) {
  EXPECT_TRUE(finding.measured.ends_with(".")) << finding.measured;
  EXPECT_FALSE(finding.terms.empty());
  std::vector<page::Chart> charts = finding.charts;
  for (const Multiples& multiples : finding.multiples)
    charts.insert(charts.end(), multiples.charts.begin(), multiples.charts.end());
  for (const page::Chart& chart : charts) {
    EXPECT_NE(chart.spec.value("y", ""), "") << chart.title << " has no title of its y axis";
    const auto lines =
        std::ranges::count_if(chart.spec["series"], [](const auto& series) { return series["role"] == "line"; });
    EXPECT_LE(lines, 4) << chart.title << " draws more lines than can be told apart with their bands";
  }
  for (const page::Table& table : finding.tables) EXPECT_LE(table.columns.size(), 5u) << table.caption;
}

inline Finding fake_finding(const std::string& name, const FakeJob& fake) {
  const Experiment& experiment = find_experiment(name);
  Finding finding = conclude(experiment, fake_results(experiment, fake));
  expect_readable(finding);
  return finding;
}

inline Verdict fake_verdict(const std::string& name, const FakeJob& fake) {
  return verdict(fake_finding(name, fake).checks);
}

}  // namespace deepq::lab
