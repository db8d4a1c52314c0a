#include "deepq/lab/forest.h"

#include <gtest/gtest.h>

#include "deepq/core/finite.h"

namespace deepq::lab {
namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// Ten seeds that agree: decided for or against what is claimed.
Check check(const std::string& statement, const std::string& quantity, double value, bool above) {
  const BySeed values{.values = std::vector<double>(10, value), .diverged = 0};
  return above ? pairs_above(statement, quantity, values) : pairs_below(statement, quantity, values);
}

std::vector<Check> checks() {
  std::vector<Check> all = {check("more is < better", "return", 100, true),
                            check("less is lost", "fraction", 0.5, false), check("it is slow", "return", -50, false)};
  decide(all);
  show(all);
  all[0].interval = {100, 90, 110};
  all[1].interval = {0.5, 0.4, 0.6};
  all[2].interval = {-55, -80, 110};
  all[2].adjusted_p = 0.2;
  return all;
}

TEST(Forest, ARowForEachStatementWithItsSignValueAndInterval) {
  const std::string html = forest_html(checks(), true);
  EXPECT_TRUE(has(html,
                  "<tr class=\"holds\"><th scope=\"row\"><div><span class=\"sign\" aria-hidden=\"true\">✓</span><span>"
                  "More is &lt; better <small>holds, p 0.00586</small>"))
      << html;
  EXPECT_TRUE(has(html, "<tr class=\"not\">"));
  EXPECT_TRUE(has(html, "✗</span><span>Less is lost <small>does not hold"));
  EXPECT_TRUE(has(html, "○</span><span>It is slow <small>not decided, p 0.2</small>"));
  EXPECT_TRUE(has(html, "</td><td>100 <small>[90, 110]</small></td>"));
}

TEST(Forest, StatementsAboutOneQuantityShareAScaleAndAnAxis) {
  const std::string html = forest_html(checks(), true);
  EXPECT_EQ(count(html, "class=\"quantity\""), 2);
  EXPECT_EQ(count(html, "class=\"axis\""), 2);
  EXPECT_LT(html.find("It is slow"), html.find("Less is lost")) << "beside the other return";
  // From -80 to 110: the bound of 0 lies at 42.11%.
  EXPECT_EQ(count(html, "class=\"at\" style=\"left:42.11%\""), 2);
  EXPECT_TRUE(has(html, "class=\"claimed\" style=\"left:42.11%;right:-12px\"")) << "above";
  EXPECT_TRUE(has(html, "class=\"claimed\" style=\"left:-12px;width:calc(12px + 42.11%)\"")) << "below";
}

TEST(Forest, TheClaimedSideIsThereEvenWhereNothingLiesOnIt) {
  std::vector<Check> all = {check("s", "q", -10, true)};
  decide(all);
  show(all);
  // From -10 to 2, a fifth of the way on the other side.
  EXPECT_TRUE(has(forest_html(all, true), "class=\"claimed\" style=\"left:83.33%;right:-12px\""));
  all[0].interval = {kNaN, kNaN, kNaN};
  EXPECT_FALSE(has(forest_html(all, true), "class=\"dot\""));
}

TEST(Forest, AQuickLookHasNoSignAndNoP) {
  const std::string html = forest_html(checks(), false);
  for (const char* word : {"✓", "✗", "○", "holds", "decided", ", p "}) EXPECT_FALSE(has(html, word)) << word;
  EXPECT_EQ(count(html, "<tr class=\"none\">"), 3);
}

TEST(Forest, SeedsThatDivergedAreCountedInTheRow) {
  std::vector<Check> all = checks();
  all[0].by_seed.diverged = 2;
  all[0].by_seed.values[3] = kNaN;
  EXPECT_TRUE(has(forest_html(all, true),
                  "; of 10 seeds, 2 diverged and count as the worst, 1 could not be measured and is left out</small>"));
}

// What is claimed lies on the right, above or below.
TEST(Forest, AThumbnailTurnsEachStatementToItsClaimedSide) {
  const std::string svg =
      thumbnail_svg({{.value = 10, .low = 5, .high = 10, .threshold = 0, .above = true, .answer = Answer::kHolds},
                     {.value = -10, .low = -10, .high = -5, .threshold = 0, .above = false, .answer = Answer::kHolds},
                     {.value = 1, .low = 1, .high = 2, .threshold = 3, .above = true, .answer = Answer::kFails},
                     {.value = kNaN, .low = kNaN, .high = kNaN, .threshold = 0, .above = true, .answer = {}}});
  EXPECT_EQ(count(svg, "<circle cx=\"115.0\""), 2);
  EXPECT_EQ(count(svg, "<circle cx=\"5.0\""), 1);
  EXPECT_EQ(count(svg, "<circle"), 3);
  EXPECT_EQ(count(svg, "<g class=\"holds\">"), 2);
  EXPECT_TRUE(has(svg, "height=\"36.0\""));
  EXPECT_TRUE(has(thumbnail_svg(std::vector<Outcome>(18)), "height=\"72.0\""));
}

}  // namespace
}  // namespace deepq::lab
