#include "deepq/train/page_links.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/test_support.h"

namespace deepq {
namespace {

using test::TemporaryFolder;

TEST(PageLinks, AreRelativeToThePage) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "runs/a b");
  test::spit(folder / "runs/a b/report.html", "");
  const auto link = [&](const std::string& target, const std::string& page) {
    return link_to(folder / target, page.empty() ? "" : folder / page, "t").href;
  };
  EXPECT_EQ(link("runs/a b/report.html", "page.html"), "runs/a%20b/report.html");
  EXPECT_EQ(link("runs/a b/report.html", "runs/report.html"), "a%20b/report.html");
  EXPECT_EQ(link("runs/a b/report.html", "other/page.html"), "../runs/a%20b/report.html");
  EXPECT_EQ(link("runs/a b", "page.html"), "runs/a%20b");
  EXPECT_EQ(link("runs/none.html", "page.html"), "") << "a link leads somewhere";
  EXPECT_EQ(link("runs/a b/report.html", ""), "") << "nobody knows where the page is";
  EXPECT_EQ(link_to(folder / "runs/none.html", folder / "page.html", "its report").text, "its report");
}

TEST(PageLinks, LeadToTheDocumentsOfTheSourceTree) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "tree/docs");
  for (const char* name : {"tree/ARCHITECTURE.md", "tree/docs/compare.md"}) test::spit(folder / name, "");
  EXPECT_EQ(link_to_docs("compare.md", folder / "tree/runs/page.html").href, "../docs/compare.md");
  EXPECT_EQ(link_to_docs("compare.md", folder / "tree/page.html").href, "docs/compare.md");
  EXPECT_EQ(link_to_docs("compare.md", folder / "page.html").href, "");
  EXPECT_EQ(link_to_docs("compare.md", folder / "page.html").text, "docs/compare.md");
  EXPECT_EQ(link_to_docs("compare.md", "").href, "");
  std::filesystem::create_directories(folder / "other/docs");
  test::spit(folder / "other/docs/compare.md", "");
  EXPECT_EQ(link_to_docs("compare.md", folder / "other/page.html").href, "") << "another project's";
}

}  // namespace
}  // namespace deepq
