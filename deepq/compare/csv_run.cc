#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>

#include "deepq/compare/csv_fields.h"
#include "deepq/compare/run_files.h"
#include "deepq/core/error.h"
#include "deepq/record/csv_text.h"

namespace deepq::compare {
namespace {

// The first that a file has is taken. "step" comes last: where a file has others, too, it counts rows.
constexpr std::array<std::string_view, 11> kStepNames{
    "env_steps",     "env_step",  "environment steps",    "global_step", "global step", "total_timesteps",
    "num_timesteps", "timesteps", "time/total_timesteps", "steps",       "step"};
constexpr std::array<std::string_view, 8> kReturnNames{
    "return",         "returns",     "episode_return",     "episodic_return", "charts/episodic_return",
    "episode_reward", "ep_rew_mean", "rollout/ep_rew_mean"};

// Where the columns are.
struct Columns {
  size_t step = 0, episode_return = 0, count = 0;
  size_t time = 0;       // `count`: there is none
  bool lengths = false;  // `step` is the episode's length
  bool gaps = false;     // rows without a step or a return are of something else
  char separator = ',';
  std::string step_name = "step", return_name = "return";
};

bool is_number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

// The place of the first of the names; the number of columns where there is none of them. Weights & Biases puts the
// run's name before: "run-1 - charts/episodic_return".
size_t place_of(const std::vector<std::string>& columns, std::span<const std::string_view> names) {
  // Names before columns: kStepNames is an order of preference.
  for (const std::string_view name : names)
    for (size_t i = 0; i < columns.size(); ++i)
      if (columns[i] == name || columns[i].ends_with(" - " + std::string(name))) return i;
  return columns.size();
}

// Weights & Biases exports the runs of a chart side by side.
void refuse_several_runs(const std::vector<std::string>& names, const std::string& column, const std::string& source) {
  const size_t from = column.rfind(" - ");
  if (from == std::string::npos) return;
  std::vector<std::string> runs;
  for (const std::string& name : names)
    if (name.ends_with(column.substr(from))) runs.push_back("'" + name + "'");
  if (runs.size() > 1)
    throw Error::of(source, " holds ", runs.size(), " runs, in the columns ", join(runs),
                    "; each needs a file of its own");
}

// A column of another meaning than its episodes' returns is taken for them with a note.
void note_meaning(const std::string& column, Run& run) {
  if (column.ends_with("ep_rew_mean"))
    run.notes.push_back(run.source + ": the column " + column +
                        " holds means of the last episodes (of 100, unless Stable-Baselines3 was told otherwise), "
                        "which are taken for returns of single ones.");
}

std::optional<Columns> find_known(const std::vector<std::string>& names, Run& run) {
  const auto has = [&](const char* name) { return std::find(names.begin(), names.end(), name) != names.end(); };
  const auto place = [&](std::string_view name) { return place_of(names, std::span(&name, 1)); };
  const size_t none = names.size();
  Columns found{.count = none, .time = none};
  // deepq's documented form first: in it "step" is the environment's, elsewhere often a row number.
  const bool own = has("step") && has("return");
  found.step = own ? place("step") : place_of(names, kStepNames);
  found.episode_return = own ? place("return") : place_of(names, kReturnNames);
  if (found.episode_return == none && place("wall time") < none && place("value") < none) {
    found.episode_return = place("value");  // TensorBoard's
    run.notes.push_back(run.source + ": TensorBoard's column Value is taken for the returns of episodes.");
  }
  if (found.step < none && found.episode_return < none) {
    found.step_name = names[found.step];
    found.return_name = names[found.episode_return];
    refuse_several_runs(names, found.return_name, run.source);
    note_meaning(found.return_name, run);
    found.gaps = found.step_name != "step" || found.return_name != "return";
    return found;
  }
  // Last of all Monitor's: single letters that other files may have by chance.
  if (place("r") == none || place("l") == none) return {};
  return Columns{.step = place("l"),
                 .episode_return = place("r"),
                 .count = none,
                 .time = place("t"),
                 .lengths = true,
                 .step_name = "l",
                 .return_name = "r"};
}

// By the user's names.
std::optional<Columns> find_named(const std::vector<std::string>& names, const ColumnNames& wanted) {
  const std::string step = lower_case(wanted.step), episode_return = lower_case(wanted.episode_return);
  const auto place = [&](const std::string& name) {
    return static_cast<size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  };
  if (place(step) == names.size() || place(episode_return) == names.size()) return {};
  return Columns{.step = place(step),
                 .episode_return = place(episode_return),
                 .count = names.size(),
                 .time = names.size(),
                 .gaps = true,
                 .step_name = wanted.step,
                 .return_name = wanted.episode_return};
}

Columns find_columns(const std::string_view header, const ColumnNames& wanted, const std::string& where, Run& run) {
  // A separator that is not the file's leaves a header of one name, in which no columns are found.
  for (const char separator : {',', ';', '\t'}) {
    std::vector<std::string> names = csv_fields(header, separator);
    for (std::string& name : names) name = lower_case(std::move(name));
    std::optional<Columns> found = wanted.step.empty() ? find_known(names, run) : find_named(names, wanted);
    if (!found) continue;
    // A header that runs on into the first row would lose that episode.
    if (std::any_of(names.begin(), names.end(), is_number))
      throw Error::of(where, ": the header is '", header,
                      "'; it must name the columns, on a line of its own (a newline is missing after it)");
    // The first separator that makes known columns of the header.
    found->separator = separator;
    return *found;
  }
  if (!wanted.step.empty())
    throw Error::of(where, ": the columns are '", header, "'; --columns names ", wanted.step, " and ",
                    wanted.episode_return);
  throw Error::of(where, ": the columns are '", header,
                  "'; needed are step and return, or r and l as Stable-Baselines3's Monitor writes, separated by "
                  "commas, semicolons or tabs; others are named by --columns STEP,RETURN");
}

// Monitor's first line: '#' and JSON.
void read_comment(const std::string_view comment, Run& run) {
  const auto json = nlohmann::json::parse(comment.substr(1), nullptr, false);
  if (!json.is_object()) return;
  if (run.env.empty() && json.contains("env_id") && json["env_id"].is_string()) {
    run.env = json["env_id"];
    if (run.env == "None") run.env = "";  // Monitor's name for an environment without one
  }
  if (json.contains("t_start") && json["t_start"].is_number()) run.began = json["t_start"];
}

bool is_blank(const std::vector<std::string>& fields) {
  return std::all_of(fields.begin(), fields.end(), [](const std::string& field) { return field.empty(); });
}

// `began`: of the present training, where one goes on in the file: there t begins again at 0.
void add_row(std::string_view line, const Columns& columns, const std::string& where, double& began, Run& run) {
  const std::vector<std::string> fields = csv_fields(line, columns.separator);
  if (is_blank(fields)) return;
  if (fields.size() != columns.count)
    throw Error::of(where, " has ", fields.size(), " values; the header names ", columns.count);
  // A row of another metric, as loggers of several write them.
  if (columns.gaps && (fields[columns.step].empty() || fields[columns.episode_return].empty())) return;
  const double before = run.steps.empty() ? 0 : run.steps.back();
  const auto value = [&](size_t column, const std::string& name) {
    return csv_number(fields[column], columns.separator, where, name);
  };
  const double step = value(columns.step, columns.step_name);
  // Monitor writes lengths, and steps are their sum; others write steps.
  const double now = columns.lengths ? before + step : step;
  if (now < before)
    throw Error::of(
        where, ": ", columns.step_name, " is ", number_text(step),
        columns.lengths ? "; it must not be negative" : "; steps must not go down, and start at 0 or above");
  const double episode_return = value(columns.episode_return, columns.return_name);
  const bool timed = columns.time < columns.count && !std::isnan(run.began);
  const double time = timed ? value(columns.time, "t") : 0;
  run.steps.push_back(now);
  run.returns.push_back(episode_return);
  if (columns.lengths) run.lengths.push_back(step);
  if (!timed) return;
  const double last = run.ended.empty() ? run.began : run.ended.back();
  if (run.ended.empty()) began = run.began;
  if (began + time < last) began = last;  // t begins at 0 again where training goes on in the file
  run.ended.push_back(began + time);
}

bool can_be_added(std::string_view line, const Columns& columns, double began, Run run) try {
  add_row(line, columns, "", began, run);
  return true;
} catch (const Error&) {
  return false;
}

}  // namespace

ColumnNames parse_columns(const std::string& text) {
  if (text.empty()) return {};
  const std::vector<std::string> names = csv_fields(text, ',');
  if (names.size() != 2 || names[0].empty() || names[1].empty())
    throw Error::of("--columns is '", text, "'; allowed: two names, STEP,RETURN");
  return {names[0], names[1]};
}

Run parse_csv_run(std::string_view text, const std::string& source, const ColumnNames& wanted) {
  text = csv_text(text, source);
  Run run{.source = source};
  Columns columns;
  size_t line_number = 0;
  double began = 0;
  while (!text.empty()) {
    bool whole = true;
    const std::string_view line = take_line(text, &whole);
    const std::string where = source + " line " + std::to_string(++line_number);
    if (line.empty()) continue;
    if (line.starts_with('#')) {
      read_comment(line, run);
    } else if (columns.count == 0) {
      columns = find_columns(line, wanted, where, run);
    } else if (whole) {
      add_row(line, columns, where, began, run);
      // A last line without its end: half a number reads as another number, so a length, which all later steps rest on,
      // is not believed.
    } else if (columns.lengths || !can_be_added(line, columns, began, run)) {
      run.notes.push_back(where + ", '" + std::string(line) +
                          "', is left out: it has no end, as the last line of a killed run.");
    } else {
      add_row(line, columns, where, began, run);
    }
  }
  return run;
}

Run read_csv_run(std::string_view text, const std::string& source, const ColumnNames& columns) {
  Run run = parse_csv_run(text, source, columns);
  if (run.returns.empty()) throw Error::of(source, " holds no episode; a run needs at least one");
  return run;
}

}  // namespace deepq::compare
