// Where results are kept between sittings: one JSON file for each job.
#pragma once

#include <optional>
#include <string>

#include "deepq/lab/experiment.h"

namespace deepq::lab {

struct JobName {
  std::string experiment, setting;
  int64_t seed = 0;
};

// In `folder`. Empty when there is none yet, or when it is damaged or of another version of deepq.
std::optional<JobResult> read_job(const std::string& folder, const JobName& job);

// Throws deepq::Error when it cannot be written.
void write_job(const std::string& folder, const JobName& job, const JobResult& result);

}  // namespace deepq::lab
