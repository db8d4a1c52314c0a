#include "deepq/record/records_text.h"

#include "deepq/config/tag_names.h"
#include "deepq/record/observer.h"
#include "deepq/record/records.h"
#include "deepq/record/summary.h"

namespace deepq {
namespace {

std::string cell(const std::string& text) { return text.empty() ? " |" : " " + text + " |"; }

std::string code(std::string_view text) { return text.empty() ? "" : "`" + std::string(text) + "`"; }

std::string row(const RecordField& field) {
  std::string line = "|" + cell(code(field.name)) +
                     cell(std::string(field.doc) + (field.only_in_callbacks ? " (callbacks alone)" : ""));
  for (const TagNames names : {TagNames::kDeepq, TagNames::kStableBaselines3, TagNames::kCleanRl})
    line += cell(code(tag_of(field, names)));
  return line + "\n";
}

std::string block(const std::string& name, const std::string& table) {
  return "<!-- records: " + name + " -->\n\n" + table + "\n<!-- end -->\n";
}

// `more`: the scalars that only TensorBoard's files have.
template <class Record>
std::string table_of(std::initializer_list<RecordField> more = {}) {
  std::string table = "| name | meaning and unit | `deepq` | `sb3` | `cleanrl` |\n|---|---|---|---|---|\n";
  const Record record{};
  visit_fields(record, [&](const RecordField& field, const auto&) { table += row(field); });
  for (const RecordField& field : more) table += row(field);
  return table;
}

std::string table_of_summary() {
  std::string table = "| key | meaning |\n|---|---|\n";
  const RunSummary summary;
  visit_fields(summary, [&](const RecordField& field, const auto&, bool) {
    table += "|" + cell(code(field.name)) + cell(std::string(field.doc)) + "\n";
  });
  return table;
}

}  // namespace

std::string records_markdown() {
  return block("episode", table_of<EpisodeRecord>({kMeanReturnOf100, kMeanLengthOf100})) +
         block("metrics", table_of<MetricsRecord>()) + block("evaluation", table_of<EvaluationRecord>()) +
         block("summary", table_of_summary());
}

std::string episodes_text(int64_t finished, int64_t planned, int64_t max_env_steps) {
  const std::string count = std::to_string(finished);
  if (finished >= planned) return count + (finished == 1 ? " episode" : " episodes");
  return count + " of " + std::to_string(planned) + " episodes, those that " + std::to_string(max_env_steps) +
         " steps (eval.final_max_env_steps) were enough for";
}

}  // namespace deepq
