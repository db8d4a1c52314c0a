// The same for every pair of variants that makes sense.
#include "tests/learn/variants.h"

namespace deepq::test {
namespace {

std::vector<Setting> settings() {
  std::vector<Setting> all;
  for (size_t i = 0; i < kNames.size(); ++i)
    for (size_t j = i + 1; j < kNames.size(); ++j)
      if (!excludes(static_cast<Axis>(i), static_cast<Axis>(j)))
        all.push_back({std::string(kNames[i]) + "_and_" + kNames[j], {static_cast<Axis>(i), static_cast<Axis>(j)}});
  return all;
}

class PairsTest : public ::testing::TestWithParam<Setting> {};

TEST_P(PairsTest, LearnsTheChain) { EXPECT_LT(worst_error_in_the_chain(GetParam()), 1e-2); }

TEST_P(PairsTest, LearnsTheStochasticWorld) { EXPECT_LT(worst_error_in_the_stochastic_world(GetParam()), 1e-2); }

TEST_P(PairsTest, LearnsWhereSomeActionsAreIllegal) { EXPECT_LT(worst_error_where_some_are_illegal(GetParam()), 1e-2); }

INSTANTIATE_TEST_SUITE_P(All, PairsTest, ::testing::ValuesIn(settings()),
                         [](const auto& setting) { return setting.param.name; });

}  // namespace
}  // namespace deepq::test
