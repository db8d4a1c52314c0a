// Every variant learns the action values of a chain and of a stochastic world to within 1e-2 of the fixed point of its
// own operator.
#include "tests/learn/variants.h"

namespace deepq::test {
namespace {

std::vector<Setting> settings() {
  std::vector<Setting> all;
  for (size_t i = 0; i < kNames.size(); ++i) all.push_back({kNames[i], {static_cast<Axis>(i)}});
  return all;
}

class VariantsTest : public ::testing::TestWithParam<Setting> {};

TEST_P(VariantsTest, LearnsTheChain) { EXPECT_LT(worst_error_in_the_chain(GetParam()), 1e-2); }

TEST_P(VariantsTest, LearnsTheStochasticWorld) { EXPECT_LT(worst_error_in_the_stochastic_world(GetParam()), 1e-2); }

TEST_P(VariantsTest, LearnsWhereSomeActionsAreIllegal) {
  EXPECT_LT(worst_error_where_some_are_illegal(GetParam()), 1e-2);
}

INSTANTIATE_TEST_SUITE_P(All, VariantsTest, ::testing::ValuesIn(settings()),
                         [](const auto& setting) { return setting.param.name; });

}  // namespace
}  // namespace deepq::test
