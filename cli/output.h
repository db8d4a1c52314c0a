// What train, resume and the others print at the end, for people and as JSON, and where it goes: people's text to
// stdout, or to stderr when stdout belongs to --json.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/screen.h"
#include "deepq/train/run.h"

namespace CLI {
class App;
}

namespace deepq::cli {

struct OutputOptions {
  bool json = false, quiet = false;
};

void add_json_option(CLI::App& command, bool& json);
void add_output_options(CLI::App& command, OutputOptions& options);  // --json and --quiet

// Writes to stdout at once: whoever reads along through a pipe sees each line as it comes.
Screen::Write standard_output();

// The progress line goes to stderr, and only to a terminal.
Screen make_screen(const OutputOptions& options);

double seconds_now();  // the clock of progress lines

// The one object that --json promises.
void print_json(const nlohmann::ordered_json& object);

// Flushes standard output. Throws deepq::Error for what could not be written, unless it was text for people and nobody
// reads it any more (a pipe to `head`, a closed terminal).
void finish_output(bool was_open);

// Whether nobody reads standard output any more.
bool output_is_gone();

nlohmann::ordered_json summary_json(const RunSummary& summary, const std::string& folder);
void show_summary(Screen& screen, const RunSummary& summary, const std::string& folder, bool done_before = false);

// 0, or 129, 130 and 143 when a signal stopped the run.
int exit_status(const RunSummary& summary);

}  // namespace deepq::cli
