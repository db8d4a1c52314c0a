// What runs record, as the tables of docs/tracking.md and docs/run_folder.md.
#pragma once

#include <string>

namespace deepq {

// Markdown: for each record its fields with meaning, unit and tags between `<!-- records: NAME -->` and `<!-- end -->`,
// NAME being episode, metrics, evaluation or summary; tools/docs.sh puts them into the pages.
std::string records_markdown();

}  // namespace deepq
