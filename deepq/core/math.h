// The elementary functions of all that learns and of the worlds it learns in, in a run's arithmetic. Fast: the C
// library's, whose last bits differ between libraries and between CPUs. Strict: our own (namespace strict), of nothing
// but IEEE 754's additions, products and divisions of doubles, so that they give the same bits wherever those do.
#pragma once

#include <cmath>

#include "deepq/core/arithmetic.h"

namespace deepq {

// Errors in units of the last place, the largest seen in comparing with 80-bit functions (math_test.cc): exp and pow
// 0.67, log, sin and cos 0.78. Single precision, by way of double, is rounded right but in one of 1e8 cases.
namespace strict {

double exp(double x);
double log(double x);
double sin(double x);  // |x| above 1e6: the error grows by |x| times 4e-17
double cos(double x);
double pow(double x, double y);  // of x that are not negative

}  // namespace strict

class Math {
 public:
  Math(Arithmetic arithmetic = Arithmetic::kFast) : strict_(arithmetic == Arithmetic::kStrict) {}

  double exp(double x) const { return strict_ ? strict::exp(x) : std::exp(x); }
  double log(double x) const { return strict_ ? strict::log(x) : std::log(x); }
  double sin(double x) const { return strict_ ? strict::sin(x) : std::sin(x); }
  double cos(double x) const { return strict_ ? strict::cos(x) : std::cos(x); }
  double pow(double x, double y) const { return strict_ ? strict::pow(x, y) : std::pow(x, y); }
  float exp(float x) const { return strict_ ? static_cast<float>(strict::exp(double{x})) : std::exp(x); }
  float log(float x) const { return strict_ ? static_cast<float>(strict::log(double{x})) : std::log(x); }

  bool is_strict() const { return strict_; }

 private:
  bool strict_;
};

}  // namespace deepq
