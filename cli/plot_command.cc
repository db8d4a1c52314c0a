#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string_view>

#include "cli/commands.h"
#include "cli/group.h"
#include "cli/options.h"
#include "deepq/core/error.h"
#include "deepq/page/page.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"
#include "deepq/report/report.h"

namespace deepq::cli {
namespace {

// Whether a page of any deepq begins so. Those made before 2026-11-29 name no generator, but their kind, behind the
// style. What is no regular file may have no end.
bool is_own_page(const std::string& path) {
  constexpr std::string_view kKind = "<p class=\"kind\">Deep Q-learning";
  // Enough for the style sheets that stand before the heading (13 kB today).
  constexpr size_t kHead = 32 * 1024;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return false;
  std::string head(kHead, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(head.data(), kHead);
  head.resize(static_cast<size_t>(file.gcount()));
  return head.find(page::kGenerator) != std::string::npos || head.find(kKind) != std::string::npos;
}

// Nobody named it, so a file of another origin is not written over.
void require_own_page(const std::string& page) {
  if (path_exists(page) && !is_own_page(page))
    throw Error::of(page, " is there already and was not made by this deepq; name the page with --out");
}

void plot(const std::vector<std::string>& given, std::string page) {
  std::vector<std::string> folders, groups;
  for (const std::string& folder : given)
    if (is_group(folder)) groups.push_back(folder);
  // Seeds of two groups differ in more than the seed: their mean would be nobody's.
  if (groups.size() > 1)
    throw Error::of(join(groups, " and "), " are groups of their own, whose seeds are not one sample; deepq compare ",
                    join(groups, " "), " compares them");
  for (const std::string& folder : given)
    for (const std::string& run : run_folders(folder)) folders.push_back(run);
  for (const std::string& folder : folders) require_run_folder(folder);
  if (page.empty()) {
    page = given.size() == 1 ? report_path(given.front()) : kReportFile;
    require_own_page(page);
  }
  require_no_file_of_run(page);
  // Only the page of one whole group can tell of its seeds that were not begun.
  if (given.size() == 1 && is_group(given[0]))
    write_group_report(given[0], page);
  else
    write_file_atomically(page, make_report(folders, {.path = page, .command = command_line()}));
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
