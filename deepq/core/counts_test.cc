#include "deepq/core/counts.h"

#include <gtest/gtest.h>

namespace deepq {
namespace {

TEST(Counts, AsPeopleTypeThem) {
  for (const char* const text : {"100000", "100_000", "1_00_000", "1e5", "1E5", "1e+5", "1.0e5", "0.1e6", "100k",
                                 "100K", "0.1M", "0.1m", "1e2k", "100000.0", "0100000", "1000000e-1"})
    EXPECT_EQ(parse_count(text), 100'000) << text;
  EXPECT_EQ(parse_count("1_000_000"), 1'000'000);
  EXPECT_EQ(parse_count("2.5M"), 2'500'000);
  EXPECT_EQ(parse_count("1.5k"), 1'500);
  EXPECT_EQ(parse_count("1G"), 1'000'000'000);
  EXPECT_EQ(parse_count("0"), 0);
  EXPECT_EQ(parse_count("0.0"), 0);
  EXPECT_EQ(parse_count("0e9"), 0);
  EXPECT_EQ(parse_count("-3k"), -3'000);
  EXPECT_EQ(parse_count("9223372036854775807"), 9'223'372'036'854'775'807);
  EXPECT_EQ(parse_count("9007199254740993"), 9'007'199'254'740'993) << "a double would round it";
}

TEST(Counts, WhatIsNoWholeNumber) {
  for (const char* const text : {"",
                                 "k",
                                 "-",
                                 "2.7",
                                 "1.5",
                                 "1.2345k",
                                 "1e-1",
                                 "5e-1",
                                 "1e30",
                                 "1e99999999999",
                                 "9223372036854775808",
                                 "_1",
                                 "1_",
                                 "1__0",
                                 "1.",
                                 ".5k",
                                 "1.2.3k",
                                 "1e",
                                 "e5",
                                 "1e5.0",
                                 "1e+",
                                 "1e+-5",
                                 "1e++5",
                                 "1ee5",
                                 "0x10",
                                 "1 000",
                                 "1,000",
                                 " 1",
                                 "1 ",
                                 "+1",
                                 "--1",
                                 "nan",
                                 "inf",
                                 "100kk",
                                 "1kM",
                                 "100kb",
                                 "ten",
                                 "1e5_",
                                 "\xc2\xb2"})
    EXPECT_EQ(parse_count(text), std::nullopt) << text;
}

}  // namespace
}  // namespace deepq
