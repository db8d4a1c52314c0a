#include "deepq/record/files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "deepq/core/error.h"

namespace deepq {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& path, const std::error_code& error) {
  throw Error::of("cannot look at ", path, ": ", error.message());
}

fs::file_status status_of(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  // Not there is an answer; not to be told (no permission, say) is an error.
  const bool absent = status.type() == fs::file_type::not_found;
  if (!absent && (error || !fs::status_known(status))) refuse(path, error);
  return status;
}

}  // namespace

bool path_exists(const std::string& path) { return fs::exists(status_of(path)); }

bool is_folder(const std::string& path) { return fs::is_directory(status_of(path)); }

void require_exists(const std::string& path) {
  if (!path_exists(path)) throw Error::of("there is no file or folder ", path);
}

std::vector<std::string> folder_entries(const std::string& folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    found.push_back(it->path().string());
  if (error) throw Error::of("cannot read the folder ", folder, ": ", error.message());
  std::sort(found.begin(), found.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  return found;
}

std::string canonical_path(const std::string& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(fs::absolute(path, error), error);
  if (error) refuse(path, error);
  // "folder/" is the folder.
  return (canonical.has_filename() ? canonical : canonical.parent_path()).string();
}

}  // namespace deepq
