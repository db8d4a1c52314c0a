#include "deepq/lab/experiment.h"

#include "deepq/core/error.h"
#include "deepq/core/finite.h"
#include "deepq/lab/chart_gaps.h"

namespace deepq::lab {
namespace {

// Stands for the curve of a run that diverged: of another seed's x, or of another setting's where all diverged.
Curve empty_curve_like(const Results& results, const std::string& setting, const std::string& name) {
  std::vector<std::string> settings = results.settings;
  settings.insert(settings.begin(), setting);
  for (const std::string& other : settings) {
    for (const JobResult& job : results.jobs.at(other)) {
      const auto curve = job.curves.find(name);
      if (curve != job.curves.end()) return {curve->second.x, std::vector<double>(curve->second.x.size(), kNaN)};
    }
  }
  // All runs of all settings diverged: an empty chart.
  return {{0, 1}, {kNaN, kNaN}};
}

std::string diverged_note(const Results& results) {
  std::vector<std::string> parts;
  for (const std::string& setting : results.settings) {
    // By setting, with the number of seeds: "naive-CartPole 2 of 20".
    if (const int64_t count = results.diverged(setting); count > 0)
      parts.push_back(setting + " " + std::to_string(count) + " of " + std::to_string(results.seeds()));
  }
  if (parts.empty()) return "";
  return "Training diverged until its numbers were no longer finite: " + join(parts) +
         ". In statements such a run counts as the worst of all that it is compared with, or as one that did not reach "
         "what was asked; means and curves are those of the other runs, and tables say of how many.";
}

}  // namespace

void Job::check_stop() const {
  if (stop != nullptr && *stop) throw Stopped{};
}

std::vector<double> Results::values(const std::string& setting, const std::string& name) const {
  std::vector<double> all;
  for (const JobResult& result : jobs.at(setting)) {
    const auto value = result.values.find(name);
    // What was not measured and what diverged are both NaN here; outcomes.h tells them apart.
    all.push_back(result.diverged || value == result.values.end() ? kNaN : value->second);
  }
  return all;
}

std::vector<Curve> Results::curves(const std::string& setting, const std::string& name) const {
  std::vector<Curve> all;
  for (const JobResult& result : jobs.at(setting)) {
    const auto curve = result.curves.find(name);
    DEEPQ_ASSERT(result.diverged || curve != result.curves.end());
    all.push_back(result.diverged ? empty_curve_like(*this, setting, name) : curve->second);
  }
  return all;
}

int64_t Results::diverged(const std::string& setting) const {
  int64_t count = 0;
  for (const JobResult& result : jobs.at(setting)) count += result.diverged;
  return count;
}

Finding conclude(const Experiment& experiment, const Results& results) {
  Finding finding = experiment.figures(results);
  finding.quick = results.quick;
  // Tests first, over all statements together, then the intervals that are shown beside them.
  finding.checks = experiment.checks(results);
  decide(finding.checks);
  show(finding.checks);
  for (page::Chart& chart : finding.charts) explain_gaps(chart);
  for (Multiples& multiples : finding.multiples)
    for (page::Chart& chart : multiples.charts) explain_gaps(chart);
  if (const std::string note = diverged_note(results); !note.empty()) finding.cautions.push_back(note);
  if (!finding.quick && !can_decide(results.seeds(), finding.checks.size()))
    finding.cautions.push_back("With " + std::to_string(results.seeds()) + " seeds none of " +
                               std::to_string(finding.checks.size()) +
                               " statements can be decided, whatever was measured: take more.");
  return finding;
}

std::optional<Verdict> verdict(const Finding& finding) {
  if (finding.quick) return std::nullopt;
  return verdict(finding.checks);
}

}  // namespace deepq::lab
