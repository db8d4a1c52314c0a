#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <numeric>

#include "deepq/compare/run_files.h"
#include "deepq/core/error.h"
#include "deepq/record/run_folder.h"

namespace deepq::compare {
namespace {

// "3.monitor.csv": the file of the fourth environment of make_vec_env.
bool is_rank(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  const std::string number = name.substr(0, name.find('.'));
  return !number.empty() && name == number + ".monitor.csv" &&
         std::all_of(number.begin(), number.end(), [](unsigned char c) { return std::isdigit(c); });
}

bool has_times(const Run& file) { return !std::isnan(file.began) && file.ended.size() == file.returns.size(); }

double last_end(const Run& file) {
  return std::accumulate(file.ended.begin(), file.ended.end(), file.began,
                         [](double a, double b) { return std::max(a, b); });
}

bool written_together(const Run& a, const Run& b) {
  // Their times overlap: copies of one vector, and not runs one after the other.
  return a.env == b.env && a.began <= last_end(b) && b.began <= last_end(a);
}

// An environment none of whose episodes has ended is of the run that began nearest to it.
void give_away(Run file, std::vector<std::vector<Run>>& runs) {
  std::vector<Run>* nearest = nullptr;
  const auto distance = [&](const std::vector<Run>& files) { return std::abs(files[0].began - file.began); };
  for (std::vector<Run>& files : runs) {
    if (!is_rank(files[0].source) || !has_times(files[0]) || files[0].env != file.env) continue;
    if (nearest == nullptr || distance(files) < distance(*nearest)) nearest = &files;
  }
  (nearest == nullptr ? runs.emplace_back() : *nearest).push_back(std::move(file));
}

// The episodes of all files by the time of their end; those that ended at one instant end at one step.
Run merged(const std::vector<Run>& files) {
  Run all;
  for (const Run& file : files) {
    all.notes.insert(all.notes.end(), file.notes.begin(), file.notes.end());
    all.returns.insert(all.returns.end(), file.returns.begin(), file.returns.end());
    all.lengths.insert(all.lengths.end(), file.lengths.begin(), file.lengths.end());
    all.ended.insert(all.ended.end(), file.ended.begin(), file.ended.end());
  }
  std::vector<size_t> order(all.returns.size());
  std::iota(order.begin(), order.end(), 0);
  // Stable: what ended at one instant stays in the files' order.
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return all.ended[a] < all.ended[b]; });
  Run run{.source = files[0].source + " and " + std::to_string(files.size() - 1) + " more",
          .env = files[0].env,
          .began = files[0].began,
          .notes = all.notes,
          .files = files.size()};
  // Steps of the whole vector at each end, as far as episodes tell: those under way elsewhere are not counted yet.
  double steps = 0;
  for (const size_t i : order) {
    steps += all.lengths[i];
    run.steps.push_back(steps);
    run.returns.push_back(all.returns[i]);
    run.lengths.push_back(all.lengths[i]);
    run.ended.push_back(all.ended[i]);
  }
  // From the end, so that all of an instant get the last one's step.
  for (size_t i = run.steps.size(); i-- > 1;)
    if (run.ended[i - 1] == run.ended[i]) run.steps[i - 1] = run.steps[i];
  return run;
}

}  // namespace

std::vector<Run> read_monitor_runs(const std::vector<std::string>& paths) {
  std::vector<std::vector<Run>> runs;  // the files of each
  std::vector<Run> empty;
  for (const std::string& path : paths) {
    Run file = parse_csv_run(read_file(path), path);
    // No episode, so no time of an end to tell by: given to the nearest run when all are known.
    if (file.returns.empty() && is_rank(path) && has_times(file)) {
      empty.push_back(std::move(file));
      continue;
    }
    const auto same_run = [&](const std::vector<Run>& files) {
      return is_rank(path) && has_times(file) && std::any_of(files.begin(), files.end(), [&](const Run& other) {
               return is_rank(other.source) && has_times(other) && written_together(file, other);
             });
    };
    const auto found = std::find_if(runs.begin(), runs.end(), same_run);
    (found == runs.end() ? runs.emplace_back() : *found).push_back(std::move(file));
  }
  for (Run& file : empty) give_away(std::move(file), runs);
  std::vector<Run> out;
  for (std::vector<Run>& files : runs) {
    out.push_back(files.size() == 1 ? std::move(files[0]) : merged(files));
    if (out.back().returns.empty()) throw Error::of(out.back().source, " holds no episode; a run needs at least one");
  }
  return out;
}

}  // namespace deepq::compare
