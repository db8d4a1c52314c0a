#include "deepq/core/states.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/test_support.h"

namespace deepq {
namespace {

TEST(States, TheLastOfTheMostIsItself) {
  for (const int64_t state : {int64_t{0}, int64_t{1}, kMostStates - 2, kMostStates - 1})
    EXPECT_EQ(state_of(static_cast<float>(state), kMostStates), state);
  EXPECT_EQ(static_cast<float>(kMostStates + 1), static_cast<float>(kMostStates)) << "why there are no more";
}

TEST(States, AnythingElseIsRefused) {
  const auto refusal = [](float observation) { return test::error_of([&] { state_of(observation, 5); }); };
  EXPECT_EQ(refusal(5), "the observation is 5; allowed: 0 to 4");
  EXPECT_EQ(refusal(-1), "the observation is -1; allowed: 0 to 4");
  EXPECT_EQ(refusal(2.75f), "the observation is 2.75; allowed: 0 to 4, whole numbers");
  EXPECT_EQ(refusal(-0.5f), "the observation is -0.5; allowed: 0 to 4, whole numbers");
  EXPECT_EQ(refusal(4.5f), "the observation is 4.5; allowed: 0 to 4, whole numbers");
  EXPECT_EQ(refusal(std::numeric_limits<float>::quiet_NaN()), "the observation is nan; allowed: 0 to 4, whole numbers");
  EXPECT_EQ(refusal(std::numeric_limits<float>::infinity()), "the observation is inf; allowed: 0 to 4");
  EXPECT_EQ(refusal(4), "no error");
}

}  // namespace
}  // namespace deepq
