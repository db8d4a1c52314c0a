#include "tests/silent_keys.h"

namespace deepq {
namespace {

class FastPreset : public testing::TestWithParam<std::string> {};

TEST_P(FastPreset, HasNoSilentKey) {
  test::expect_no_silent_key(test::make_small(preset(GetParam())), GetParam() == "chapter");
}

INSTANTIATE_TEST_SUITE_P(Keys, FastPreset, testing::ValuesIn(test::kFastPresets), test::test_name);

// No preset normalises.
TEST(Normalized, HasNoSilentKey) {
  RunConfig config = preset("chapter");
  config.network.normalize_observations = config.agent.normalize_rewards = true;
  test::expect_no_silent_key(test::make_small(config));
}

// No preset has a table.
class EveryTable : public testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(EveryTable, HasNoSilentKey) {
  RunConfig config;
  set_field(config, "env.id=" + GetParam().first);
  set_field(config, "agent.algorithm=" + GetParam().second);
  test::expect_no_silent_key(test::make_small(config));
}

INSTANTIATE_TEST_SUITE_P(Keys, EveryTable,
                         testing::Values(std::pair("FrozenLake-v1", "q_learning"),
                                         std::pair("CliffWalking-v1", "sarsa"),
                                         std::pair("GridWorld-v0", "expected_sarsa"),
                                         std::pair("Taxi-v4", "double_q_learning")));

}  // namespace
}  // namespace deepq
