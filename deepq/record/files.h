// What lies on the disk, asked without the exceptions of std::filesystem: what cannot be looked at (a loop of links, a
// folder without permission, a name that is too long) is a deepq::Error with the path and the system's reason.
#pragma once

#include <string>
#include <vector>

namespace deepq {

bool path_exists(const std::string& path);
bool is_folder(const std::string& path);

// Throws deepq::Error for what is not there: in the same words wherever a run, a group or an agent is named.
void require_exists(const std::string& path);

// Paths of what is in the folder, by name; shorter names first, so that seed-10 follows seed-9.
std::vector<std::string> folder_entries(const std::string& folder);

// Without links, ".", ".." and a slash at the end, as far as the path exists, and absolute.
std::string canonical_path(const std::string& path);

}  // namespace deepq
