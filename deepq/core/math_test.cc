// Strict elementary functions against the C library's 80-bit ones: errors in units of the last place, special values,
// and bits that any machine must give.
#include "deepq/core/math.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <limits>

#include "deepq/core/random.h"
#include "deepq/core/sha256.h"

namespace deepq {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// How far `value` is from `exact`, in units of the last place that a double of that size has.
double ulps(double value, long double exact) {
  const double nearest = static_cast<double>(exact);
  const double unit = std::nextafter(std::abs(nearest), kInfinity) - std::abs(nearest);
  return static_cast<double>(std::abs((static_cast<long double>(value) - exact) / static_cast<long double>(unit)));
}

struct Function {
  const char* name;
  double low, high, most_ulps;
  std::function<double(double)> strict;
  std::function<long double(long double)> exact;
};

std::vector<Function> functions() {
  const auto power = [](double y) {
    return std::pair{std::function<double(double)>([y](double x) { return strict::pow(x, y); }),
                     std::function<long double(long double)>(
                         [y](long double x) { return std::pow(x, static_cast<long double>(y)); })};
  };
  const auto of = [](auto strict, auto exact) {
    return std::pair{std::function<double(double)>(strict), std::function<long double(long double)>(exact)};
  };
  const auto exp = of(strict::exp, [](long double x) { return std::exp(x); });
  const auto log = of(strict::log, [](long double x) { return std::log(x); });
  const auto sin = of(strict::sin, [](long double x) { return std::sin(x); });
  const auto cos = of(strict::cos, [](long double x) { return std::cos(x); });
  std::vector<Function> all;
  const auto add = [&](const char* name, double low, double high, double most, const auto& pair) {
    all.push_back({name, low, high, most, pair.first, pair.second});
  };
  add("exp", -1, 1, 0.67, exp), add("exp", -700, 700, 0.67, exp);
  add("log", 0.5, 2, 0.78, log), add("log", 1e-300, 1, 0.78, log), add("log", 0, 1e9, 0.78, log);
  add("sin", -1, 1, 0.76, sin), add("sin", -10, 10, 0.76, sin), add("sin", -1e6, 1e6, 0.76, sin);
  add("cos", -1, 1, 0.76, cos), add("cos", -10, 10, 0.76, cos), add("cos", -1e6, 1e6, 0.76, cos);
  add("pow 0.6", 0, 1, 0.67, power(0.6)), add("pow 1", 0, 1e6, 0, power(1)), add("pow 2", 0, 1e6, 0.67, power(2));
  add("pow -0.4", 0, 1e6, 0.67, power(-0.4)), add("pow 40000", 0.99, 1.01, 0.67, power(40000));
  return all;
}

TEST(Math, StrictFunctionsErrByLessThanAUnitOfTheLastPlace) {
  if (std::numeric_limits<long double>::digits < 64) GTEST_SKIP() << "no 80-bit functions here";
  for (const Function& f : functions()) {
    Random random(1);
    double largest = 0, where = 0;
    for (int i = 0; i < 20'000; ++i) {
      const double x = random.uniform(f.low, f.high);
      const double error = ulps(f.strict(x), f.exact(static_cast<long double>(x)));
      if (error > largest) largest = error, where = x;
    }
    EXPECT_LE(largest, f.most_ulps) << f.name << " from " << f.low << " to " << f.high << ", at " << where;
    RecordProperty(f.name, std::to_string(largest));
  }
}

TEST(Math, StrictFunctionsTakeWhatTheLibrarysTake) {
  const double tiny = std::numeric_limits<double>::denorm_min();
  EXPECT_EQ(strict::exp(0), 1);
  EXPECT_EQ(strict::exp(-kInfinity), 0);
  EXPECT_EQ(strict::exp(1000), kInfinity);
  EXPECT_EQ(strict::exp(-1000), 0);
  EXPECT_EQ(strict::exp(-745), std::exp(-745));
  EXPECT_NEAR(strict::exp(709.7) / std::exp(709.7), 1, 1e-15);
  EXPECT_EQ(strict::log(0), -kInfinity);
  EXPECT_EQ(strict::log(1), 0);
  EXPECT_EQ(strict::log(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(strict::log(-1)));
  EXPECT_NEAR(strict::log(tiny), std::log(tiny), 1e-12);
  EXPECT_EQ(strict::sin(0), 0);
  EXPECT_EQ(strict::cos(0), 1);
  EXPECT_NEAR(strict::cos(1e9), std::cos(1e9), 1e-7);
  EXPECT_TRUE(std::isnan(strict::sin(kInfinity)));
  for (const double x : {0.0, 0.5, 1.0, 2.0, kInfinity})
    for (const double y : {-kInfinity, -2.0, 0.0, 1.0, 3.0, kInfinity}) {
      if (x == 1 && std::isinf(y)) continue;
      EXPECT_EQ(strict::pow(x, y), std::pow(x, y)) << x << " " << y;
    }
  EXPECT_EQ(strict::pow(1e300, 1e301), kInfinity);
  EXPECT_EQ(strict::pow(1e300, -1e301), 0);
  EXPECT_EQ(strict::pow(0.5, 1000), std::pow(0.5, 1000));
  for (const auto& f : functions()) EXPECT_TRUE(std::isnan(f.strict(std::nan("")))) << f.name;
}

// A compiler that fused or reordered anything here would give others.
TEST(Math, StrictFunctionsGiveTheseBits) {
  std::vector<double> all;
  for (const Function& f : functions()) {
    Random random(2);
    for (int i = 0; i < 5'000; ++i) all.push_back(f.strict(random.uniform(f.low, f.high)));
  }
  EXPECT_EQ(sha256_hex(std::as_bytes(std::span(all))),
            "d795828fd3127b740ecef5a9ac4ee246b4dce3d0ea6e6698f35da2c63b1aeb43");
}

TEST(Math, FastIsTheLibrarys) {
  const Math fast, strict(Arithmetic::kStrict);
  for (const double x : {0.1, 0.7, 3.3}) {
    EXPECT_EQ(fast.exp(x), std::exp(x));
    EXPECT_EQ(fast.cos(x), std::cos(x));
    EXPECT_EQ(strict.pow(x, 0.3), strict::pow(x, 0.3));
    EXPECT_EQ(strict.log(static_cast<float>(x)), static_cast<float>(strict::log(double{static_cast<float>(x)})));
  }
}

}  // namespace
}  // namespace deepq
