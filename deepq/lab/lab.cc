#include "deepq/lab/lab.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <nlohmann/json.hpp>

#include "deepq/core/divergence.h"
#include "deepq/core/error.h"
#include "deepq/lab/job_file.h"
#include "deepq/record/run_folder.h"
#include "deepq/train/job_pool.h"

namespace deepq::lab {
namespace {

struct Task {
  const Setting* setting;
  int64_t seed;
  JobResult result = {};
  double fraction = 0;  // done
};

// A run that diverges is a result of its seed, and no end of the experiment.
JobResult run_setting(const Setting& setting, const Job& job) try {
  return setting.run(job);
} catch (const Divergence&) {
  return {.values = {}, .curves = {}, .diverged = true};
}

// Works through the tasks. The first failure ends all.
class Runner {
 public:
  Runner(const Experiment& experiment, const LabOptions& options, std::string folder, std::vector<Task>& tasks)
      : experiment_(experiment), options_(options), folder_(std::move(folder)), tasks_(tasks) {}

  void run() {
    pool_.run(tasks_.size(), [this](size_t index) { do_task(tasks_[index]); });
  }

  size_t kept() const { return kept_; }  // that an earlier command had made

 private:
  void do_task(Task& task) {
    const JobName name{experiment_.name, task.setting->name, task.setting->config, options_.quick, task.seed};
    // An interrupted experiment goes on job by job.
    if (const auto done = read_job(folder_, name)) {
      task.result = *done;
      ++kept_;
    } else {
      const Job job{.seed = task.seed,
                    .quick = options_.quick,
                    .progress = [&](double fraction) { progress(task, fraction); },
                    .stop = options_.stop};
      // Asked before each job; long ones ask again as they report.
      job.check_stop();
      task.result = run_setting(*task.setting, job);
      write_job(folder_, name, task.result);
    }
    progress(task, 1);
  }

  void progress(Task& task, double fraction) {
    if (pool_.has_failed()) throw Stopped{};  // another job failed: no need to train to the end
    const std::lock_guard lock(mutex_);
    // The sum is kept up to date, not added up anew for hundreds of tasks.
    sum_ += fraction - task.fraction;
    task.fraction = fraction;
    if (options_.on_progress) options_.on_progress(sum_ / static_cast<double>(tasks_.size()));
  }

  const Experiment& experiment_;
  const LabOptions& options_;
  const std::string folder_;
  std::vector<Task>& tasks_;
  JobPool pool_{options_.jobs};
  std::atomic<size_t> kept_{0};
  std::mutex mutex_;  // guards the fractions and sum_
  double sum_ = 0;    // of the fractions
};

int64_t seeds_of(const Experiment& experiment, const LabOptions& options) {
  const int64_t seeds = options.seeds > 0 ? options.seeds : options.quick ? experiment.quick_seeds : experiment.seeds;
  // Two seeds make an interval; whether so few can decide anything is said on the page.
  const auto least = static_cast<int64_t>(stats::kLeastRuns);
  if (seeds < least)
    throw Error::of("--seeds is ", seeds, ", too few for an interval; ", experiment.name, " needs at least ", least);
  if (options.first_seed < 0 || options.first_seed > kLastFirstSeed)
    throw Error::of("--first-seed is ", options.first_seed, "; allowed: 0 to ", kLastFirstSeed);
  return seeds;
}

}  // namespace

const Experiment& find_experiment(const std::string& name) {
  std::vector<std::string> names;
  for (const Experiment& experiment : experiments()) {
    if (experiment.name == name) return experiment;
    names.push_back(experiment.name);
  }
  throw Error::of("unknown experiment '", name, "'", did_you_mean(name, names), "; `deepq lab` lists them");
}

LabReport run_experiment(const Experiment& experiment, const LabOptions& options) {
  const auto started = std::chrono::steady_clock::now();
  const int64_t seeds = seeds_of(experiment, options);
  const std::string folder = options.folder + "/" + experiment.name;
  const std::string jobs = folder + (options.quick ? "/jobs-quick" : "/jobs");
  std::error_code error;
  std::filesystem::create_directories(jobs, error);
  if (error) throw Error::of(jobs, ": cannot make the folder: ", error.message());

  const std::vector<Setting> settings = experiment.settings(options.quick);
  std::vector<Task> tasks;  // seed by seed, so that all settings are about equally far when one looks
  for (int64_t seed = 0; seed < seeds; ++seed) {
    for (const Setting& setting : settings) tasks.push_back({&setting, options.first_seed + seed});
  }
  Runner runner(experiment, options, jobs, tasks);
  runner.run();

  Results results;
  results.quick = options.quick;
  for (const Setting& setting : settings) results.settings.push_back(setting.name);
  for (Task& task : tasks) results.jobs[task.setting->name].push_back(std::move(task.result));
  LabReport report{.experiment = &experiment,
                   .quick = options.quick,
                   .seeds = seeds,
                   .first_seed = options.first_seed,
                   .seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count(),
                   .runs = tasks.size(),
                   .kept_runs = runner.kept(),
                   .machine = options.machine,
                   .finding = conclude(experiment, results),
                   .page = report_path(folder)};
  write_file_atomically(folder + "/report.json", report_json(report).dump(2) + "\n");
  write_file_atomically(folder + "/statements.csv", statements_csv(report.finding));
  write_file_atomically(folder + "/values.csv", values_csv(results, options.first_seed));
  write_file_atomically(report.page, report_page(report));
  // From all reports in the folder, so last.
  write_file_atomically(options.folder + "/index.html", index_page(options.folder));
  return report;
}

}  // namespace deepq::lab
