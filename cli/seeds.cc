#include "cli/seeds.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/console.h"
#include "cli/group.h"
#include "cli/output.h"
#include "cli/single_run.h"
#include "cli/text.h"
#include "deepq/core/error.h"
#include "deepq/core/finite.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"
#include "deepq/record/run_status.h"
#include "deepq/report/report.h"
#include "deepq/stats/bootstrap.h"
#include "deepq/train/job_pool.h"

namespace deepq::cli {
namespace {

struct Row {
  double best_100 = 0, last_100 = 0, first_episode_solved = 0, evaluation = 0, seconds = 0;
};

Row row_of(const RunSummary& summary) {
  return {.best_100 = summary.best_100_mean_return,
          .last_100 = summary.last_100_mean_return,
          .first_episode_solved =
              summary.first_episode_solved > 0 ? static_cast<double>(summary.first_episode_solved) : kNaN,
          .evaluation = summary.eval_mean_return,
          .seconds = summary.seconds};
}

// Means over the runs; of first_episode_solved over those that were solved.
Row mean_row(const std::vector<RunSummary>& summaries) {
  const auto mean = [&](double Row::*column) {
    double sum = 0;
    int64_t count = 0;
    for (const RunSummary& summary : summaries) {
      const double value = row_of(summary).*column;
      if (value != value) continue;  // NaN: not solved, or not evaluated
      sum += value;
      ++count;
    }
    return count == 0 ? kNaN : sum / static_cast<double>(count);
  };
  return {mean(&Row::best_100), mean(&Row::last_100), mean(&Row::first_episode_solved), mean(&Row::evaluation),
          mean(&Row::seconds)};
}

// The evaluations after training, of the runs that have one.
std::vector<double> evaluated(const std::vector<RunSummary>& summaries) {
  std::vector<double> values;
  for (const RunSummary& summary : summaries)
    if (std::isfinite(summary.eval_mean_return)) values.push_back(summary.eval_mean_return);
  return values;
}

// Of these evaluations; none of less than two.
std::optional<stats::Interval> evaluation_iqm(const std::vector<RunSummary>& summaries) {
  const std::vector<double> values = evaluated(summaries);
  if (values.size() < stats::kLeastRuns) return std::nullopt;
  return stats::iqm_interval(values);
}

int64_t solved_count(const std::vector<RunSummary>& summaries) {
  return std::count_if(summaries.begin(), summaries.end(),
                       [](const RunSummary& summary) { return summary.first_episode_solved > 0; });
}

void show_row(Screen& screen, const std::string& name, const Row& row) {
  screen.line(right_aligned(name, 6) + right_aligned(score(row.best_100), 12) + right_aligned(score(row.last_100), 12) +
              right_aligned(fixed(row.first_episode_solved, 0), 12) + right_aligned(score(row.evaluation), 13) +
              right_aligned(fixed(row.seconds, 1), 10));
}

class SeedRunner {
 public:
  SeedRunner(const SeedPlan& plan, Screen& screen, const std::atomic<bool>& stop)
      : plan_(plan), screen_(screen), stop_(stop), progress_(screen, plan.jobs.size(), seconds_now) {}

  SeedResults run() {
    for (const RunSummary& summary : plan_.finished) show_row(screen_, std::to_string(summary.seed), row_of(summary));
    // Runs that had finished before count in means and report as those of now do.
    results_.summaries = plan_.finished;
    // Blocks until the jobs that have begun are done; after a signal no other begins.
    const size_t begun =
        JobPool(plan_.at_a_time)
            .run(
                plan_.jobs.size(), [this](size_t index) { do_job(index); }, [this] { return stop_.load(); });
    std::sort(results_.summaries.begin(), results_.summaries.end(),
              [](const RunSummary& a, const RunSummary& b) { return a.seed < b.seed; });
    std::sort(results_.failures.begin(), results_.failures.end(),
              [](const SeedFailure& a, const SeedFailure& b) { return a.seed < b.seed; });
    // Ctrl-C: jobs are begun in order, so the rest is the end of the list.
    for (size_t i = begun; i < plan_.jobs.size(); ++i) results_.not_begun.push_back(seed_of(i));
    results_.stopped |= !results_.not_begun.empty();
    return std::move(results_);
  }

 private:
  // A seed that fails ends only itself.
  void do_job(size_t index) {
    try {
      run_one(index);
    } catch (const Error& error) {
      fail(index, error.what(), true);  // deepq::Error is the user's to mend: exit status 2, else 1
    } catch (const std::exception& error) {
      fail(index, error.what(), false);
    }
    progress_.finish(index);
  }

