// What an experiment found, as JSON and as tables: report.json, statements.csv, values.csv.
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "deepq/core/error.h"
#include "deepq/core/version.h"
#include "deepq/lab/lab.h"
#include "deepq/record/csv_text.h"

namespace deepq::lab {
namespace {

nlohmann::ordered_json check_json(const Check& check, bool decided) {
  using nlohmann::ordered_json;
  ordered_json values = ordered_json::array();
  // JSON knows no infinity: of a run that diverged it is the text "inf" or "-inf"; null: not measured.
  for (const double value : check.by_seed.values)
    values.push_back(std::isnan(value)      ? ordered_json()
                     : std::isfinite(value) ? ordered_json(value)
                                            : ordered_json(number_text(value)));
  ordered_json json = {{"statement", check.statement},
                       {"quantity", check.quantity},
                       {"value", check.interval.value},
                       {"low", check.interval.low},
                       {"high", check.interval.high},
                       {"claimed", check.above ? "above" : "below"},
                       {"threshold", check.threshold},
                       {"by_seed", values},
                       {"diverged", check.by_seed.diverged},
                       {"test", decider_text(check.decider)},
                       {"p", check.p},
                       {"adjusted_p", check.adjusted_p},
                       {"answer", answer_text(check.answer())},
                       {"text", check.text()}};
  // A quick version has numbers and no answers.
  if (decided) return json;
  for (const char* key : {"p", "adjusted_p", "answer"}) json[key] = nullptr;
  json["text"] = check.number_text();
  return json;
}

std::string csv_row(const std::vector<std::string>& cells) {
  std::vector<std::string> row;
  for (const std::string& cell : cells) row.push_back(csv_cell(cell));
  return join(row, ",") + "\n";
}

}  // namespace

nlohmann::ordered_json report_json(const LabReport& report) {
  using nlohmann::ordered_json;
  const Finding& finding = report.finding;
  std::vector<std::string> notes = finding.notes;
  notes.insert(notes.end(), finding.cautions.begin(), finding.cautions.end());
  ordered_json checks = ordered_json::array(), tables = ordered_json::array();
  const std::optional<Verdict> decided = verdict(finding);
  for (const Check& check : finding.checks) checks.push_back(check_json(check, decided.has_value()));
  for (const page::Table& table : finding.tables)
    tables.push_back({{"caption", table.caption}, {"columns", table.columns}, {"rows", table.rows}});
  return {{"deepq_version", version()},
          {"experiment", report.experiment->name},
          {"chapter", kChapter},
          {"section", report.experiment->section},
          {"claim", report.experiment->claim},
          {"question", report.experiment->question},
          {"because", report.experiment->because},
          {"design", report.experiment->design},
          {"measured", finding.measured},
          {"quick", report.quick},
          {"seeds", report.seeds},
          {"seeds_of_the_experiment", report.experiment->seeds},
          {"first_seed", report.first_seed},
          // The time of this command is that of the runs only where it made them all.
          {"seconds", report.kept_runs > 0 ? ordered_json() : ordered_json(report.seconds)},
          {"verdict", decided ? ordered_json(verdict_text(*decided)) : ordered_json()},
          {"checks", checks},
          {"certain", finding.facts},
          {"tables", tables},
          {"notes", notes},
          {"page", report.page}};
}

std::string statements_csv(const Finding& finding) {
  const bool decided = verdict(finding).has_value();
  std::string csv = csv_row(
      {"statement", "quantity", "value", "low", "high", "claimed", "threshold", "test", "p", "adjusted_p", "answer"});
  for (const Check& check : finding.checks) {
    const auto number = [](double value) { return number_text(value); };
    csv += csv_row({check.statement, check.quantity, number(check.interval.value), number(check.interval.low),
                    number(check.interval.high), check.above ? "above" : "below", number(check.threshold),
                    decider_text(check.decider), decided ? number(check.p) : "",
                    decided ? number(check.adjusted_p) : "", decided ? answer_text(check.answer()) : ""});
  }
  return csv;
}

std::string values_csv(const Results& results, int64_t first_seed) {
  std::string csv = csv_row({"setting", "seed", "name", "value"});
  for (const std::string& setting : results.settings) {
    const std::vector<JobResult>& jobs = results.jobs.at(setting);
    for (size_t i = 0; i < jobs.size(); ++i) {
      const std::string seed = std::to_string(first_seed + static_cast<int64_t>(i));
      // A run that diverged has no values, so that its row says so.
      if (jobs[i].diverged) csv += csv_row({setting, seed, "diverged", "1"});
      for (const auto& [name, value] : jobs[i].values) csv += csv_row({setting, seed, name, number_text(value)});
    }
  }
  return csv;
}

}  // namespace deepq::lab
