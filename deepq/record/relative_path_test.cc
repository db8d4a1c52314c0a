#include "deepq/record/relative_path.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/test_support.h"

namespace deepq {
namespace {

using test::TemporaryFolder;

TEST(RelativePath, IsSeenFromThePage) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "runs/a b");
  test::spit(folder / "runs/a b/report.html", "");
  const auto link = [&](const std::string& target, const std::string& page) {
    return path_from_page(folder / target, page.empty() ? "" : folder / page);
  };
  EXPECT_EQ(link("runs/a b/report.html", "page.html"), "runs/a b/report.html");
  EXPECT_EQ(link("runs/a b/report.html", "runs/report.html"), "a b/report.html");
  EXPECT_EQ(link("runs/a b/report.html", "other/page.html"), "../runs/a b/report.html");
  EXPECT_EQ(link("runs/a b", "page.html"), "runs/a b");
  EXPECT_EQ(link("runs/none.html", "page.html"), "") << "a link leads somewhere";
  EXPECT_EQ(link("runs/a b/report.html", ""), "") << "nobody knows where the page is";
}

TEST(RelativePath, LeadsToTheDocumentsOfTheSourceTree) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "tree/docs");
  for (const char* name : {"tree/ARCHITECTURE.md", "tree/docs/compare.md"}) test::spit(folder / name, "");
  EXPECT_EQ(docs_path_from_page("compare.md", folder / "tree/runs/page.html"), "../docs/compare.md");
  EXPECT_EQ(docs_path_from_page("compare.md", folder / "tree/page.html"), "docs/compare.md");
  EXPECT_EQ(docs_path_from_page("compare.md", folder / "page.html"), "");
  EXPECT_EQ(docs_path_from_page("compare.md", ""), "");
  std::filesystem::create_directories(folder / "other/docs");
  test::spit(folder / "other/docs/compare.md", "");
  EXPECT_EQ(docs_path_from_page("compare.md", folder / "other/page.html"), "") << "another project's";
}

}  // namespace
}  // namespace deepq
