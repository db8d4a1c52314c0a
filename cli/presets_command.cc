#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/text.h"
#include "deepq/config/run_config.h"
#include "deepq/core/error.h"
#include "deepq/env/registry.h"
#include "deepq/record/records_text.h"

namespace deepq::cli {
namespace {

// The comment that opens a preset's file: what it is, its source and its deviations.
std::vector<std::string> opening_comment(const std::string& name) {
  std::vector<std::string> lines;
  std::istringstream source(preset_source(name));
  for (std::string line; std::getline(source, line) && line.starts_with('#');) lines.push_back(line);
  return lines;
}

// Its environment is none of this program's.
bool needs_python(const std::string& name) { return !has_env_source() && !is_env_id(preset(name).env.id); }

// Its first line, without the mark of a comment.
std::string description(const std::string& name) {
  const std::vector<std::string> comment = opening_comment(name);
  const std::string first = comment.empty() ? "" : comment.front();
  return first.substr(std::min(first.size(), first.find_first_not_of("# ")));
}

void list_presets() {
  const std::vector<std::string> names = preset_names();
  Screen screen = make_screen({});
  size_t width = 0;
  // Room for " *" and two blanks.
  for (const std::string& name : names) width = std::max(width, name.size() + 4);
  for (const std::string& name : names)
    screen.paragraph(padded(name + (needs_python(name) ? " *" : ""), width) + description(name), width);
  screen.line("\nTo begin with: deepq train --preset chapter");
  if (std::ranges::any_of(names, needs_python))
    screen.line("* its environment comes with the Python package: python -m deepq train --preset NAME");
}

void show_preset(const std::string& name) {
  const RunConfig config = preset(name);
  // The file's own comment, then every key, those too that the file leaves at their defaults.
  for (const std::string& line : opening_comment(name)) std::cout << line << "\n";
  std::cout << "\n" << to_toml(config);
}

void print_presets_json() {
  auto presets = nlohmann::ordered_json::array();
  for (const std::string& name : preset_names()) {
    const RunConfig config = preset(name);
    presets.push_back({{"name", name},
                       {"description", description(name)},
                       {"env", config.env.id},
                       {"algorithm", name_of(config.agent.algorithm)},
                       {"needs_python", needs_python(name)}});
  }
  print_json({{"presets", presets}});
}

}  // namespace

void add_presets_command(CLI::App& program, int&) {
  struct Options {
    std::string name;
    bool keys = false, records = false, json = false;
  };
  CLI::App* const command = program.add_subcommand("presets", "list the presets, or print one complete");
  const auto options = std::make_shared<Options>();
  command->add_option("NAME", options->name, "the preset to print, as TOML for --config")->type_name("");
  command->add_flag("--keys", options->keys, "print every key of --set and TOML, as a Markdown table");
  command->add_flag("--records", options->records, "print every number that a run records, as Markdown tables");
  add_json_option(*command, options->json);
  command->callback([options] {
    // Pages of docs/ are made of these two (tools/docs.sh).
    const bool tables = options->keys || options->records;
    if (options->json && (tables || !options->name.empty()))
      throw Error("--json lists the presets; allowed: without --keys, --records and NAME");
    if (options->json) return print_presets_json();
    if (options->keys) std::cout << config_markdown();
    if (options->records) std::cout << records_markdown();
    if (!options->name.empty()) show_preset(options->name);
    if (!tables && options->name.empty()) list_presets();
  });
}

}  // namespace deepq::cli
