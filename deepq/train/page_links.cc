#include "deepq/train/page_links.h"

#include <filesystem>

#include "deepq/train/files.h"

namespace deepq {
namespace {

namespace fs = std::filesystem;

fs::path page_folder(const std::string& page_path) { return fs::path(canonical_path(page_path)).parent_path(); }

}  // namespace

page::Link link_to(const std::string& target, const std::string& page_path, const std::string& text) {
  if (page_path.empty() || !path_exists(target)) return {text, ""};
  const fs::path there = canonical_path(target);
  return {text, page::escape_url(there.lexically_relative(page_folder(page_path)).generic_string())};
}

page::Link link_to_docs(const std::string& name, const std::string& page_path) {
  const std::string text = "docs/" + name;
  if (page_path.empty()) return {text, ""};
  for (fs::path folder = page_folder(page_path); folder != folder.root_path(); folder = folder.parent_path())
    if (path_exists((folder / "ARCHITECTURE.md").string()) && path_exists((folder / text).string()))
      return link_to((folder / text).string(), page_path, text);
  return {text, ""};
}

}  // namespace deepq
