#include <gtest/gtest.h>

#include "deepq/lab/lab.h"

namespace deepq::lab {
namespace {

JobResult run(const std::string& name) {
  for (const Setting& setting : find_experiment("deadly-triad").settings(true))
    if (setting.name == name) return setting.run({.seed = 0, .quick = true});
  ADD_FAILURE() << "there is no setting " << name;
  return {};
}

// Soft divergence is a value that no return can have: beyond r_max / (1 - gamma) = 100. With this seed one agent comes
// a little beyond it and the other stays a little below.
TEST(DeadlyTriad, SoftDivergenceIsAValueBeyondEveryReturn) {
  JobResult beyond = run("naive-Acrobot"), below = run("naive-CartPole");
  EXPECT_GT(beyond.values["max_abs_q"], 100);
  EXPECT_LT(beyond.values["max_abs_q"], 200) << "so far beyond that a larger bound would do";
  EXPECT_EQ(beyond.values["beyond_bound"], 1);
  EXPECT_LT(below.values["max_abs_q"], 100);
  EXPECT_GT(below.values["max_abs_q"], 50) << "so far below that a smaller bound would do";
  EXPECT_EQ(below.values["beyond_bound"], 0);
}

}  // namespace
}  // namespace deepq::lab
