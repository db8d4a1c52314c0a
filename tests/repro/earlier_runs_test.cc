// Run folders of every algorithm, made by each released version and kept (tools/golden/run_folders.sh): what is read of
// them today is what was written then, and a resume goes on as that program did, bit for bit. docs/stability.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "deepq/report/report.h"
#include "deepq/train/policy.h"
#include "deepq/train/run.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

namespace fs = std::filesystem;

const fs::path kRuns = fs::path(DEEPQ_GOLDEN_DIR) / "runs";

std::vector<std::string> folders_in(const fs::path& folder) {
  std::vector<std::string> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) found.push_back(entry.path().filename());
  std::sort(found.begin(), found.end());
  return found;
}

// "0.1.0/dqn"
std::vector<std::string> names() {
  std::vector<std::string> found;
  for (const std::string& version : folders_in(kRuns))
    for (const std::string& name : folders_in(kRuns / version)) found.push_back(version + "/" + name);
  return found;
}

class EarlierRuns : public testing::TestWithParam<std::string> {
 protected:
  EarlierRuns() { fs::copy(kRuns / GetParam(), folder_.path(), fs::copy_options::recursive); }

  std::string path() const { return folder_.path(); }
  std::string weights_then() const {
    std::string text;
    std::ifstream(kRuns / GetParam() / "weights") >> text;
    return text;
  }

  test::TemporaryFolder folder_;
};

TEST_P(EarlierRuns, GoOnAsTheyDidThen) {
  const RunSummary summary = resume_run({.folder = path(), .env_steps = 600});
  EXPECT_EQ(summary.env_steps, 600);
  EXPECT_EQ(summary.weights_sha256, weights_then());
}

TEST_P(EarlierRuns, AreEvaluatedAsTheyWereThen) {
  const RunSummary then = resume_run({.folder = path()});  // finished: as its summary has it
  EXPECT_EQ(then.env_steps, 300);
  EXPECT_EQ(evaluate_run(path()).mean_return, then.eval_mean_return);
}

TEST_P(EarlierRuns, HaveAReport) {
  const RunSummary then = resume_run({.folder = path()});
  EXPECT_NE(make_report({path()}).find(then.env), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Every, EarlierRuns, testing::ValuesIn(names()), [](const auto& run) {
  std::string name = run.param;
  std::ranges::replace_if(
      name, [](char c) { return c == '.' || c == '/'; }, '_');
  return name;
});

TEST(EarlierRuns, AreOfEveryVersionAndOfEveryAlgorithm) {
  const std::vector<std::string> first = folders_in(kRuns / "0.1.0");
  EXPECT_EQ(first.size(), 17u);
  for (const std::string& version : folders_in(kRuns)) {
    const std::vector<std::string> kinds = folders_in(kRuns / version);
    EXPECT_TRUE(std::ranges::includes(kinds, first)) << version << " lacks some";
  }
}

}  // namespace
}  // namespace deepq
