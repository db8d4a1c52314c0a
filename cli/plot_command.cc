#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "cli/commands.h"
#include "deepq/train/report.h"
#include "deepq/train/run_folder.h"

namespace deepq::cli {
namespace {

namespace fs = std::filesystem;

// The folder itself when it holds a run; otherwise its seed-* folders, by number.
std::vector<std::string> run_folders(const std::string& folder) {
  if (fs::exists(folder + "/config.toml") || !fs::is_directory(folder)) return {folder};
  std::vector<std::string> seeds;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.path().filename().string().starts_with("seed-")) seeds.push_back(entry.path().string());
  std::sort(seeds.begin(), seeds.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  return seeds.empty() ? std::vector{folder} : seeds;
}

void plot(const std::vector<std::string>& given, std::string page) {
  std::vector<std::string> folders;
  for (const std::string& folder : given)
    for (const std::string& run : run_folders(folder)) folders.push_back(run);
  for (const std::string& folder : folders) require_run_folder(folder);
  if (page.empty()) page = given.size() == 1 ? given.front() + "/report.html" : "report.html";
  write_file_atomically(page, make_report(folders));
  std::cout << page << "\n";
}

}  // namespace

void add_plot_command(CLI::App& program, int&) {
  struct Options {
    std::vector<std::string> folders;
    std::string page;
  };
  CLI::App* const command = program.add_subcommand("plot", "write the HTML report of one or more runs");
  const auto options = std::make_shared<Options>();
  command->add_option("DIR", options->folders, "folders of runs, or folders of seed-* folders")
      ->required()
      ->type_name("");
  command->add_option("--out", options->page, "the page; default: DIR/report.html, or report.html for several folders")
      ->type_name("FILE");
  command->callback([options] { plot(options->folders, options->page); });
}

}  // namespace deepq::cli
