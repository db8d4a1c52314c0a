#include "deepq/core/error.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "deepq/core/finite.h"

namespace deepq {
namespace {

TEST(Error, OfJoinsItsParts) {
  const Error error = Error::of("agent.gamma is ", 1.5, "; allowed: ", 0, " to ", std::string("1"));
  EXPECT_STREQ(error.what(), "agent.gamma is 1.5; allowed: 0 to 1");
}

TEST(Error, DidYouMeanFindsTheNearest) {
  const std::vector<std::string> keys{"agent.gamma", "agent.batch_size", "replay.capacity"};
  EXPECT_EQ(did_you_mean("agent.gama", keys), "; did you mean 'agent.gamma'?");             // one left out
  EXPECT_EQ(did_you_mean("agent.gammaa", keys), "; did you mean 'agent.gamma'?");           // one too many
  EXPECT_EQ(did_you_mean("agent.bitch-size", keys), "; did you mean 'agent.batch_size'?");  // two others
  EXPECT_EQ(did_you_mean("capacity", keys), "") << "seven letters are missing";
  EXPECT_EQ(did_you_mean("zzzzzzzzzz", keys), "");
  EXPECT_EQ(did_you_mean("x", {}), "");
  EXPECT_EQ(did_you_mean("", {"abc"}), "");
  EXPECT_EQ(did_you_mean("ab", {"xb", "ab"}), "; did you mean 'ab'?");
  EXPECT_EQ(did_you_mean("lr", {"id"}), "") << "all of it is another";
  EXPECT_EQ(did_you_mean("agent.lr", {"agent.loss"}), "");
  EXPECT_EQ(did_you_mean("abc", {"abd", "abe"}), "; did you mean 'abd'?") << "the first of equals";
}

TEST(Error, Join) {
  EXPECT_EQ(join({}), "");
  EXPECT_EQ(join({"a"}), "a");
  EXPECT_EQ(join({"a", "b", "c"}), "a, b, c");
  EXPECT_EQ(join({"a", "b"}, " | "), "a | b");
}

TEST(Error, NumberTextIsTheShortestThatReadsBack) {
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(number_text(5), "5");
  EXPECT_EQ(number_text(-0.0), "-0");
  EXPECT_EQ(number_text(2.5e-4), "0.00025");
  EXPECT_EQ(number_text(1e22), "1e+22");
  for (const double value : {1.0 / 3, -1e-300, 5e-324, 123456789.125, std::numeric_limits<double>::max(),
                             -std::numeric_limits<double>::min(), std::nextafter(1.0, 2.0)}) {
    const std::string text = number_text(value);
    double back = 0;
    std::from_chars(text.data(), text.data() + text.size(), back);
    EXPECT_EQ(back, value) << text;
  }
}

TEST(Error, NumberTextOfTheRest) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(number_text(kInfinity), "inf");
  EXPECT_EQ(number_text(-kInfinity), "-inf");
  EXPECT_EQ(number_text(kNaN), "nan");
  EXPECT_EQ(number_text(-kNaN), "nan") << "what 0/0 is on x86";
}

// A bug is not the caller's Error.
TEST(Error, AssertNamesConditionAndPlace) {
  EXPECT_NO_THROW(DEEPQ_ASSERT(1 + 1 == 2));
  try {
    DEEPQ_ASSERT(1 + 1 == 3);
    FAIL() << "nothing was thrown";
  } catch (const std::logic_error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("1 + 1 == 3"), std::string::npos) << text;
    EXPECT_NE(text.find("error_test.cc:"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace deepq
