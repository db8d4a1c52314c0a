// Runs an experiment: all its settings and seeds side by side, then the conclusion and its page. What is done is kept,
// so an interrupted experiment goes on where it was.
#pragma once

#include <atomic>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "deepq/lab/experiment.h"

namespace deepq::lab {

// In the order of the chapter.
const std::vector<Experiment>& experiments();

// Throws deepq::Error that names the nearest.
const Experiment& find_experiment(const std::string& name);

struct LabOptions {
  std::string folder;  // FOLDER/NAME holds the page, the report as JSON, and the results
  int64_t seeds = 0;   // 0: as many as the experiment says
  // first_seed, first_seed + 1, ... A design that was changed after a look at its results is judged on fresh ones.
  int64_t first_seed = 0;
  bool quick = false;
  int64_t jobs = 1;          // side by side, one thread each
  std::string machine = {};  // for the page's foot
  const std::atomic<bool>* stop = nullptr;
  std::function<void(double fraction)> on_progress = {};  // 0 to 1; from any thread, one at a time
};

constexpr int64_t kLastFirstSeed = 1'000'000'000;  // experiments make larger numbers of their seeds

struct LabReport {
  const Experiment* experiment = nullptr;
  bool quick = false;
  int64_t seeds = 0, first_seed = 0;
  double seconds = 0;              // of this command
  size_t runs = 0, kept_runs = 0;  // of all settings; those that an earlier command had made, on whatever machine
  std::string machine;
  Finding finding;
  std::string page;  // the file
};

// Throws deepq::Error for too few seeds for an interval, a first seed beyond kLastFirstSeed and a folder that cannot be
// written; Stopped when options.stop turned true (what was done stays).
LabReport run_experiment(const Experiment& experiment, const LabOptions& options);

std::string verdict_line(const Finding& finding);           // "Verdict: holds in part", or that there is none
std::string title_text(const Finding& finding);             // "Holds in part: 4 of 7 statements hold"
std::string count_holds(const std::vector<Check>& checks);  // "4 of 7"
std::string seeds_text(const LabReport& report);            // "20 seeds for each setting, from 200"

std::string report_page(const LabReport& report);                    // HTML
nlohmann::ordered_json report_json(const LabReport& report);         // claim, design, verdict, checks, tables
std::string statements_csv(const Finding& finding);                  // a line for each statement
std::string values_csv(const Results& results, int64_t first_seed);  // a line for each number of each run

// The page that leads to those of all experiments whose report.json lies in FOLDER/NAME, in the chapter's order; what
// has not been run is listed with its command. Reports that cannot be read count as not run.
std::string index_page(const std::string& folder);

}  // namespace deepq::lab
