#include "deepq/core/fields.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "deepq/core/finite.h"

namespace deepq {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Range, EndsAreInUnlessOpen) {
  EXPECT_TRUE(Range::between(0, 1).contains(0));
  EXPECT_TRUE(Range::between(0, 1).contains(1));
  EXPECT_FALSE(Range::between(0, 1).contains(std::nextafter(1.0, 2.0)));
  EXPECT_FALSE(Range::between(0, 1).contains(-1e-300));
  EXPECT_TRUE(Range::at_least(1).contains(1));
  EXPECT_TRUE(Range::at_least(1).contains(1e300));
  EXPECT_FALSE(Range::at_least(1).contains(0.5));
  EXPECT_FALSE(Range::above(0).contains(0));
  EXPECT_TRUE(Range::above(0).contains(5e-324));
  EXPECT_FALSE((Range{.min = 0, .max = 1, .min_open = true}.contains(0)));
  EXPECT_TRUE((Range{.min = 0, .max = 1, .min_open = true}.contains(1)));
}

TEST(Range, NanIsNowhere) {
  EXPECT_FALSE(Range().contains(kNaN));
  EXPECT_FALSE(Range::at_least(0).contains(kNaN));
  EXPECT_TRUE(Range().contains(-kInfinity));
}

// A float32 has neither: they would be 0 or infinite, or flushed.
TEST(Range, ANumberFitsWhatItIsKeptIn) {
  EXPECT_EQ(Range::above(0).refusal(1e-3), "");
  EXPECT_EQ(Range::at_least(0).refusal(0.0), "");
  EXPECT_EQ(Range{}.refusal(-3e38), "");
  for (const double value : {1e-50, 1e-39, 1e39, 1e300}) {
    EXPECT_EQ(Range::above(0).refusal(value), "above 0, and in size 1.2e-38 to 3.4e+38, as single precision has it");
    EXPECT_EQ(Range{}.refusal(-value), "any number, and in size 0 or 1.2e-38 to 3.4e+38, as single precision has it");
    EXPECT_EQ(Range::above(0).wide().refusal(value), "");
  }
  EXPECT_EQ(Range::between(0, 1).refusal(2.0), "0 to 1");
  for (const double value : {kNaN, kInfinity}) EXPECT_EQ(Range{}.wide().refusal(value), "any number");
  EXPECT_EQ(Range{}.optional().refusal(kNaN), "");
  EXPECT_EQ(Range{}.optional().refusal(kInfinity), "any number, or nan");
}

TEST(Range, AnIntegerIsExactAsADouble) {
  constexpr int64_t kMost = int64_t{1} << 53;
  EXPECT_EQ(Range::at_least(1).refusal(kMost), "");
  EXPECT_EQ(Range::at_least(1).refusal(kMost + 1), "1 to 9007199254740992");
  EXPECT_EQ(Range::at_least(0).wide().refusal(std::numeric_limits<int64_t>::max()), "");
  EXPECT_EQ(Range::between(1, 4096).refusal(int64_t{4097}), "1 to 4096");
}

TEST(Range, Text) {
  EXPECT_EQ(Range().text(), "any number");
  EXPECT_EQ(Range::at_least(1).text(), "at least 1");
  EXPECT_EQ(Range::above(0).text(), "above 0");
  EXPECT_EQ(Range::between(0, 0.5).text(), "0 to 0.5");
  EXPECT_EQ((Range{.min = 0, .max = 1, .min_open = true}.text()), "above 0 to 1");
  EXPECT_EQ(Range{.max = 3}.text(), "at most 3");
}

enum class Loss { kMse, kHuber };

// Shows the choice and sets another one, as a parser would.
class ChoiceVisitor : public FieldVisitor {
 public:
  void section(std::string_view, std::string_view) override {}
  void flag(std::string_view, bool&, std::string_view) override {}
  void integer(std::string_view, int64_t&, Range, std::string_view) override {}
  void number(std::string_view, double&, Range, std::string_view) override {}
  void text(std::string_view, std::string&, std::string_view) override {}
  void integers(std::string_view, std::vector<int64_t>&, Range, std::string_view) override {}

  int next = 0;
  std::string seen;

 protected:
  void choice_index(std::string_view name, int& index, std::span<const std::string_view> names,
                    std::string_view) override {
    seen = std::string(name) + "=" + std::string(names[static_cast<size_t>(index)]);
    index = next;
  }
};

TEST(FieldVisitor, ChoiceGoesThroughTheNames) {
  constexpr std::array<std::string_view, 2> kNames{"mse", "huber"};
  Loss loss = Loss::kHuber;
  ChoiceVisitor visitor;
  visitor.next = 0;
  visitor.choice("loss", loss, kNames, "");
  EXPECT_EQ(visitor.seen, "loss=huber");
  EXPECT_EQ(loss, Loss::kMse);
  visitor.next = 1;
  visitor.choice("loss", loss, kNames, "");
  EXPECT_EQ(visitor.seen, "loss=mse");
  EXPECT_EQ(loss, Loss::kHuber);
}

}  // namespace
}  // namespace deepq
