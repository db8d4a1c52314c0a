// The page of an experiment and the page that leads to all of them.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "deepq/lab/lab.h"
#include "deepq/page/text.h"
#include "tests/test_support.h"

namespace deepq::lab {
namespace {

using test::TemporaryFolder;

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Check check(double value) {
  return pairs_above("b is more", "difference", {.values = std::vector<double>(10, value), .diverged = 0});
}

// Two statements, one of which holds.
LabReport report_in(const std::string& folder, const std::string& name, bool quick = false) {
  Finding finding;
  finding.checks = {check(1), check(-1)};
  decide(finding.checks);
  show(finding.checks);
  finding.measured = "b was 1 more.";
  finding.picture = "<svg></svg>";
  finding.terms = {{"drift", "How fast it moves."}};
  finding.facts = {"1 < 2"};
  finding.tables = {{.caption = "t", .columns = {"a", "b"}, .rows = {{"x", "1 (3 of 5)"}}}};
  page::ChartBuilder chart("c", "Title", "step", {1, 2});
  chart.add_line("a", {1, 2});
  finding.multiples = {{.title = "Each alone", .caption = "", .charts = {std::move(chart).finish()}}};
  finding.notes = {"A note."};
  finding.cautions = {"A caution."};
  finding.quick = quick;
  return {.experiment = &find_experiment(name),
          .quick = quick,
          .seeds = 10,
          .first_seed = 7,
          .seconds = 12.3,
          .machine = "a machine",
          .finding = finding,
          .page = folder + "/" + name + "/report.html"};
}

void write(const LabReport& report) {
  const std::string folder = report.page.substr(0, report.page.rfind('/'));
  std::filesystem::create_directories(folder);
  test::spit(folder + "/report.json", report_json(report).dump());
  test::spit(report.page, report_page(report));
}

std::string body_of(const std::string& page) { return page.substr(page.find("<main>")); }

TEST(LabPage, TheVerdictIsTheTitleAndTheClaimAQuotation) {
  const TemporaryFolder folder;
  const LabReport report = report_in(folder / "lab", "target-network");
  const std::string page = report_page(report);
  EXPECT_TRUE(has(page, "<h1>Holds in part: 1 of 2 statements hold</h1>"));
  EXPECT_TRUE(has(page, "<title>Holds in part: 1 of 2 statements hold · target-network · "))
      << "a tab says which it is";
  EXPECT_TRUE(has(page, "<blockquote class=\"claim\"><p>" + page::escape_html(report.experiment->claim) + "</p>"));
  EXPECT_TRUE(has(page, "chapter “Deep Q-Networks”, section “Target Networks: Stabilizing the Target”"));
  EXPECT_FALSE(has(page, "<h1>" + page::escape_html(report.experiment->claim)));
}

TEST(LabPage, TheAnswerComesBeforeTheStatementsAndThesePicturesNotesAndDesign) {
  const TemporaryFolder folder;
  const LabReport report = report_in(folder / "lab", "target-network");
  const std::string page = body_of(report_page(report));
  size_t before = 0;
  for (const std::string& part :
       {std::string("A caution."), std::string("<blockquote"), page::escape_html(report.experiment->question),
        page::escape_html(report.experiment->because), std::string("b was 1 more."), std::string("<svg></svg>"),
        std::string("class=\"intervals forest\""), std::string("How fast it moves."), std::string("1 &lt; 2"),
        std::string("Each alone"), std::string("data-chart=\"c\""), std::string("<figcaption>t</figcaption>"),
        std::string("A note."), page::escape_html(report.experiment->design)}) {
    const size_t at = page.find(part, before);
    ASSERT_NE(at, std::string::npos) << part;
    before = at;
  }
}

TEST(LabPage, CountsOfRunsAreExplainedWhereTheyStand) {
  const TemporaryFolder folder;
  LabReport report = report_in(folder / "lab", "target-network");
  EXPECT_TRUE(has(report_page(report), "&quot;(3 of 5)&quot; behind a number: it is of 3 of the 5 runs"));
  report.finding.tables.clear();
  EXPECT_FALSE(has(report_page(report), "behind a number"));
}

TEST(LabPage, AQuickLookSaysSoLoudly) {
  const TemporaryFolder folder;
  const std::string page = report_page(report_in(folder / "lab", "target-network", true));
  EXPECT_TRUE(has(page, "<h1>A quick look, no verdict</h1>"));
  EXPECT_TRUE(has(page, "class=\"note loud\"><b>Quick.</b>"));
  EXPECT_TRUE(has(page, "the whole experiment may say the opposite"));
  EXPECT_FALSE(has(body_of(page), "1 of 2 statements"));
}

TEST(LabPage, LeadsToTheIndexTheDataItsNeighborsAndSaysWhereItIsFrom) {
  const TemporaryFolder folder;
  write(report_in(folder / "lab", "correlation"));
  const std::string page = report_page(report_in(folder / "lab", "target-network"));
  EXPECT_TRUE(has(page, "<a href=\"../correlation/report.html\">← correlation</a>")) << "which is there";
  EXPECT_TRUE(has(page, "<a href=\"../index.html#time-limits\">→ time-limits</a>")) << "which is not";
  for (const char* link : {"../index.html", "report.json", "statements.csv", "values.csv", "jobs/"})
    EXPECT_TRUE(has(page, "href=\"" + std::string(link) + "\"")) << link;
  EXPECT_TRUE(has(page, "docs/chapter.md"));
  EXPECT_TRUE(has(page, "in 12 seconds"));
  EXPECT_TRUE(has(page, "on a machine"));
  LabReport again = report_in(folder / "lab", "target-network");  // of which runs were made before, elsewhere perhaps
  again.runs = 20;
  again.kept_runs = 20;
  EXPECT_TRUE(has(report_page(again), "from 20 of 20 runs that were there already"));
  EXPECT_FALSE(has(report_page(again), "in 12 seconds"));
  EXPECT_FALSE(has(report_page(again), "on a machine"));
  EXPECT_TRUE(report_json(again).at("seconds").is_null());
  EXPECT_TRUE(has(page, "deepq lab target-network --seeds 10 --first-seed 7"));
  EXPECT_TRUE(has(report_page(report_in(folder / "lab", "target-network", true)), "href=\"jobs-quick/\""));
}

TEST(LabIndex, ARowForEachExperimentInTheChaptersOrder) {
  const TemporaryFolder folder;
  write(report_in(folder / "lab", "target-network"));
  write(report_in(folder / "lab", "correlation"));
  const std::string page = index_page(folder / "lab");
  size_t before = 0;
  for (const Experiment& experiment : experiments()) {
    const size_t at = page.find("<li id=\"" + experiment.name + "\"");
    ASSERT_NE(at, std::string::npos) << experiment.name;
    EXPECT_GT(at, before) << experiment.name;
    before = at;
    EXPECT_TRUE(has(page, "“" + page::escape_html(experiment.claim) + "”")) << experiment.name;
    EXPECT_TRUE(has(page, page::escape_html(experiment.section))) << experiment.name;
  }
  EXPECT_TRUE(has(page, "2 of " + std::to_string(experiments().size()) + " experiments run"));
  EXPECT_TRUE(has(page, "Holds in part · 1 of 2 statements hold · 10 seeds, from 7"));
  EXPECT_TRUE(has(page, "class=\"part\"><span class=\"sign\" aria-hidden=\"true\">◐</span>"));
  EXPECT_TRUE(has(page, "href=\"target-network/report.html\""));
  EXPECT_FALSE(has(page, "href=\"dueling/report.html\""));
  EXPECT_TRUE(has(page, "Not run yet: deepq lab dueling"));
  EXPECT_FALSE(has(page, "Quick"));
  size_t thumbnails = 0;
  for (size_t at = page.find("<svg class=\"thumbnail\""); at != std::string::npos;
       at = page.find("<svg class=\"thumbnail\"", at + 1))
    ++thumbnails;
  EXPECT_EQ(thumbnails, 2u);
}

TEST(LabIndex, QuickOnesAreMarkedAndHaveNoVerdict) {
  const TemporaryFolder folder;
  write(report_in(folder / "lab", "target-network", true));
  EXPECT_TRUE(has(index_page(folder / "lab"), "All of these are quick"));
  write(report_in(folder / "lab", "correlation"));
  const std::string page = index_page(folder / "lab");
  EXPECT_TRUE(has(page, "<b>Quick.</b> No verdict"));
  EXPECT_TRUE(has(page, "1 of these are quick"));
  EXPECT_TRUE(has(page, "<b class=\"quick\">Quick, no verdict</b> · 10 seeds, from 7"));
}

// Of another version, torn, or no report at all.
TEST(LabIndex, WhatCannotBeReadCountsAsNotRun) {
  const TemporaryFolder folder;
  for (const auto& [name, text] : {std::pair{"dueling", "{"}, {"correlation", "{\"quick\": 3}"}, {"ablation", "[]"}}) {
    std::filesystem::create_directories(folder / "lab" + std::string("/") + name);
    test::spit(folder / "lab" + std::string("/") + name + "/report.json", text);
  }
  EXPECT_TRUE(has(index_page(folder / "lab"), "0 of " + std::to_string(experiments().size()) + " experiments run"));
}

TEST(LabData, StatementsAndValuesAsCsv) {
  const TemporaryFolder folder;
  LabReport report = report_in(folder / "lab", "target-network");
  report.finding.checks[0].statement = "a, \"b\"";
  const std::string csv = statements_csv(report.finding);
  EXPECT_TRUE(has(csv, "statement,quantity,value,low,high,claimed,threshold,test,p,adjusted_p,answer\n"));
  EXPECT_TRUE(has(csv, "\n\"a, \"\"b\"\"\",difference,1,1,1,above,0,\"sign flips"));
  EXPECT_TRUE(has(csv, ",holds\nb is more,"));
  report.finding.quick = true;
  EXPECT_TRUE(has(statements_csv(report.finding), ",,,\n"));
  Results results;
  results.settings = {"a"};
  results.jobs["a"] = {{.values = {{"v", 0.5}}, .curves = {}}, {.values = {}, .curves = {}, .diverged = true}};
  EXPECT_EQ(values_csv(results, 200), "setting,seed,name,value\na,200,v,0.5\na,201,diverged,1\n");
}

}  // namespace
}  // namespace deepq::lab
