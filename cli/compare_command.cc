#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/text.h"
#include "deepq/compare/verdict.h"
#include "deepq/core/error.h"
#include "deepq/page/text.h"
#include "deepq/record/run_folder.h"

namespace deepq::cli {
namespace {

using compare::Comparison;
using compare::GroupResult;

using Rows = std::vector<std::vector<std::string>>;

struct CompareArguments {
  std::vector<std::string> folders;
  std::string page, score, normalization, columns, baseline;
  std::optional<double> gamma;
  std::optional<int64_t> seed, resamples;
  bool json = false;
};

// First column to the left, the others to the right; columns that do not come beside the others follow below. Names
// that leave no room have lines of their own.
void print_table(Screen& screen, const Rows& rows) {
  std::vector<size_t> widths(rows[0].size());
  for (const auto& row : rows)
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  // `apart`: even one column beside the longest name would not fit in 80, so each name gets a line above its numbers.
  const bool apart = widths[0] + 2 + *std::max_element(widths.begin() + 1, widths.end()) > kColumns;
  if (apart) widths[0] = 0;
  for (size_t first = 1, end = 1; first < widths.size(); first = end) {
    size_t width = widths[0];
    // At least one column, however wide, then as many as fit: the rest becomes a block below, under the same names.
    do width += 2 + widths[end++];
    while (end < widths.size() && width + 2 + widths[end] <= kColumns);
    if (first > 1) screen.line("");
    for (const auto& row : rows) {
      if (apart && !row[0].empty()) screen.paragraph(row[0], 0);
      std::string line = apart ? "" : padded(row[0], widths[0]);
      for (size_t i = first; i < end; ++i) line += "  " + right_aligned(row[i], widths[i]);
      screen.line(line);
    }
  }
}

using page::interval_text;

Rows group_rows(const Comparison& comparison) {
  const bool one_task = comparison.tasks.size() == 1;  // then median and mean are the same number
  Rows rows{{"", "runs", "IQM", "mean"}};
  if (!one_task) rows[0].insert(rows[0].end() - 1, "median");
  if (comparison.gamma) rows[0].push_back("gap to " + number_text(*comparison.gamma));
  for (const GroupResult& group : comparison.groups) {
    rows.push_back({group.name, group.runs_text(), interval_text(group.iqm)});
    if (!one_task) rows.back().push_back(interval_text(group.median));
    rows.back().push_back(interval_text(group.mean));
    if (group.gap) rows.back().push_back(interval_text(*group.gap));
  }
  return rows;
}

Rows pair_rows(const Comparison& comparison) {
  Rows rows{{"", "probability of improvement", "difference of the IQM"}};
  for (const compare::PairResult& pair : comparison.pairs)
    rows.push_back({comparison.groups[pair.x].name + " over " + comparison.groups[pair.y].name,
                    interval_text(pair.improvement), interval_text(pair.iqm_difference)});
  return rows;
}

void print_comparison(const Comparison& comparison) {
  Screen screen = make_screen({});
  if (const std::string tasks = join(comparison.tasks); !tasks.empty()) screen.paragraph(tasks, 0);
  screen.paragraph("Score: " + comparison.score_name() + "; " + describe(comparison.normalization), 7);
  if (comparison.has_intervals())
    screen.paragraph("In brackets: " + comparison.interval_name() + "; " +
                         std::to_string(comparison.bootstrap.resamples) + " resamples, seed " +
                         std::to_string(comparison.bootstrap.seed),
                     13);
  screen.line("");
  print_table(screen, group_rows(comparison));
  if (!comparison.pairs.empty()) {
    screen.line("");
    print_table(screen, pair_rows(comparison));
    screen.line("");
  }
  // Sentences last: a reader has seen the numbers that they rest on.
  for (const compare::PairResult& pair : comparison.pairs) screen.paragraph("- " + verdict_of(comparison, pair), 2);
  for (const std::string& note : comparison.notes) screen.paragraph("Note: " + note, 6);
}

void run_compare(const CompareArguments& arguments) {
  // Refused before anything is read and computed.
  if (!arguments.page.empty()) require_no_file_of_run(arguments.page);
  compare::CompareOptions options{.gamma = arguments.gamma, .baseline = arguments.baseline};
  if (!arguments.score.empty()) options.score = compare::parse_score(arguments.score);
  if (!arguments.normalization.empty()) {
    options.normalization = compare::parse_normalization(arguments.normalization);
  }
  options.bootstrap.seed = static_cast<uint64_t>(arguments.seed.value_or(0));
  if (arguments.resamples) options.bootstrap.resamples = static_cast<size_t>(*arguments.resamples);
  const Comparison comparison = compare::compare_groups(
      compare::read_groups(arguments.folders, compare::parse_columns(arguments.columns)), options);
  if (!arguments.page.empty())
    write_file_atomically(arguments.page, comparison_page(comparison, {arguments.page, command_line()}));
  if (arguments.json) return print_json(nlohmann::ordered_json::parse(to_json(comparison)));
  print_comparison(comparison);
}

}  // namespace

void add_compare_command(CLI::App& program, int&) {
  CLI::App* const command = program.add_subcommand("compare", "compare groups of runs, with intervals");
  const auto arguments = std::make_shared<CompareArguments>();
  command
      ->add_option(
          "DIR", arguments->folders,
          "one folder a group, also as NAME=DIR: runs of deepq, or files of other libraries, or folders of these; or a "
          "CSV table of scores (algorithm, task, seed, score)")
      ->required()
      ->type_name("");
  command->add_option("--out", arguments->page, "write an HTML page too")->type_name("FILE");
  command
      ->add_option("--score", arguments->score,
                   "what the score of a run is: final, last100, best100 or auc; default: final where every run has "
                   "one, else last100")
      ->type_name("NAME");
  command
      ->add_option("--normalize", arguments->normalization, "how scores are normalised: none, human (Atari) or range")
      ->type_name("NAME");
  command->add_option("--baseline", arguments->baseline, "compare each other group with this one, and no other pairs")
      ->type_name("NAME");
  command
      ->add_option(
          "--gamma", arguments->gamma,
          "score that leaves no optimality gap; default: 1 of normalised scores, else where the task counts as solved")
      ->type_name("X");
  command
      ->add_option("--columns", arguments->columns,
                   "names of the columns of CSV files that hold environment steps and returns, where they are not "
                   "known; of event "
                   "files the tag for RETURN")
      ->type_name("STEP,RETURN");
  add_whole_number(*command, "--seed", arguments->seed, 0, "seed of the bootstrap and of the permutations; default 0");
  add_whole_number(*command, "--resamples", arguments->resamples, 100, "resamples of the bootstrap; default 2000");
  add_json_option(*command, arguments->json);
  command->callback([arguments] { run_compare(*arguments); });
}

}  // namespace deepq::cli
