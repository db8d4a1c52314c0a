#include "deepq/core/observation_rows.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <limits>

#include "deepq/core/finite.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

constexpr int64_t kMany = (int64_t{1} << 24) + 10;  // states that floats do not tell apart

ObservationSpace space_of(ObservationKind kind) {
  switch (kind) {
    case ObservationKind::kReal:
      return ObservationSpace::real({2, 3});
    case ObservationKind::kBytes:
      return ObservationSpace::bytes({2, 3});
    case ObservationKind::kFrames:
      return ObservationSpace::frames({1, 2, 3});
    case ObservationKind::kDiscrete:
      return ObservationSpace::discrete(5);
    case ObservationKind::kLegal:
      break;  // beside another kind only
  }
  return {};
}

// Two leaves of each kind that there will be in dictionaries, in an order that needs padding.
const ObservationSpace kMixed({{.kind = ObservationKind::kBytes, .shape = {3}},
                               {.kind = ObservationKind::kDiscrete, .shape = {1}, .count = 4},
                               {.kind = ObservationKind::kReal, .shape = {2}},
                               {.kind = ObservationKind::kDiscrete, .shape = {1}, .count = 3}});

std::vector<std::byte> row_of(const ObservationLayout& layout, const std::vector<float>& numbers) {
  std::vector<std::byte> row(static_cast<size_t>(layout.row_bytes()));
  layout.take_numbers(numbers, row);
  return row;
}

std::vector<float> numbers_of(const ObservationLayout& layout, std::span<const std::byte> row) {
  std::vector<float> numbers(static_cast<size_t>(layout.size()));
  layout.put_numbers(ObservationRow(row), numbers);
  return numbers;
}

TEST(ObservationRows, EachNumberHasItsLeafsOwnType) {
  EXPECT_EQ(ObservationLayout(space_of(ObservationKind::kReal)).row_bytes(), 24);
  EXPECT_EQ(ObservationLayout(space_of(ObservationKind::kBytes)).row_bytes(), 6);
  EXPECT_EQ(ObservationLayout(space_of(ObservationKind::kFrames)).row_bytes(), 6);
  EXPECT_EQ(ObservationLayout(space_of(ObservationKind::kDiscrete)).row_bytes(), 8);
  EXPECT_EQ(ObservationLayout::handles(4).row_bytes(), 16);
  const ObservationLayout mixed(kMixed);  // 3 bytes, 5 of nothing, a state, 2 floats, a state
  EXPECT_EQ(mixed.row_bytes(), 32);
  EXPECT_EQ(mixed.alignment(), 8);
  EXPECT_EQ(mixed.size(), 7);
  EXPECT_EQ(mixed.input_size(), 3 + 4 + 2 + 3);
  EXPECT_TRUE(ObservationLayout(space_of(ObservationKind::kReal)).is_real());
  EXPECT_FALSE(ObservationLayout::handles(4).is_real());
  EXPECT_FALSE(mixed.is_real());
}

TEST(ObservationRows, NumbersThatUsersHandOverComeBack) {
  const std::vector<float> numbers{0, 255, 3, -0.0f, 17, 128};
  for (const auto kind : {ObservationKind::kReal, ObservationKind::kBytes, ObservationKind::kFrames}) {
    const ObservationLayout layout(space_of(kind));
    EXPECT_EQ(numbers_of(layout, row_of(layout, numbers)), numbers);
  }
  const ObservationLayout states(space_of(ObservationKind::kDiscrete)), mixed(kMixed);
  EXPECT_EQ(ObservationRow(row_of(states, {4})).state(), 4);
  EXPECT_EQ(numbers_of(states, row_of(states, {4})), std::vector<float>{4});
  const std::vector<float> all{7, 8, 255, 3, 0.5f, -2, 2};
  EXPECT_EQ(numbers_of(mixed, row_of(mixed, all)), all);
}

TEST(ObservationRows, NumbersThatAreNoneOfTheSpaceAreRefused) {
  const auto refusal = [](ObservationKind kind, const std::vector<float>& numbers) {
    return test::error_of([&] { row_of(ObservationLayout(space_of(kind)), numbers); });
  };
  const auto nan = static_cast<float>(kNaN);
  using enum ObservationKind;
  EXPECT_EQ(refusal(kReal, {1, 2, 3}), "the observation has 3 numbers; allowed: 6");
  EXPECT_EQ(refusal(kReal, {1, 2, nan, 4, 5, 6}), "observation[2] is nan; allowed: finite numbers");
  const std::string bytes = "; allowed: whole numbers from 0 to 255";
  EXPECT_EQ(refusal(kBytes, {1, 2, 0.5f, 4, 5, 6}), "number 2 of a byte observation is 0.5" + bytes);
  EXPECT_EQ(refusal(kFrames, {1, 2, 3, 4, 5, 256}), "number 5 of a byte observation is 256" + bytes);
  EXPECT_EQ(refusal(kBytes, {-1, 2, 3, 4, 5, 6}), "number 0 of a byte observation is -1" + bytes);
  EXPECT_EQ(refusal(kBytes, {1, nan, 3, 4, 5, 6}), "number 1 of a byte observation is nan" + bytes);
  EXPECT_EQ(refusal(kDiscrete, {5}), "the observation is 5; allowed: 0 to 4");
  EXPECT_EQ(refusal(kDiscrete, {2.75f}), "the observation is 2.75; allowed: 0 to 4, whole numbers");
}

