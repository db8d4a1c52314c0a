// Where results are kept between sessions: one JSON file for each job.
#pragma once

#include <optional>
#include <string>

#include "deepq/lab/experiment.h"

namespace deepq::lab {

// What a result is of. With it the program is named that computed it (source_hash.h): results of another program, of
// other settings or of another seed are never taken up.
struct JobName {
  std::string experiment, setting, config;
  bool quick = false;
  int64_t seed = 0;
};

// In `folder`. Empty when there is none yet, or when it is damaged or of something else than `job`.
std::optional<JobResult> read_job(const std::string& folder, const JobName& job);

// Throws deepq::Error when it cannot be written.
void write_job(const std::string& folder, const JobName& job, const JobResult& result);

}  // namespace deepq::lab
