#include "deepq/train/agent.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

#include "deepq/core/error.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

TEST(Agent, TakesFiniteNumbersAlone) {
  Agent agent({}, {.dimensions = {3}}, 2);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()})
    for (size_t i = 0; i < 3; ++i) {
      std::array<float, 3> observation = {};
      agent.act(observation);
      observation[i] = bad;
      const std::string allowed = "observation[" + std::to_string(i) + "] is " + number_text(static_cast<double>(bad)) +
                                  "; allowed: finite numbers";
      EXPECT_EQ(test::error_of([&] { agent.act(observation); }), allowed);
    }
}

}  // namespace
}  // namespace deepq