TEST(ObservationRows, RowsThatAreNoneOfTheSpaceAreRefused) {
  const auto refusal = [](const ObservationSpace& space, ObservationRow row) {
    return test::error_of([&] { ObservationLayout(space).check(row); });
  };
  const ObservationSpace states = ObservationSpace::discrete(kMany), reals = ObservationSpace::real({2});
  EXPECT_EQ(refusal(states, std::array{kMany - 1}), "no error");
  EXPECT_EQ(refusal(states, std::array{kMany}), "the observation is 16777226; allowed: 0 to 16777225");
  EXPECT_EQ(refusal(states, std::array<int64_t, 1>{-1}), "the observation is -1; allowed: 0 to 16777225");
  EXPECT_EQ(refusal(states, std::array{1.0f}), "the observation has 4 bytes; allowed: 8");
  EXPECT_EQ(refusal(reals, std::array{1.0f, std::numeric_limits<float>::infinity()}),
            "observation[1] is inf; allowed: finite numbers");
  EXPECT_EQ(refusal(ObservationSpace::bytes({3}), std::array<uint8_t, 3>{0, 1, 255}), "no error");
}

TEST(ObservationRows, StatesBeyondTheFloatsStayApart) {
  const ObservationLayout layout(ObservationSpace::discrete(kMany));
  const std::array<int64_t, 3> states{16777216, 16777217, 16777219};
  const ObservationRows rows = ObservationRows(states).in(layout);
  EXPECT_EQ(rows.count(), 3);
  for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(rows[i].state(), states[static_cast<size_t>(i)]);
  std::array<float, 1> number;
  layout.put_numbers(rows[0], number);
  EXPECT_EQ(number[0], 16777216.0f);
  EXPECT_EQ(test::error_of([&] { layout.put_numbers(rows[1], number); }),
            "the observation is state 16777217, which a float32 does not tell from its neighbours");
  EXPECT_EQ(ObservationRow(row_of(layout, {16777216.0f})).state(), 16777216) << "not rounded with the bound";
}

TEST(ObservationRows, ANetworkSeesFloatsAndOneHotStates) {
  const ObservationLayout mixed(kMixed);
  const std::vector<float> first{0, 0, 1, 0, 0, 0.5f, -2, 0, 1, 0}, wanted{7, 8, 255, 0, 0, 0, 1, 0.5f, -2, 0, 0, 1};
  std::vector<float> input(2 * 16);
  std::vector<int64_t> hot(4);
  const InputRows to{input.data(), 16, hot.data()};
  // A row that was another one before: what was hot is 0 again.
  for (const std::vector<float>& numbers : {std::vector<float>{1, 2, 3, 1, 9, 9, 0}, {7, 8, 255, 3, 0.5f, -2, 2}}) {
    const std::vector<std::byte> row = row_of(mixed, numbers);
    mixed.encode(ObservationRow(row), to, 1);
  }
  EXPECT_EQ(std::vector<float>(input.begin() + 16, input.begin() + 28), wanted);
  EXPECT_EQ(std::vector<float>(input.begin(), input.begin() + 16), std::vector<float>(16)) << "the row beside it";
  std::vector<float> unknown(12, 5.0f);
  mixed.encode(ObservationRow(row_of(mixed, {7, 8, 255, 3, 0.5f, -2, 2})), {unknown.data(), 12}, 0);
  EXPECT_EQ(unknown, wanted);
}

// Rows of one observation after the other under every kind: saved, and loaded again.
TEST(ObservationRows, SavedRowsComeBackInTheirOwnType) {
  const auto saved_as = [](const ObservationLayout& layout, const std::vector<std::vector<float>>& observations) {
    std::vector<std::byte> rows;
    for (const std::vector<float>& numbers : observations) {
      const std::vector<std::byte> row = row_of(layout, numbers);
      rows.insert(rows.end(), row.begin(), row.end());
    }
    Archive saved;
    layout.serialize(saved, "rows", rows);
    std::vector<std::byte> loaded(rows.size());
    Archive archive(saved.tensors());
    layout.serialize(archive, "rows", loaded);
    EXPECT_EQ(loaded, rows);
    return saved.tensors().at("rows").dtype;
  };
  const std::vector<float> numbers{0, 255, 3, 4, 17, 128}, others{1, 2, 3, 4, 5, 6};
  EXPECT_EQ(saved_as(space_of(ObservationKind::kReal), {numbers, others}), Dtype::kF32);
  EXPECT_EQ(saved_as(space_of(ObservationKind::kBytes), {numbers, others}), Dtype::kU8);
  EXPECT_EQ(saved_as(space_of(ObservationKind::kDiscrete), {{3}, {0}, {4}}), Dtype::kI64);
  EXPECT_EQ(saved_as(ObservationLayout::handles(2), {{0, 1}, {2, 3}}), Dtype::kI32);
}