  int64_t seed_of(size_t index) const { return plan_.jobs[index].config.train.seed; }

  void run_one(size_t index) {
    const SeedJob& job = plan_.jobs[index];
    const std::string name = std::to_string(seed_of(index));
    Console console(progress_, index, job.config, job.resumes ? earlier_returns(job.folder) : std::vector<double>{});
    // The lines of several runs would be mixed up.
    console.print_episodes(false);
    const RunOptions options{
        .folder = job.folder,
        .stop = &stop_,
        .observers = {&console},
        .notice = [&](const std::string& text) { screen_.line("note: seed " + name + ": " + text); },
        .env_steps = job.env_steps};
    RunSummary summary = job.resumes ? resume_run(options) : start_run(job.config, options);
    // Training itself runs without a lock: runs share nothing else.
    const std::lock_guard lock(mutex_);
    show_row(screen_, name, row_of(summary));
    results_.stopped |= summary.stopped_by == "signal";
    results_.summaries.push_back(std::move(summary));
  }

  void fail(size_t index, const std::string& message, bool user_error) {
    const std::lock_guard lock(mutex_);
    const std::string seed = std::to_string(seed_of(index));
    screen_.line(right_aligned(seed, 6) + "   failed: " + message);
    results_.failures.push_back({seed_of(index), message, user_error});
  }

