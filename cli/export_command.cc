#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <memory>

#include "cli/commands.h"
#include "deepq/core/error.h"
#include "deepq/export/header.h"
#include "deepq/export/onnx.h"
#include "deepq/export/torch_weights.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"

namespace deepq::cli {
namespace {

struct Target {
  const char *option, *description;
  std::string (*made_of)(const Policy&);
  std::string path = {};
};

struct ExportOptions {
  std::string folder;
  std::array<Target, 3> targets{
      {{"--onnx", "write an ONNX model, from observations to action values, opset 17", to_onnx},
       {"--safetensors", "write the weights alone, under PyTorch's names", to_safetensors},
       {"--header", "write one C++17 header without dependencies", to_header}}};
};

// A file that is written must cost no run a file of its own, and no other of the same call.
void check_targets(const ExportOptions& options) {
  const std::filesystem::path from = canonical_path(options.folder);
  std::vector<std::filesystem::path> seen;
  for (const Target& target : options.targets) {
    if (target.path.empty()) continue;
    // Links and ".." resolved: two spellings of one file are one file.
    const std::filesystem::path path = canonical_path(target.path);
    if (path == from) throw Error::of("'", target.path, "' is the agent that is exported; choose another file");
    require_no_file_of_run(target.path);
    if (std::find(seen.begin(), seen.end(), path) != seen.end())
      throw Error::of("'", target.path, "' is given for two formats; choose another file for one of them");
    seen.push_back(path);
  }
}

// All is made before anything is written.
void export_agent(const ExportOptions& options) {
  check_targets(options);
  // Loaded once for all formats.
  const Policy agent =
      Policy::load(options.folder, [](const std::string& line) { std::cerr << "note: " << line << "\n"; });
  std::vector<std::pair<std::string, std::string>> files;
  for (const Target& target : options.targets)
    if (!target.path.empty()) files.emplace_back(target.path, target.made_of(agent));
  if (files.empty())
    throw Error("nothing to write; allowed: --onnx FILE, --safetensors FILE, --header FILE; see deepq export --help");
  for (const auto& [path, content] : files) {
    write_file_atomically(path, content);
    std::cout << path << "\n";
  }
}

}  // namespace

void add_export_command(CLI::App& program, int&) {
  CLI::App* const command = program.add_subcommand("export", "write a trained agent for other programs");
  const auto options = std::make_shared<ExportOptions>();
  command
      ->add_option("DIR", options->folder,
                   "folder of the run whose agent is taken (that of the newest checkpoint, or with eval.keep_best the "
                   "best one), "
                   "or one checkpoint")
      ->required()
      ->type_name("");
  for (Target& target : options->targets)
    command->add_option(target.option, target.path, target.description)->type_name("FILE");
  command->callback([options] { export_agent(*options); });
}

}  // namespace deepq::cli
