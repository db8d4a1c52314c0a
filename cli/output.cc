#include "cli/output.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/signals.h"
#include "cli/text.h"

namespace deepq::cli {
namespace {

Screen::Write writer_to(std::FILE* stream) {
  return [stream](std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stream);
    std::fflush(stream);
  };
}

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
  if (options.quiet) return {{}, {}};
  return {writer_to(options.json ? stderr : stdout), isatty(STDERR_FILENO) == 1 ? writer_to(stderr) : Screen::Write{}};
}

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void print_json(const nlohmann::ordered_json& object) { std::cout << object.dump(2) << std::endl; }

nlohmann::ordered_json summary_json(const RunSummary& summary, const std::string& folder) {
  auto object = nlohmann::ordered_json::parse(summary.to_json());
  object["folder"] = folder;
  return object;
}

void show_summary(Screen& screen, const RunSummary& summary, const std::string& folder) {
  const auto row = [&](std::string_view name, const std::string& value) { screen.line(padded(name, 14) + value); };
  const bool stopped = summary.stopped_by == "signal";
  screen.line("");
  row(stopped ? "Stopped after" : "Done",
      grouped(summary.episodes) + " episodes, " + grouped(summary.env_steps) + " steps, " + grouped(summary.updates) +
          " updates in " + fixed(summary.seconds, 1) + " s (" +
          grouped(static_cast<int64_t>(summary.env_steps_per_second)) + " steps/s)");
  if (summary.episodes > 0)
    row("Mean return", "best 100 episodes " + fixed(summary.best_100_mean_return, 1) + ", last 100 episodes " +
                           fixed(summary.last_100_mean_return, 1));
  if (summary.can_be_solved())
    row("Solved", summary.first_episode_solved > 0 ? "at episode " + std::to_string(summary.first_episode_solved)
                                                   : std::string("never"));
  if (summary.eval_episodes > 0)
    row("Evaluation", "mean return " + fixed(summary.eval_mean_return, 1) + " over " +
                          std::to_string(summary.eval_episodes) + " episodes" +
                          (summary.eval_env_steps < summary.env_steps
                               ? ", by the best agent, that of step " + grouped(summary.eval_env_steps)
                               : ""));
  if (const double score = summary.human_normalized_score(); std::isfinite(score))
    row("Human score", fixed(100 * score, 1) + "% of the way from random play to a human tester");
  if (stopped)
    row("To go on", "deepq resume " + folder);
  else
    row("Report", folder + "/report.html");
}

int exit_status(const RunSummary& summary) { return summary.stopped_by == "signal" ? signal_status() : 0; }

}  // namespace deepq::cli
