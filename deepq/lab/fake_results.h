// Made-up results of an experiment, to test that its verdict follows from them.
#pragma once

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

inline Finding fake_finding(const std::string& name, bool quick, const FakeJob& fake) {
  const Experiment& experiment = find_experiment(name);
  Results results;
  results.quick = quick;
  for (const Setting& setting : experiment.settings(quick)) {
    results.settings.push_back(setting.name);
    for (int seed = 0; seed < 5; ++seed) results.jobs[setting.name].push_back(fake(setting.name, 0.001 * (seed - 2)));
  }
  return experiment.conclude(results);
}

inline Verdict fake_verdict(const std::string& name, bool quick, const FakeJob& fake) {
  return verdict(fake_finding(name, quick, fake).checks);
}

}  // namespace deepq::lab
