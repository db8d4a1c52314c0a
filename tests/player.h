// A policy whose action values are a function of one observation, of a world whose observations are real numbers.
#pragma once

#include <functional>
#include <span>

#include "deepq/train/policy.h"

namespace deepq::test {

class Player final : public ValueFunction {
 public:
  // What `q_values` returns is valid until its next call.
  Player(std::function<std::span<const double>(std::span<const float> observation)> q_values, int64_t numbers,
         int64_t actions)
      : q_values_(std::move(q_values)), policy(*this, ObservationSpace::real({numbers}), actions) {}

  int64_t most_rows() const override { return 1; }
  std::span<const double> values(const ObservationRows& observations, Random*, std::span<float>) override {
    return q_values_(observations.as<float>());
  }

 private:
  std::function<std::span<const double>(std::span<const float>)> q_values_;

 public:
  Policy policy;
};

}  // namespace deepq::test
