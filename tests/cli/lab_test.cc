// deepq lab: the list, one experiment as its users run it, what is refused, and an interruption.
#include <signal.h>

#include <filesystem>
#include <set>
#include <sstream>

#include "tests/cli/program.h"

namespace deepq::cli {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

class LabTest : public CliTest {
 protected:
  Arguments triad(const Arguments& more) const {
    Arguments arguments{"lab", "deadly-triad", "--out", path("lab")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

TEST_F(LabTest, ListsEveryExperimentWithItsClaim) {
  const Result people = run_program({"lab"});
  EXPECT_EQ(people.status, 0);
  std::istringstream words(people.out);
  std::string text;  // without the ends of lines
  for (std::string word; words >> word;) text += (text.empty() ? "" : " ") + word;
  const json list = json::parse(run_program({"lab", "--json"}).out).at("experiments");
  ASSERT_GE(list.size(), 1);
  for (const json& experiment : list) {
    EXPECT_NE(people.out.find(experiment.at("name").get<std::string>()), std::string::npos) << experiment;
    EXPECT_NE(text.find(experiment.at("claim").get<std::string>() + " ("), std::string::npos) << experiment;
    EXPECT_GT(experiment.at("core_minutes"), experiment.at("quick_core_minutes")) << experiment;
    EXPECT_GT(experiment.at("quick_core_minutes"), 0) << experiment;
    EXPECT_GE(experiment.at("seeds"), 5) << experiment;
  }
}

TEST_F(LabTest, TheListIsReadableIn80ColumnsAndSaysHowLongEachTakes) {
  const std::string out = run_program({"lab"}).out;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
  EXPECT_NE(out.find("min, quick"), std::string::npos) << out;
}

TEST_F(LabTest, GivesAVerdictWithWhatDecidesIt) {
  const Result result = run_program({"lab", "sarsa-replay", "--seeds", "2", "--out", path("lab"), "--json"});
  ASSERT_EQ(result.status, 0) << result.err;
  const json report = json::parse(result.out);
  EXPECT_EQ(report.at("verdict"), "not decided here");
  EXPECT_EQ(report.at("checks").at(0).at("answer"), "not decided");
  EXPECT_EQ(report.at("checks").at(0).at("p"), 0.5);  // 2 / 2^2
  EXPECT_NE(result.err.find("Verdict: not decided here  (2 seeds"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("over 2 seeds, p = 0.5, adjusted 1: not decided"), std::string::npos) << result.err;
  EXPECT_NE(report.at("notes").back().get<std::string>().find("With 2 seeds none of 5 statements can be decided"),
            std::string::npos);
}

TEST_F(LabTest, QuickGivesNumbersAndNoVerdict) {
  const Result result = run_program(triad({"--quick", "--first-seed", "100", "--json"}));
  ASSERT_EQ(result.status, 0) << result.err;
  const json report = json::parse(result.out);
  EXPECT_EQ(report.at("experiment"), "deadly-triad");
  EXPECT_EQ(report.at("seeds"), 5);
  EXPECT_EQ(report.at("first_seed"), 100);
  EXPECT_TRUE(report.at("quick"));
  EXPECT_TRUE(report.at("verdict").is_null());
  EXPECT_EQ(report.at("checks").size(), 4);
  EXPECT_EQ(report.at("certain").size(), 2);
  const json& star = report.at("checks").at(0);
  EXPECT_EQ(star.at("value"), 1);
  EXPECT_GT(star.at("low"), 0.5);
  EXPECT_TRUE(star.at("answer").is_null());
  EXPECT_EQ(result.err.find("holds"), std::string::npos) << result.err;
  EXPECT_TRUE(fs::exists(report.at("page").get<std::string>()));
  EXPECT_NE(result.err.find(
                "\n  - Baird's star with all three legs diverges: fraction of runs that diverged is 1 [0.566, 1]\n"),
            std::string::npos)
      << result.err;
}

TEST_F(LabTest, Refusals) {
  expect_refusal({"lab", "deadly-triat"}, {"unknown experiment 'deadly-triat'; did you mean 'deadly-triad'?"});
  expect_refusal(triad({"--seeds", "1"}), {"--seeds is 1", "at least 2"});
  expect_refusal(triad({"--seeds", "x"}), {"--seeds"});
  expect_refusal(triad({"--first-seed", "-1"}), {"--first-seed", "a whole number from 0"});
  write_text(path("file"), "");
  expect_refusal({"lab", "deadly-triad", "--quick", "--out", path("file")}, {"file/deadly-triad"});
}

TEST_F(LabTest, AnInterruptedExperimentGoesOnWhereItWas) {
  const fs::path jobs = path("lab") + "/deadly-triad/jobs-quick";
  const auto finished = [&] {
    std::set<std::string> files;
    if (fs::exists(jobs)) {
      for (const fs::directory_entry& entry : fs::directory_iterator(jobs)) {
        if (entry.path().extension() == ".json") files.insert(entry.path());
      }
    }
    return files;
  };
  Process process(triad({"--quick", "--jobs", "1"}));
  process.wait_until([&] { return finished().size() >= 5; });
  process.send(SIGINT);
  const Result stopped = process.finish();
  EXPECT_EQ(stopped.status, 130);
  EXPECT_NE(stopped.err.find("goes on where it was"), std::string::npos) << stopped.err;
  const std::set<std::string> before = finished();
  EXPECT_LT(before.size(), 40);
  std::vector<fs::file_time_type> times;
  for (const std::string& file : before) times.push_back(fs::last_write_time(file));
  const Result result = run_program(triad({"--quick"}));
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(finished().size(), 40);
  size_t i = 0;
  for (const std::string& file : before) EXPECT_EQ(fs::last_write_time(file), times[i++]) << file;
}

}  // namespace
}  // namespace deepq::cli
