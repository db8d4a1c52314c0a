#include "tests/silent_keys.h"

namespace deepq {
namespace {

class EveryPreset : public testing::TestWithParam<std::string> {};

TEST_P(EveryPreset, HasNoSilentKey) { test::expect_no_silent_key(test::make_small(preset(GetParam()))); }

INSTANTIATE_TEST_SUITE_P(Keys, EveryPreset, testing::ValuesIn(preset_names()), test::test_name);

}  // namespace
}  // namespace deepq
