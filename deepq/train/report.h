// report.html: one self-contained page (no network access) made from the files of run folders: learning curve with its
// phases, epsilon, loss, mean Q, evaluation, configuration. Several folders (seeds of one setting) become a curve with
// a band.
#pragma once

#include <string>
#include <vector>

namespace deepq {

// Reads the folders' CSV, TOML and JSON files and returns the page. A folder without summary.json (still running) is
// fine. Throws deepq::Error that names the folder and file.
std::string make_report(const std::vector<std::string>& run_folders);

}  // namespace deepq
