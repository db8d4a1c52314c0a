#include "cli/single_run.h"

#include <nlohmann/json.hpp>

#include "cli/console.h"
#include "cli/signals.h"

namespace deepq::cli {

int show_run(Screen& screen, const SingleRun& run, const std::function<RunSummary(const RunOptions&)>& start) {
  screen.line("folder: " + run.folder);
  Progress progress(screen, 1, seconds_now);
  Console console(progress, 0, run.config, run.earlier_returns);
  const RunSummary summary = start({.folder = run.folder,
                                    .stop = &stop_on_signals(),
                                    .observers = {&console},
                                    .notice = [&](const std::string& text) { screen.line("note: " + text); }});
  progress.finish(0);
  show_summary(screen, summary, run.folder);
  if (run.output.json) print_json(summary_json(summary, run.folder));
  return exit_status(summary);
}

}  // namespace deepq::cli
