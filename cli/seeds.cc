#include "cli/seeds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "cli/console.h"
#include "cli/output.h"
#include "cli/text.h"
#include "deepq/core/error.h"
#include "deepq/stats/bootstrap.h"
#include "deepq/train/files.h"
#include "deepq/train/report.h"
#include "deepq/train/run_folder.h"

namespace deepq::cli {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

std::string seed_folder(const std::string& folder, int64_t seed) { return folder + "/seed-" + std::to_string(seed); }

struct Row {
  double best_100 = 0, last_100 = 0, first_episode_solved = 0, evaluation = 0, seconds = 0;
};

Row row_of(const RunSummary& summary) {
  return {.best_100 = summary.best_100_mean_return,
          .last_100 = summary.last_100_mean_return,
          .first_episode_solved =
              summary.first_episode_solved > 0 ? static_cast<double>(summary.first_episode_solved) : kNone,
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
      if (value != value) continue;
      sum += value;
      ++count;
    }
    return count == 0 ? kNone : sum / static_cast<double>(count);
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
  screen.line(right_aligned(name, 6) + right_aligned(fixed(row.best_100, 1), 12) +
              right_aligned(fixed(row.last_100, 1), 12) + right_aligned(fixed(row.first_episode_solved, 0), 12) +
              right_aligned(fixed(row.evaluation, 1), 13) + right_aligned(fixed(row.seconds, 1), 10));
}

void require_no_runs(const SeedPlan& plan) {
  for (int64_t i = 0; i < plan.count; ++i) {
    const std::string folder = seed_folder(plan.folder, plan.config.train.seed + i);
    if (path_exists(config_path(folder)))
      throw Error::of(folder, " already holds a run; resume it or choose another folder");
  }
}

class SeedRunner {
 public:
  SeedRunner(const SeedPlan& plan, Screen& screen, const std::atomic<bool>& stop)
      : plan_(plan), screen_(screen), stop_(stop), progress_(screen, static_cast<size_t>(plan.count), seconds_now) {}

  SeedResults run() {
    std::vector<std::jthread> threads;
    for (int64_t i = 0; i < plan_.jobs; ++i) threads.emplace_back([this] { work(); });
    threads.clear();  // joins
    std::sort(results_.summaries.begin(), results_.summaries.end(),
              [](const RunSummary& a, const RunSummary& b) { return a.seed < b.seed; });
    std::sort(results_.failures.begin(), results_.failures.end(),
              [](const SeedFailure& a, const SeedFailure& b) { return a.seed < b.seed; });
    for (int64_t i = begun_; i < plan_.count; ++i) results_.not_begun.push_back(plan_.config.train.seed + i);
    results_.stopped |= !results_.not_begun.empty();
    return std::move(results_);
  }

 private:
  void work() {
    for (int64_t index = next(); index < plan_.count; index = next()) {
      try {
        run_one(index);
      } catch (const Error& error) {
        fail(index, error.what(), true);
      } catch (const std::exception& error) {
        fail(index, error.what(), false);
      }
      progress_.finish(static_cast<size_t>(index));
    }
  }

  // The next seed to begin; plan_.count: none.
  int64_t next() {
    const std::lock_guard lock(mutex_);
    return stop_ || begun_ == plan_.count ? plan_.count : begun_++;
  }

  void run_one(int64_t index) {
    RunConfig config = plan_.config;
    config.train.seed += index;
    const std::string name = std::to_string(config.train.seed);
    Console console(progress_, static_cast<size_t>(index), config);
    console.print_episodes(false);
    RunSummary summary = start_run(
        config, {.folder = seed_folder(plan_.folder, config.train.seed),
                 .stop = &stop_,
                 .observers = {&console},
                 .notice = [&](const std::string& text) { screen_.line("note: seed " + name + ": " + text); }});
    const std::lock_guard lock(mutex_);
    show_row(screen_, name, row_of(summary));
    results_.stopped |= summary.stopped_by == "signal";
    results_.summaries.push_back(std::move(summary));
  }

  void fail(int64_t index, const std::string& message, bool users_error) {
    const std::lock_guard lock(mutex_);
    const std::string seed = std::to_string(plan_.config.train.seed + index);
    screen_.line(right_aligned(seed, 6) + "   failed: " + message);
    results_.failures.push_back({plan_.config.train.seed + index, message, users_error});
  }

  const SeedPlan& plan_;
  Screen& screen_;
  const std::atomic<bool>& stop_;
  Progress progress_;
  std::mutex mutex_;
  int64_t begun_ = 0;
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
  const std::string report = folder + "/report.html";
  try {
    write_file_atomically(report, make_report(run_folders(folder)));
  } catch (const Error& error) {
    screen.line("note: no report of all seeds: " + std::string(error.what()));
    return;
  }
  screen.line("Report: " + report);
}

void show_end(Screen& screen, const SeedResults& results, const SeedPlan& plan) {
  if (!results.summaries.empty()) show_row(screen, "mean", mean_row(results.summaries));
  screen.line("");
  if (const auto iqm = evaluation_iqm(results.summaries))
    screen.line("Evaluation: IQM " + fixed(iqm->value, 1) + " [" + fixed(iqm->low, 1) + ", " + fixed(iqm->high, 1) +
                "], " + stats::interval_name(evaluated(results.summaries).size()) + of_those_that_ended(results) +
                (plan.config.eval.keep_best ? "; each seed by its best agent in training" : ""));
  const std::string failed = failures_text(results);
  if (can_be_solved(results))
    screen.line("Solved: " + std::to_string(solved_count(results.summaries)) + " of " + std::to_string(begun(results)) +
                " seeds" + (failed.empty() ? "" : "; " + failed));
  else if (!failed.empty())
    screen.line("F" + failed.substr(1) + ", of " + std::to_string(begun(results)) + " seeds");
  for (const RunSummary& summary : results.summaries)
    if (summary.stopped_by == "signal") screen.line("To go on: deepq resume " + seed_folder(plan.folder, summary.seed));
  if (const auto& left = results.not_begun; !left.empty())
    screen.line("Not begun: seeds from " + std::to_string(left.front()) + " on; the same command with --seed " +
                std::to_string(left.front()) + " --seeds " + std::to_string(left.size()) + " trains them");
}

}  // namespace

SeedResults run_seeds(const SeedPlan& plan, Screen& screen, const std::atomic<bool>& stop) {
  require_no_runs(plan);
  screen.line("");
  screen.line("  seed    best 100    last 100   solved at   evaluation   seconds");
  SeedResults results = SeedRunner(plan, screen, stop).run();
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
