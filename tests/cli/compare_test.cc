// `deepq compare` on runs of ours and on CSV files: the table, the JSON, the page and the refusals.
#include <algorithm>
#include <filesystem>

#include "tests/cli/program.h"

namespace deepq::cli {
namespace {

using nlohmann::json;

class CompareTest : public CliTest {
 protected:
  // A group of CSV files, one run each, whose last step has the return.
  void write_group(const std::string& name, const std::vector<double>& returns) const {
    std::filesystem::create_directories(path(name));
    for (size_t run = 0; run < returns.size(); ++run) {
      write_text(path(name + "/" + std::to_string(run) + ".csv"),
                 "step,return\n10," + std::to_string(returns[run]) + "\n20," + std::to_string(returns[run]) + "\n");
    }
  }

  json compare(Arguments arguments) const {
    arguments.insert(arguments.begin(), "compare");
    arguments.push_back("--json");
    const Result result = run_program(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    return json::parse(result.out);
  }
};

TEST_F(CompareTest, TableOfTwoGroups) {
  write_group("A", {10, 20, 30, 40, 50});
  write_group("B", {5, 15, 25, 30, 35});
  const Result result = run_program({"compare", path("A"), path("B")});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_NE(result.out.find("Score: mean return of the last 100 training episodes; returns as they are\n"),
            std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find("\nA     5    30 [16.7, 46.7]  30 [18, 42]\n"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("\nA over B "), std::string::npos) << result.out;
  EXPECT_NE(result.out.find(" 0.66 ["), std::string::npos) << "16.5 of 25 pairs\n" << result.out;
  EXPECT_NE(result.out.find("\nIn brackets: 95% bootstrap interval; 2000 resamples, seed 0\n"), std::string::npos);
  EXPECT_NE(result.out.find("\n- A and B are not told apart by these 5 and 5 runs at 5%: the IQM of A is higher\n"),
            std::string::npos)
      << result.out;
  EXPECT_EQ(result.out.find("Note"), std::string::npos) << result.out;
  EXPECT_EQ(run_program({"compare", path("A"), path("B")}).out, result.out) << "seeded";
  write_group("C", {10, 20});
  const std::string of_few = run_program({"compare", path("A"), path("C")}).out;
  EXPECT_NE(of_few.find("Note: With 2 runs the intervals are too narrow"), std::string::npos) << of_few;
  EXPECT_NE(of_few.find("In brackets: bootstrap interval, too few runs for a 95% claim; "), std::string::npos)
      << of_few;
  EXPECT_NE(of_few.find("\n- A and C cannot be told apart by these 5 and 2 runs at 5%: it takes at least 4\n"),
            std::string::npos)
      << of_few;
}

// Of long names and several tasks, whose columns do not all come beside each other.
TEST_F(CompareTest, LinesFitATerminal) {
  for (const std::string name :
       {"a-group-with-a-name-of-some-length", "another-group-with-a-much-longer-name-than-that"})
    for (const std::string task : {"CartPole-v1", "Acrobot-v1"}) write_group(name + "/" + task, {10.25, 20.5, 3000.75});
  const std::string out = run_program({"compare", path("a-group-with-a-name-of-some-length"),
                                       path("another-group-with-a-much-longer-name-than-that"), "--gamma", "12"})
                              .out;
  for (size_t begin = 0; begin < out.size();) {
    const size_t end = out.find('\n', begin);
    EXPECT_LE(end - begin, 80u) << out.substr(begin, end - begin);
    begin = end + 1;
  }
  for (const char* column :
       {"runs", "IQM", "median", "mean", "gap to 12", "probability of improvement", "difference of the IQM"})
    EXPECT_NE(out.find(column), std::string::npos) << out;
}

TEST_F(CompareTest, JsonIsOneObjectAndOptionsCount) {
  write_group("A", {10, 20, 30, 40});
  write_group("B", {15, 30});
  const json plain = compare({path("A"), path("B")});
  EXPECT_EQ(plain.at("seed"), 0);
  EXPECT_EQ(plain.at("resamples"), 2000);
  EXPECT_TRUE(plain.at("gamma").is_null());
  EXPECT_EQ(plain.at("groups").at(0).at("iqm").at("value"), 25.0);
  EXPECT_EQ(plain.at("notes").size(), 1u) << "two runs are few";
  const json other = compare({path("A"), path("B"), "--seed", "7", "--resamples", "500", "--gamma", "40", "--score",
                              "auc", "--normalize", "range"});
  EXPECT_EQ(other.at("seed"), 7);
  EXPECT_EQ(other.at("resamples"), 500);
  EXPECT_EQ(other.at("gamma"), 40.0);
  EXPECT_EQ(other.at("score"), "auc");
  EXPECT_EQ(other.at("normalization"), "range");
  EXPECT_EQ(other.at("groups").at(0).at("iqm").at("value"), 0.5);
}

// Our runs against a Stable-Baselines3 Monitor file; both name their environment.
TEST_F(CompareTest, OurRunsAndMonitorFiles) {
  ASSERT_EQ(run_program(short_training("ours", {"--seeds", "2", "--quiet"})).status, 0);
  for (const std::string seed : {"0", "1"}) {
    std::filesystem::create_directories(path("sb3/CartPole-v1_" + seed));  // numbered files of one folder are one run
    write_text(path("sb3/CartPole-v1_" + seed + "/0.monitor.csv"),
               "#{\"t_start\": 1732500000.5, \"env_id\": \"CartPole-v1\"}\nr,l,t\r\n" + seed + "0.5,21,0.01\r\n");
  }
  const json both = compare({path("ours"), path("sb3")});
  EXPECT_EQ(both.at("tasks"), json{"CartPole-v1"});
  EXPECT_EQ(both.at("score"), "last100") << "the monitor files have no final evaluation";
  EXPECT_EQ(both.at("groups").at(1).at("returns").at("CartPole-v1"), (json{0.5, 10.5}));
  const json ours = compare({path("ours")});
  EXPECT_EQ(ours.at("score"), "final");
  std::vector<double> evaluations;
  for (const char* seed : {"ours/seed-0", "ours/seed-1"}) evaluations.push_back(summary(seed).at("eval_mean_return"));
  EXPECT_EQ(ours.at("groups").at(0).at("returns").at("CartPole-v1"), json(evaluations));
}

TEST_F(CompareTest, PageIsWritten) {
  write_group("A", {10, 20});
  write_group("B", {15, 30});
  const Result result = run_program({"compare", path("A"), path("B"), "--out", path("page.html")});
  EXPECT_EQ(result.status, 0) << result.err;
  const std::string page = file_text(path("page.html"));
  EXPECT_NE(page.find("A over B"), std::string::npos);
  EXPECT_NE(page.find("<code>deepq compare " + path("A") + " " + path("B") + " --out " + path("page.html")),
            std::string::npos)
      << "as it was typed";
  run_program({"compare", "it's one=" + path("A"), "--out", path("page.html")});
  EXPECT_NE(file_text(path("page.html")).find("<code>deepq compare &#39;it&#39;\\&#39;&#39;s one=" + path("A")),
            std::string::npos)
      << "for a shell";
  EXPECT_LT(page.size(), 1'000'000u);
}

TEST_F(CompareTest, RefusesInOneLine) {
  write_group("A", {10, 20});
  write_group("one", {10});
  write_group("empty", {});
  write_text(path("A/monitor.txt"), "no table");
  expect_refusal({"compare"}, {"DIR is required"});
  expect_refusal({"compare", path("none")}, {"there is no file or folder " + path("none")});
  expect_refusal({"compare", path("A"), path("empty")}, {"empty holds no runs", "CSV"});
  expect_refusal({"compare", path("A"), path("one")}, {"one has 1 run", "at least 2", "better 5"});
  expect_refusal({"compare", path("A"), "--score", "best"}, {"--score is 'best'", "best100"});
  expect_refusal({"compare", path("A"), "--score", "final"}, {"--score is final", "0.csv", "last100"});
  expect_refusal({"compare", path("A"), "--normalize", "human"}, {"--normalize is human", "Atari"});
  expect_refusal({"compare", path("A"), "--resamples", "5"}, {"--resamples", "from 100"});
  expect_refusal({"compare", path("A"), "--gamma", "nan"}, {"gamma is nan"});
  expect_refusal({"compare", path("A"), "--out", path("none/page.html")}, {"none/page.html"});
  write_text(path("one/1.csv"), "step,return\n1,x\n");
  expect_refusal({"compare", path("one")}, {"1.csv line 2", "return is 'x'"});
}

TEST_F(CompareTest, RefusesMixedEnvironments) {
  const auto monitor = [&](const std::string& name, const std::string& env) {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    write_text(path(name), "#{\"t_start\": 1.0, \"env_id\": \"" + env + "\"}\nr,l,t\r\n1.0,5,0.1\r\n");
  };
  monitor("A/seed0.monitor.csv", "CartPole-v1");
  monitor("A/seed1.monitor.csv", "CartPole-v1");
  monitor("B/0.monitor.csv", "Acrobot-v1");
  monitor("mixed/0.monitor.csv", "CartPole-v1");
  monitor("mixed/1.monitor.csv", "Acrobot-v1");
  expect_refusal({"compare", path("A"), path("B")}, {"A is of CartPole-v1 but B is of Acrobot-v1"});
  expect_refusal({"compare", path("mixed")}, {"mixes environments", "CartPole-v1", "Acrobot-v1"});
}

TEST_F(CompareTest, NamedGroupsAndABaseline) {
  for (const char* name : {"a", "b", "c"}) write_group(name, {10, 20, 30, 40, 50});
  const json all = compare({path("a"), path("b"), path("c")});
  EXPECT_EQ(all["pairs"].size(), 3u);
  const json some = compare({"New=" + path("a"), path("b"), path("c"), "--baseline", "b"});
  ASSERT_EQ(some["pairs"].size(), 2u);
  EXPECT_EQ(some["pairs"][0]["x"], "New");
  EXPECT_EQ(some["pairs"][1]["x"], "c");
  for (const json& pair : some["pairs"]) EXPECT_EQ(pair["y"], "b");
  const Result unknown = run_program({"compare", path("a"), path("b"), "--baseline", "bb"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_EQ(unknown.err, "deepq: --baseline is 'bb'; allowed: a, b; did you mean 'b'?\n");
  EXPECT_EQ(run_program({"compare", "x=" + path("a"), "x=" + path("b")}).err,
            "deepq: two groups are called x; each needs a name of its own: NAME=FOLDER\n");
}

TEST_F(CompareTest, OneRunATaskGivesScoresWithoutIntervals) {
  std::string table = "algorithm,task,seed,score\n";
  for (const char* game : {"Alien", "Amidar", "Assault", "Asterix", "Boxing", "Breakout"})
    table += "A," + std::string(game) + ",0,100\nB," + std::string(game) + ",0,200\n";
  write_text(path("scores.csv"), table);
  const json result = compare({path("scores.csv"), "--out", path("page.html")});
  EXPECT_EQ(result["score"], "final");
  EXPECT_EQ(result["interval"], nullptr);
  EXPECT_EQ(result["groups"][1]["iqm"]["low"], nullptr);
  EXPECT_GT(result["groups"][1]["iqm"]["value"], result["groups"][0]["iqm"]["value"]);
  EXPECT_TRUE(result["curve_x"]["values"].empty());
  EXPECT_NE(result["notes"].dump().find("A task has a single run"), std::string::npos);
  EXPECT_EQ(file_text(path("page.html")).find("Sample efficiency"), std::string::npos);
  const Result text = run_program({"compare", path("scores.csv")});
  EXPECT_EQ(text.out.find("In brackets"), std::string::npos) << text.out;
  EXPECT_EQ(text.out.find("nan"), std::string::npos) << text.out;
  write_group("one/Pong", {5});
  write_group("one/Boxing", {7});
  EXPECT_EQ(compare({path("one")})["interval"], nullptr) << "of folders, too";
  EXPECT_EQ(run_program({"compare", path("one/Pong")}).status, 2) << "a single run of a single task";
}

TEST_F(CompareTest, AreasOfOtherLengthsGoUpToTheFirstEnd) {
  for (const std::string name : {"short", "long"}) {
    std::filesystem::create_directories(path(name));
    for (int run = 0; run < 2; ++run) {
      std::string rows = "step,return\n";
      for (int i = 1; i <= (name == "long" ? 100 : 50); ++i)
        rows += std::to_string(10 * i) + "," + std::to_string(i + run) + "\n";
      write_text(path(name + "/" + std::to_string(run) + ".csv"), rows);
    }
  }
  const json result = compare({path("short"), path("long"), "--score", "auc"});
  EXPECT_EQ(result["groups"][0]["returns"], result["groups"][1]["returns"]);
  EXPECT_NE(result["notes"].dump().find("end at 500 to 1,000 environment steps; areas go up to the first of them."),
            std::string::npos)
      << result["notes"];
}

}  // namespace
}  // namespace deepq::cli
