#include "deepq/core/action_space.h"

#include <gtest/gtest.h>

#include <array>

#include "deepq/core/error.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

TEST(ActionSpace, NumbersCombinationsWithTheLastAxisFastest) {
  const ActionSpace space({2, 3, 4});
  EXPECT_EQ(space.count(), 24);
  EXPECT_EQ(space.values(), 9);
  EXPECT_EQ(space.text(), "2x3x4 actions");
  for (int64_t action = 0; action < 24; ++action) {
    std::array<int64_t, 3> choices{}, firsts{};
    space.visit_choices(action, [&](size_t axis, int64_t first, int64_t choice) {
      choices[axis] = choice;
      firsts[axis] = first;
    });
    EXPECT_EQ(choices, (std::array<int64_t, 3>{action / 12, action / 4 % 3, action % 4}));
    EXPECT_EQ(firsts, (std::array<int64_t, 3>{0, 2, 5}));
    EXPECT_EQ(space.action_of(choices), action);
  }
}

TEST(ActionSpace, MayHaveMoreCombinationsThanMemoryHas) {
  const ActionSpace space(std::vector<int64_t>(10, 11));
  EXPECT_EQ(space.count(), 25'937'424'601);
  EXPECT_EQ(space.values(), 110);
  int64_t choices = 0;
  space.visit_choices(space.count() - 1, [&](size_t, int64_t, int64_t choice) { choices += choice; });
  EXPECT_EQ(choices, 100);
}

TEST(ActionSpace, OfOneAxisIsItsNumber) {
  const ActionSpace space = 6;
  EXPECT_TRUE(space.is_single());
  EXPECT_EQ(space.values(), 6);
  EXPECT_EQ(space.text(), "6 actions");
  EXPECT_EQ(ActionSpace({2, 3}).flattened(), space);
  EXPECT_NE(ActionSpace({2, 3}), space);
}

TEST(ActionSpace, IsRefusedWhereNothingCanBeLikeIt) {
  const auto refusal = [](std::vector<int64_t> axes) { return test::error_of([&] { ActionSpace{std::move(axes)}; }); };
  EXPECT_EQ(refusal({}), "there is no axis of actions; allowed: one or more");
  EXPECT_EQ(refusal({2, 0}), "an axis of actions has 0 choices; allowed: 1 or more");
  EXPECT_EQ(refusal({1 << 20, 1}), "the axes of actions have more than 1048576 choices; allowed: so many in all");
  EXPECT_EQ(refusal(std::vector<int64_t>(63, 2)),
            "the axes of actions have more than 2^62 combinations; allowed: so many");
  EXPECT_EQ(refusal(std::vector<int64_t>(62, 2)), "no error");
}

TEST(ActionSpace, IsLegalByEachOfItsChoices) {
  const ActionSpace space({2, 3});
  const std::array<uint64_t, 1> words{0b10110};  // the second of two; the first and the third of three
  const LegalActions legal(words);
  std::vector<int64_t> found;
  for (int64_t action = 0; action < 6; ++action)
    if (is_legal(space, action, legal)) found.push_back(action);
  EXPECT_EQ(found, (std::vector<int64_t>{3, 5}));
  EXPECT_TRUE(has_choice(space, legal));
  const std::array<uint64_t, 1> none_of_three{0b00011};
  EXPECT_FALSE(has_choice(space, LegalActions(none_of_three)));
}

}  // namespace
}  // namespace deepq
