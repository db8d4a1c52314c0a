// Keys by the names that they had before: one table for whatever reads names, which files, --set, checkpoints,
// histories and Python's keywords all do. This version is the last to take the old ones; whoever typed one is told.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace deepq {

struct RenamedKey {
  std::string_view before, now;
};
std::span<const RenamedKey> renamed_keys();

// What a key is called now; every other name as it is.
std::string current_key(std::string_view key);

// What is said, in one line, of names of before that were given, each with the one of now; "" of none.
std::string note_on_renamed(const std::vector<std::pair<std::string, std::string>>& names);

}  // namespace deepq
