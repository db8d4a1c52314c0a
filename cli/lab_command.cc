#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/commands.h"
#include "cli/machine.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/signals.h"
#include "cli/text.h"
#include "deepq/core/error.h"
#include "deepq/lab/lab.h"
#include "deepq/record/run_folder.h"

namespace deepq::cli {
namespace {

struct Options {
  std::string name, folder = "lab";
  std::optional<int64_t> seeds, first_seed, jobs;
  bool quick = false;
  OutputOptions output;
};

std::string bar(const std::string& name, double fraction, double seconds) {
  constexpr size_t kWidth = 30;
  const auto filled = static_cast<size_t>(fraction * kWidth);
  std::string text = padded(name, 24) + "[" + std::string(filled, '#') + std::string(kWidth - filled, '.') + "] " +
                     right_aligned(fixed(100 * fraction, 0), 3) + "%";
  // Before, the guess would jump about.
  if (fraction > 0.02 && fraction < 1) text += "  " + duration(seconds * (1 - fraction) / fraction) + " left";
  return text;
}

lab::LabReport run_one(const lab::Experiment& experiment, const Options& options, Screen& screen) {
  const double started = seconds_now();
  double drawn = 0;
  const int64_t jobs = options.jobs.value_or(core_count());
  const auto show = [&](double fraction) {
    const double now = seconds_now();
    // Ten times a second, as other progress lines.
    if (now - drawn < 0.1) return;
    drawn = now;
    screen.progress(bar(experiment.name, fraction, now - started));
  };
  lab::LabReport report = lab::run_experiment(
      experiment, {.folder = options.folder,
                   .seeds = options.seeds.value_or(0),
                   .first_seed = options.first_seed.value_or(0),
                   .quick = options.quick,
                   .jobs = jobs,
                   .machine = cpu_name() + ", " + std::to_string(jobs) + (jobs == 1 ? " run" : " runs") + " at a time",
                   .stop = &stop_on_signals(),
                   .on_progress = show});
  screen.clear_progress();
  return report;
}

void show_report(const lab::LabReport& report, Screen& screen) {
  screen.line(padded(report.experiment->name, 24) + lab::verdict_line(report.finding) + "  (" +
              std::to_string(report.seeds) + " seeds, " + duration(report.seconds) + ")");
  for (const lab::Check& check : report.finding.checks)
    screen.line("  - " + (report.quick ? check.number_text() : check.text()));
  for (const std::string& fact : report.finding.facts) screen.line("  - certain beforehand: " + fact);
  screen.line("  Page: " + report.page);
}

// "4 min", "20 s": of one core, for a choice and no more.
std::string about(double minutes) { return minutes < 1 ? fixed(60 * minutes, 0) + " s" : fixed(minutes, 0) + " min"; }

void list_experiments(const Options& options) {
  auto list = nlohmann::ordered_json::array();
  Screen screen = make_screen(options.output);
  for (const lab::Experiment& experiment : lab::experiments()) {
    screen.paragraph(padded(experiment.name, 24) + experiment.claim + " (" + about(experiment.core_minutes) +
                         ", quick " + about(experiment.quick_core_minutes) + ")",
                     24);
    list.push_back({{"name", experiment.name},
                    {"chapter", lab::kChapter},
                    {"section", experiment.section},
                    {"claim", experiment.claim},
                    {"question", experiment.question},
                    {"because", experiment.because},
                    {"design", experiment.design},
                    {"seeds", experiment.seeds},
                    {"quick_seeds", experiment.quick_seeds},
                    {"core_minutes", experiment.core_minutes},
                    {"quick_core_minutes", experiment.quick_core_minutes}});
  }
  screen.paragraph("In brackets: about how long all of it and the quick version keep one core of a recent x86-64 busy.",
                   0);
  if (options.output.json) print_json({{"experiments", list}});
}

int run(const Options& options) try {
  Screen screen = make_screen(options.output);
  if (options.name != "all") {
    const lab::LabReport report = run_one(lab::find_experiment(options.name), options, screen);
    show_report(report, screen);
    if (options.output.json) print_json(lab::report_json(report));
    return 0;
  }
  std::vector<lab::LabReport> reports;
  auto list = nlohmann::ordered_json::array();
  for (const lab::Experiment& experiment : lab::experiments()) {
    reports.push_back(run_one(experiment, options, screen));
    show_report(reports.back(), screen);
    list.push_back(lab::report_json(reports.back()));
  }
  // Again, now that each has its neighbours to lead to.
  for (const lab::LabReport& report : reports) write_file_atomically(report.page, lab::report_page(report));
  const std::string index = options.folder + "/index.html";
  screen.line("All: " + index);
  if (options.output.json) print_json({{"experiments", list}, {"page", index}});
  return 0;
} catch (const lab::Stopped&) {
  print_error("stopped; the same command goes on where it was");
  return signal_status();
}

}  // namespace

void add_lab_command(CLI::App& program, int& status) {
  CLI::App* const command = program.add_subcommand("lab", "put the chapter's claims to the test");
  const auto options = std::make_shared<Options>();
  command->add_option("NAME", options->name, "the experiment, or all; without it: a list")->type_name("");
  add_whole_number(*command, "--seeds", options->seeds, 1, "runs of each setting; default: as the experiment says");
  add_whole_number(*command, "--first-seed", options->first_seed, 0,
                   "the seeds are N, N + 1, ...: a run on fresh ones; default 0");
  add_whole_number(*command, "--jobs", options->jobs, 1, "runs side by side; default: one for each core");
  command->add_flag("--quick", options->quick, "a small version, for a first look: pictures and numbers, no verdict");
  command->add_option("--out", options->folder, "DIR/NAME holds the page and what was measured; default: lab")
      ->type_name("DIR");
  add_output_options(*command, options->output);
  command->footer("An interrupted experiment goes on where it was: give the same command again.");
  command->callback([options, &status] {
    if (options->name.empty())
      list_experiments(*options);
    else
      status = run(*options);
  });
}

}  // namespace deepq::cli
