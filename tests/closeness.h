// Comparison of float arrays: |a - b| <= tolerance * max(scale, |b|), with the first offender named.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>

namespace deepq::test {

inline ::testing::AssertionResult all_close(std::span<const float> actual, std::span<const float> expected,
                                            double tolerance = 1e-5, double scale = 1.0) {
  if (actual.size() != expected.size())
    return ::testing::AssertionFailure() << "sizes differ: " << actual.size() << " and " << expected.size();
  for (size_t i = 0; i < actual.size(); ++i) {
    const double difference = std::abs(double{actual[i]} - double{expected[i]});
    if (!(difference <= tolerance * std::max(scale, std::abs(double{expected[i]}))))
      return ::testing::AssertionFailure() << "element " << i << " is " << actual[i] << ", expected " << expected[i];
  }
  return ::testing::AssertionSuccess();
}

}  // namespace deepq::test
