#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "cli/commands.h"
#include "deepq/core/error.h"
#include "deepq/export/header.h"
#include "deepq/export/onnx.h"
#include "deepq/export/torch_weights.h"
#include "deepq/train/run_folder.h"

namespace deepq::cli {
namespace {

struct ExportOptions {
  std::string folder, onnx, safetensors, header;
};

// A file that is written must cost no checkpoint and no other file of the same call.
void check_targets(const ExportOptions& options) {
  const auto full = [](const std::filesystem::path& path) { return std::filesystem::weakly_canonical(path); };
  const std::filesystem::path from = full(options.folder);
  std::vector<std::filesystem::path> seen;
  for (const std::string& target : {options.onnx, options.safetensors, options.header}) {
    if (target.empty()) continue;
    const std::filesystem::path path = full(target);
    if (path == from || path.parent_path() == from / "checkpoints")
      throw Error::of("'", target, "' is where checkpoints of '", options.folder, "' are; choose another file");
    if (std::find(seen.begin(), seen.end(), path) != seen.end())
      throw Error::of("'", target, "' is given for two formats; choose another file for one of them");
    seen.push_back(path);
  }
}

// All is made before anything is written.
void export_agent(const ExportOptions& options) {
  check_targets(options);
  const Agent agent = Agent::load(options.folder);
  std::vector<std::pair<std::string, std::string>> files;
  if (!options.onnx.empty()) files.emplace_back(options.onnx, to_onnx(agent));
  if (!options.safetensors.empty()) files.emplace_back(options.safetensors, to_safetensors(agent));
  if (!options.header.empty()) files.emplace_back(options.header, to_header(agent));
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
  command->add_option("DIR", options->folder, "folder of the run; its newest checkpoint is taken, or one checkpoint")
      ->required()
      ->type_name("");
  command->add_option("--onnx", options->onnx, "from observations to action values, opset 17")->type_name("FILE");
  command->add_option("--safetensors", options->safetensors, "the weights alone, as PyTorch has them")
      ->type_name("FILE");
  command->add_option("--header", options->header, "one C++17 header without dependencies")->type_name("FILE");
  command->callback([options] { export_agent(*options); });
}

}  // namespace deepq::cli
