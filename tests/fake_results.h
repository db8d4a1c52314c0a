// Made-up results of an experiment of the lab, to see that its verdict follows from them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "deepq/lab/lab.h"

namespace deepq::test {

struct FakeNames {
  std::vector<std::string> values, curves;
};

// Every setting of the experiment with four seeds, whose values are about value_of(setting, name) and whose curves are
// two points. So an interval is as good as a number.
inline lab::Results fake_results(const lab::Experiment& experiment, const FakeNames& names,
                                 const std::function<double(const std::string&, const std::string&)>& value_of) {
  lab::Results results;
  for (const lab::Setting& setting : experiment.settings(true)) {
    results.settings.push_back(setting.name);
    for (int seed = 0; seed < 4; ++seed) {
      lab::JobResult job;
      for (const std::string& name : names.values) job.values[name] = value_of(setting.name, name) + 1e-3 * seed;
      for (const std::string& name : names.curves) job.curves[name] = {{1, 2}, {1, 2.0 + seed}};
      results.jobs[setting.name].push_back(job);
    }
  }
  return results;
}

}  // namespace deepq::test
