#include "deepq/lab/experiment.h"

#include <limits>

#include "deepq/core/error.h"

namespace deepq::lab {

void Job::check_stop() const {
  if (stop != nullptr && *stop) throw Stopped{};
}

std::vector<double> Results::values(const std::string& setting, const std::string& name) const {
  std::vector<double> all;
  for (const JobResult& result : jobs.at(setting)) {
    const auto value = result.values.find(name);
    all.push_back(value == result.values.end() ? std::numeric_limits<double>::quiet_NaN() : value->second);
  }
  return all;
}

std::vector<Curve> Results::curves(const std::string& setting, const std::string& name) const {
  std::vector<Curve> all;
  for (const JobResult& result : jobs.at(setting)) {
    const auto curve = result.curves.find(name);
    DEEPQ_ASSERT(curve != result.curves.end());
    all.push_back(curve->second);
  }
  return all;
}

}  // namespace deepq::lab
