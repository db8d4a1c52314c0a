// report.html: one self-contained page (no network access) made from the files of run folders: learning curve with its
// phases, epsilon, loss, mean Q, evaluation, configuration. Several folders (seeds of one setting) become a curve with
// a band.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace deepq {

// What a page cannot know of itself.
struct ReportOrigin {
  std::string path = {};                // where it will be, for its links; "": nobody knows
  std::string command = {};             // that made it, as it was typed; "": not known
  std::vector<int64_t> not_begun = {};  // seeds of the group that no run was begun of, ascending
  std::vector<std::string> notes = {};  // what a reader must know besides
};

// Reads the folders' CSV, TOML and JSON files and returns the page. A folder without summary.json (still running) is
// fine. Throws deepq::Error that names the folder and file.
std::string make_report(const std::vector<std::string>& run_folders, const ReportOrigin& origin = {});

}  // namespace deepq
