#include "deepq/core/states.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/test_support.h"

namespace deepq {
namespace {

TEST(States, TheLastOfTheMostIsItself) {
  constexpr int64_t kFloats = int64_t{1} << 24;  // that float32 tells apart
  for (const int64_t state : {int64_t{0}, int64_t{1}, kFloats - 2, kFloats - 1, kFloats, kFloats + 2})
    EXPECT_EQ(state_of(static_cast<float>(state), kMostStates), state);
  EXPECT_EQ(state_of(static_cast<float>(kFloats), kFloats + 1), kFloats) << "the bound is not rounded";
  EXPECT_EQ(test::error_of([] { require_state(kMostStates - 1, kMostStates); }), "no error");
  EXPECT_EQ(test::error_of([] { require_state(kFloats + 1, kFloats + 1); }),
            "the observation is 16777217; allowed: 0 to 16777216");
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
