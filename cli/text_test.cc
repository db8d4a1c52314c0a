#include "cli/text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace deepq::cli {
namespace {

TEST(Text, Numbers) {
  EXPECT_EQ(fixed(22.449, 1), "22.4");
  EXPECT_EQ(fixed(std::nan(""), 1), "-");
  EXPECT_EQ(fixed(1e300, 0).size(), 301u);
  EXPECT_EQ(score(0.51749), "0.517");
  EXPECT_EQ(score(-0.9999), "-1.00");
  EXPECT_EQ(score(0.012345), "0.0123");
  EXPECT_EQ(score(0.09996), "0.100");
  EXPECT_EQ(score(1.234e-9), "0.000000");
  EXPECT_EQ(score(8.256), "8.26");
  EXPECT_EQ(score(9.999), "10.0");
  EXPECT_EQ(score(427.44), "427.4");
  EXPECT_EQ(score(0), "0.0");
  EXPECT_EQ(score(std::nan("")), "-");
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(-123456789), "-123,456,789");
  EXPECT_EQ(bytes_text(999), "999 bytes");
  EXPECT_EQ(bytes_text(12'340'000), "12.3 MB");
  EXPECT_EQ(bytes_text(5e15), "5000.0 TB");
}

TEST(Text, Durations) {
  EXPECT_EQ(duration(0), "0:00");
  EXPECT_EQ(duration(6.6), "0:07");
  EXPECT_EQ(duration(125), "2:05");
  EXPECT_EQ(duration(3725), "1:02:05");
  EXPECT_EQ(duration(-1), "0:00");
  EXPECT_EQ(duration(INFINITY), duration(1e9));
}

TEST(Text, Columns) {
  EXPECT_EQ(padded("ab", 4) + "|", "ab  |");
  EXPECT_EQ(padded("abcdef", 4), "abcdef");
  EXPECT_EQ(right_aligned("ab", 4), "  ab");
  EXPECT_EQ(right_aligned("abcdef", 4), "abcdef");
}

TEST(Text, WrappedBreaksAtBlanks) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrapped("one two three", 13), Lines{"one two three"});
  EXPECT_EQ(wrapped("one two three", 12), (Lines{"one two", "three"}));
  EXPECT_EQ(wrapped("one two three", 7), (Lines{"one two", "three"}));
  EXPECT_EQ(wrapped("one two three", 2), (Lines{"one", "two", "three"}));
  EXPECT_EQ(wrapped("", 5), Lines{""});
}

}  // namespace
}  // namespace deepq::cli