  const SeedPlan& plan_;
  Screen& screen_;
  const std::atomic<bool>& stop_;
  Progress progress_;
  std::mutex mutex_;
  SeedResults results_;
};

size_t begun(const SeedResults& results) { return results.summaries.size() + results.failures.size(); }

// "failed: seed 2 (the loss is nan)"; "" when none did.
std::string failures_text(const SeedResults& results) {
  std::vector<std::string> parts;
  for (const SeedFailure& failure : results.failures)
    parts.push_back("seed " + std::to_string(failure.seed) + " (" + failure.message + ")");
  return parts.empty() ? "" : "failed: " + join(parts);
}

// Failures alone know no threshold; that none was solved is true of them too.
bool can_be_solved(const SeedResults& results) {
  return results.summaries.empty() || results.summaries.front().can_be_solved();
}

std::string of_those_that_ended(const SeedResults& results) {
  if (results.failures.empty()) return "";
  return "; of the " + std::to_string(results.summaries.size()) + " of " + std::to_string(begun(results)) +
         " seeds that did not fail";
}

// The group's: of all seeds in the folder. Runs that do not fit together are no reason to fail now.
void write_report(Screen& screen, const std::string& folder) {
  const std::string report = report_path(folder);
  try {
    write_group_report(folder, report);
  } catch (const Error& error) {
    screen.line("note: no report of all seeds: " + std::string(error.what()));
    return;
  }
  screen.line("Report: " + report);
}

void show_evaluation(Screen& screen, const stats::Interval& iqm, const SeedResults& results) {
  screen.line("Evaluation: IQM " + score(iqm.value) + " [" + score(iqm.low) + ", " + score(iqm.high) + "], " +
              stats::interval_name(evaluated(results.summaries).size()) + of_those_that_ended(results));
  if (results.summaries.front().eval_agent == "best")
    screen.line("            each seed by its best agent in training");
}

void show_end(Screen& screen, const SeedResults& results, const SeedPlan& plan) {
  if (!results.summaries.empty()) show_row(screen, "mean", mean_row(results.summaries));
  screen.line("");
  if (const auto iqm = evaluation_iqm(results.summaries)) show_evaluation(screen, *iqm, results);
  const std::string failed = failures_text(results);
  if (can_be_solved(results))
    screen.line("Solved: " + std::to_string(solved_count(results.summaries)) + " of " + std::to_string(begun(results)) +
                " seeds" + (failed.empty() ? "" : "; " + failed));
  else if (!failed.empty())
    // "failed: ..." with a capital letter, as it opens the line.
    screen.line("F" + failed.substr(1) + ", of " + std::to_string(begun(results)) + " seeds");
  if (const auto& left = results.not_begun; !left.empty())
    screen.line("Not begun: " + std::to_string(left.size()) + " of the seeds, from " + std::to_string(left.front()) +
                " on");
  if (results.stopped) screen.line("To go on with all of them: deepq resume " + plan.folder);
}

}  // namespace

SeedPlan plan_seeds(const std::string& folder, const RunConfig& config, int64_t count) {
  require_no_run(folder);
  SeedPlan plan{.folder = folder};
  for (int64_t i = 0; i < count; ++i) {
    RunConfig one = config;
    one.train.seed += i;
    const std::string seed = seed_folder(folder, one.train.seed);
    plan.jobs.push_back({.config = std::move(one), .folder = seed});
    // All folders are looked at before the first run begins.
    if (path_exists(config_path(seed)))
      throw Error::of(seed, " already holds a run; to go on with the group: deepq resume ", folder,
                      "; otherwise choose another folder");
  }
  return plan;
}

SeedPlan plan_rest(const std::string& folder, int64_t env_steps) {
  SeedPlan plan{.folder = folder};
  GroupPlan noted = read_plan(folder);
  // The length that is asked for now, or was before and not reached; 0: the run's own.
  const auto length_of = [&](const RunConfig& config) {
    if (env_steps > 0) return env_steps;
    const auto found = noted.lengths.find(config.train.seed);
    return found != noted.lengths.end() && found->second > config.train.env_steps ? found->second : 0;
  };
  std::vector<int64_t> begun;
  for (const std::string& run : run_folders(folder)) {
    if (run == folder) break;  // none was begun
    const RunStatus status = run_status(run);
    if (RunLock::is_held(run)) throw Error::of(run, " is in use: another deepq is training in it");
    RunConfig config = from_toml(read_file(config_path(run)), config_path(run));
    if (std::find(begun.begin(), begun.end(), config.train.seed) != begun.end()) {
      plan.notes.push_back(run + " is a second run of seed " + std::to_string(config.train.seed) + ": it is left out");
      continue;
    }
    begun.push_back(config.train.seed);
    const int64_t length = length_of(config);
    // A run that reached its old length is not done where a longer one has been asked for since.
    if (status.finished() && (length == 0 || status.summary->env_steps >= length)) {
      plan.finished.push_back(*status.summary);
      continue;
    }
    if (length > 0) config.train.set_length(length);
    plan.jobs.push_back({.config = config, .folder = run, .resumes = true, .env_steps = length});
  }
  // Seeds of the plan that were never begun: interrupted before their turn.
  for (RunConfig& config : noted.runs) {
    // Run folders say what was begun, and count more than the plan does.
    if (std::find(begun.begin(), begun.end(), config.train.seed) != begun.end()) continue;
    if (const int64_t length = length_of(config); length > 0) config.train.set_length(length);
    plan.jobs.push_back({.config = config, .folder = seed_folder(folder, config.train.seed)});
  }
  std::stable_sort(plan.jobs.begin(), plan.jobs.end(),  // begun and not begun together, by seed
                   [](const SeedJob& a, const SeedJob& b) { return a.config.train.seed < b.config.train.seed; });
  return plan;
}

SeedResults run_seeds(const SeedPlan& plan, Screen& screen, const std::atomic<bool>& stop) {
  screen.line("");
  screen.line("  seed    best 100    last 100   solved at   evaluation   seconds");
  SeedResults results = SeedRunner(plan, screen, stop).run();
  // Stopped before the first: no means and no page.
  if (begun(results) == 0) return results;
  show_end(screen, results, plan);
  if (!results.summaries.empty()) write_report(screen, plan.folder);
  return results;
}

nlohmann::ordered_json seeds_json(const SeedResults& results, const std::string& folder) {
  auto runs = nlohmann::ordered_json::array();
  for (const RunSummary& summary : results.summaries)
    runs.push_back(summary_json(summary, seed_folder(folder, summary.seed)));
  const Row mean = mean_row(results.summaries);  // NaN becomes null
  nlohmann::ordered_json iqm;                    // null
  if (const auto of = evaluation_iqm(results.summaries))
    iqm = {{"value", of->value},
           {"low", of->low},
           {"high", of->high},
           {"enough_runs", evaluated(results.summaries).size() >= stats::kRecommendedRuns}};
  auto failed = nlohmann::ordered_json::array();
  for (const SeedFailure& failure : results.failures)
    failed.push_back({{"seed", failure.seed}, {"error", failure.message}});
  return {{"folder", folder},
          {"runs", runs},
          {"seeds", begun(results)},
          {"solved", solved_count(results.summaries)},
          {"failed", failed},
          {"not_begun", results.not_begun},
          {"mean",
           {{"best_100_mean_return", mean.best_100},
            {"last_100_mean_return", mean.last_100},
            {"first_episode_solved", mean.first_episode_solved},
            {"eval_mean_return", mean.evaluation},
            {"seconds", mean.seconds}}},
          {"eval_iqm", iqm}};
}

}  // namespace deepq::cli