// Older checkpoints keep floats for all; and what is bytes here may be the floats of another world.
TEST(ObservationRows, FloatsThatWereSavedAreConverted) {
  const auto loaded = [](const ObservationLayout& layout, auto numbers) {
    Archive saved;
    if constexpr (std::same_as<typename decltype(numbers)::value_type, float>)
      saved.array("rows", numbers);
    else
      saved.array("rows", numbers, kAnyValue<uint8_t>);
    std::vector<std::byte> rows(numbers.size() / static_cast<size_t>(layout.size()) *
                                static_cast<size_t>(layout.row_bytes()));
    Archive archive(saved.tensors());
    layout.serialize(archive, "rows", rows);
    return rows;
  };
  const std::vector<float> numbers{0, 255, 3, 4, 17, 128}, states{4, 0};
  const std::vector<uint8_t> bytes{0, 255, 3, 4, 17, 128};
  const ObservationLayout real(space_of(ObservationKind::kReal)), of_bytes(space_of(ObservationKind::kBytes)),
      discrete(space_of(ObservationKind::kDiscrete));
  EXPECT_EQ(numbers_of(of_bytes, loaded(of_bytes, numbers)), numbers);
  EXPECT_EQ(numbers_of(real, loaded(real, bytes)), numbers);
  const std::vector<std::byte> rows = loaded(discrete, states);
  EXPECT_EQ(ObservationRows(discrete, rows)[0].state(), 4);
  EXPECT_EQ(ObservationRows(discrete, rows)[1].state(), 0);
  const std::vector<float> handles{std::bit_cast<float>(7), std::bit_cast<float>(0x7fffffff)};  // the second is a NaN
  EXPECT_EQ(ObservationRow(loaded(ObservationLayout::handles(2), handles)).as<int32_t>()[1], 0x7fffffff);
  EXPECT_EQ(test::error_of([&] {
              loaded(of_bytes, std::vector<float>{0, 1, 2, 3, 4, 0.5f});
            }),
            "number 5 of a byte observation is 0.5; allowed: whole numbers from 0 to 255");
  EXPECT_EQ(test::error_of([&] { loaded(discrete, std::vector<float>{5}); }), "the observation is 5; allowed: 0 to 4");
}

// Three numbers or one state, then 70 actions: two words, where 64 bits may lie.
TEST(ObservationRows, LegalActionsLieBehindTheNumbers) {
  for (const ObservationSpace& space : {ObservationSpace::bytes({3}), ObservationSpace::discrete(5)}) {
    const ObservationLayout layout(space.with_legal_actions(70)), plain(space);
    EXPECT_EQ(layout.row_bytes(), 8 + 16);
    EXPECT_EQ(layout.number_bytes(), plain.row_bytes());
    EXPECT_EQ(layout.size(), plain.size());
    EXPECT_EQ(layout.input_size(), plain.input_size());
    EXPECT_EQ(layout.legal_words(), 2);
    EXPECT_EQ(plain.legal_words(), 0);
    EXPECT_TRUE(
        plain.legal(ObservationRow(row_of(plain, std::vector<float>(static_cast<size_t>(plain.size()))))).all());

    std::vector<std::byte> rows = row_of(layout, std::vector<float>(static_cast<size_t>(layout.size()), 3));
    EXPECT_TRUE(layout.legal(ObservationRow(rows)).none());
    allow(layout.legal(std::span(rows)), 1);
    allow(layout.legal(std::span(rows)), 69);
    layout.check(ObservationRow(rows));
    for (size_t a = 0; a < 70; ++a) EXPECT_EQ(layout.legal(ObservationRow(rows))(a), a == 1 || a == 69) << a;

    // A network's input has no place for them; they are written beside it.
    std::vector<float> input(static_cast<size_t>(2 * layout.input_size()));
    std::vector<uint64_t> legal(4);
    layout.encode(ObservationRow(rows), {.data = input.data(), .stride = layout.input_size(), .legal = legal.data()},
                  1);
    EXPECT_EQ(legal, (std::vector<uint64_t>{0, 0, 2, 32}));

    Archive saved;
    layout.serialize(saved, "rows", rows);
    std::vector<std::byte> loaded(rows.size());
    Archive archive(saved.tensors());
    layout.serialize(archive, "rows", loaded);
    EXPECT_EQ(loaded, rows);

    allow(layout.legal(std::span(rows)), 70);
    EXPECT_EQ(test::error_of([&] { layout.check(ObservationRow(rows)); }),
              "action 70 is said to be legal; allowed: 0 to 69");
  }
}

}  // namespace
}  // namespace deepq
