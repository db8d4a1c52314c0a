// Made-up results, to test how an experiment concludes.
#pragma once

#include <functional>
#include <string>

#include "deepq/lab/lab.h"

namespace deepq::lab {

// What a made-up job of this setting measured; `nudge` is small and another for each seed, so that intervals have a
// width.
using FakeJob = std::function<JobResult(const std::string& setting, double nudge)>;

inline Results fake_results(const Experiment& experiment, bool quick, const FakeJob& fake) {
  Results results;
  results.quick = quick;
  for (const Setting& setting : experiment.settings(quick)) {
    results.settings.push_back(setting.name);
    for (int seed = 0; seed < 5; ++seed) results.jobs[setting.name].push_back(fake(setting.name, 0.001 * (seed - 2)));
  }
  return results;
}

inline Verdict fake_verdict(const std::string& name, bool quick, const FakeJob& fake) {
  const Experiment& experiment = find_experiment(name);
  return verdict(experiment.conclude(fake_results(experiment, quick, fake)).checks);
}

}  // namespace deepq::lab
