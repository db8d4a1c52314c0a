#include "cli/output.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/signals.h"
#include "cli/text.h"
#include "deepq/core/error.h"
#include "deepq/core/system.h"
#include "deepq/record/run_paths.h"

namespace deepq::cli {
namespace {

bool json_printed = false;

Screen::Write writer_to(std::FILE* stream) {
  return [stream](std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stream);
    std::fflush(stream);
  };
}

int columns_of_stderr() { return system::terminal_size(system::Stream::kErrors).columns; }

}  // namespace

void add_json_option(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "print one JSON object on stdout, and everything else on stderr");
}

void add_output_options(CLI::App& command, OutputOptions& options) {
  add_json_option(command, options.json);
  command.add_flag("--quiet", options.quiet, "print nothing but errors (and the JSON)");
}

Screen::Write standard_output() { return writer_to(stdout); }

Screen make_screen(const OutputOptions& options) {
  // Neither lines nor progress; print_json() and print_error() do not pass through the screen.
  if (options.quiet) return {{}, {}};
  return {writer_to(options.json ? stderr : stdout),
          system::is_terminal(system::Stream::kErrors) ? writer_to(stderr) : Screen::Write{}, columns_of_stderr};
}

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void print_json(const nlohmann::ordered_json& object) {
  json_printed = true;
  std::cout << object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << std::endl;
}

bool output_is_gone() { return system::reader_is_gone(system::Stream::kOutput); }

void finish_output(bool was_open) {
  // Only now is it known whether all was written: a full disk shows when the buffer is flushed.
  const bool failed = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  // JSON is a promise to a program: even a reader that went away is an error then.
  if (json_printed && (failed || !was_open)) throw Error("cannot write the JSON to standard output");
  if (failed && !output_is_gone()) throw Error("cannot write to standard output");
}

nlohmann::ordered_json summary_json(const RunSummary& summary, const std::string& folder) {
  auto object = nlohmann::ordered_json::parse(summary.to_json());
  object["folder"] = folder;
  return object;
}

void show_summary(Screen& screen, const RunSummary& summary, const std::string& folder, bool done_before) {
  constexpr size_t kName = 14;
  const auto row = [&](std::string_view name, const std::string& value) { screen.line(padded(name, kName) + value); };
  const auto text = [&](std::string_view name, const std::string& value) {
    screen.paragraph(padded(name, kName) + value, kName);
  };
  const bool stopped = summary.stopped_by == "signal";
  screen.line("");
  text(stopped       ? "Stopped after"
       : done_before ? "Finished"
                     : "Done",
       grouped(summary.episodes) + " episodes, " + grouped(summary.env_steps) + " steps, " + grouped(summary.updates) +
           " updates in " + fixed(summary.seconds, 1) + " s (" +
           grouped(static_cast<int64_t>(summary.env_steps_per_second)) + " steps/s)");
  if (summary.episodes > 0)
    text("Mean return", "best 100 episodes " + score(summary.best_100_mean_return) + ", last 100 episodes " +
                            score(summary.last_100_mean_return));
  // A run that learnt nothing must not look like one that did badly.
  if (summary.updates == 0 && summary.env_steps > 0)
    text("Learnt", "nothing: training was over before its first update, see train.learning_starts_env_steps");
  if (summary.can_be_solved())
    row("Solved", summary.first_episode_solved > 0 ? "at episode " + std::to_string(summary.first_episode_solved)
                                                   : std::string("never"));
  if (summary.eval_episodes > 0)
    text("Evaluation",
         "mean return " + score(summary.eval_mean_return) + " over " + summary.eval_episodes_text() +
             (summary.eval_epsilon > 0 ? ", epsilon " + number_text(summary.eval_epsilon) : "") +
             (summary.eval_agent == "best" ? ", by the best agent, that of step " + grouped(summary.eval_env_steps)
                                           : ""));
  // Atari games alone have such a score; NaN elsewhere.
  if (const double score = summary.human_normalized_score(); std::isfinite(score))
    row("Human score", fixed(100 * score, 1) + "% of the way from random play to a human tester");
  if (!summary.changes.empty()) {
    std::vector<std::string> changes;
    for (const ConfigChange& change : summary.changes) changes.push_back(describe(change));
    text("Changed", join(changes, "; "));
  }
  if (stopped)
    row("To go on", "deepq resume " + folder);
  else
    row("Report", report_path(folder));
}

int exit_status(const RunSummary& summary) { return summary.stopped_by == "signal" ? signal_status() : 0; }

}  // namespace deepq::cli
