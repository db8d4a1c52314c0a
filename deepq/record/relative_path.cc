#include "deepq/record/relative_path.h"

#include <filesystem>

#include "deepq/record/files.h"

namespace deepq {
namespace {

namespace fs = std::filesystem;

fs::path page_folder(const std::string& page_path) { return fs::path(canonical_path(page_path)).parent_path(); }

}  // namespace

std::string path_from_page(const std::string& target, const std::string& page_path) {
  if (page_path.empty() || !path_exists(target)) return "";
  return fs::path(canonical_path(target)).lexically_relative(page_folder(page_path)).generic_string();
}

std::string docs_path_from_page(const std::string& name, const std::string& page_path) {
  if (page_path.empty()) return "";
  // A source tree is known by its ARCHITECTURE.md: docs/ alone may be another project's.
  for (fs::path folder = page_folder(page_path); folder != folder.root_path(); folder = folder.parent_path())
    if (path_exists((folder / "ARCHITECTURE.md").string()) && path_exists((folder / "docs" / name).string()))
      return path_from_page((folder / "docs" / name).string(), page_path);
  return "";
}

}  // namespace deepq
