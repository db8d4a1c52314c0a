#include "deepq/agent/action_losses.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "tests/closeness.h"

namespace deepq {
namespace {

using test::all_close;
using Floats = std::vector<float>;

TEST(MarginLoss, IsWhatTheBestOtherActionIsTooNear) {
  Floats gradient{0, 0, 0};
  // max(1, 2.5 + .8, 2 + .8) - 1
  EXPECT_FLOAT_EQ(add_margin_loss(Floats{1, 2.5, 2}, 0, 0.8f, 2, {}, gradient), 2 * 2.3f);
  EXPECT_EQ(gradient, (Floats{-2, 2, 0}));
}

TEST(MarginLoss, IsZeroWhereTheTakenActionIsFarAbove) {
  Floats gradient{0, 0, 0};
  EXPECT_EQ(add_margin_loss(Floats{1, 2, 5}, 2, 0.8f, 1, {}, gradient), 0);
  EXPECT_EQ(gradient, (Floats{0, 0, 0}));
}

TEST(MarginLoss, SeesLegalActionsAlone) {
  Floats gradient{0, 0, 0};
  const std::array<uint64_t, 1> legal{0b101};
  EXPECT_FLOAT_EQ(add_margin_loss(Floats{1, 9, 2}, 0, 0.5f, 1, LegalActions(legal), gradient), 1.5f);
  EXPECT_EQ(gradient, (Floats{-1, 0, 1}));
}

TEST(ConservativePenalty, IsLogSumExpLessTheTaken) {
  Floats gradient{0, 0, 0};
  const Floats q{1, 2, 0.5};
  const double sum = std::exp(1.0) + std::exp(2.0) + std::exp(0.5);
  EXPECT_NEAR(add_conservative_penalty(q, 2, 0.5f, {}, {}, gradient), 0.5 * (std::log(sum) - 0.5), 1e-6);
  EXPECT_TRUE(all_close(
      gradient, Floats{static_cast<float>(0.5 * std::exp(1.0) / sum), static_cast<float>(0.5 * std::exp(2.0) / sum),
                       static_cast<float>(0.5 * (std::exp(0.5) / sum - 1))}));
}

TEST(ConservativePenalty, SeesLegalActionsAloneAndOverflowsNowhere) {
  Floats gradient{0, 0, 0};
  const std::array<uint64_t, 1> legal{0b011};
  EXPECT_NEAR(add_conservative_penalty(Floats{200, 200, 900}, 0, 1, LegalActions(legal), Arithmetic::kStrict, gradient),
              std::log(2.0), 2e-5);  // beside 200
  EXPECT_TRUE(all_close(gradient, Floats{-0.5f, 0.5f, 0}));
}

}  // namespace
}  // namespace deepq
