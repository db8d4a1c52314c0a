#include "deepq/core/archive.h"

#include <gtest/gtest.h>

#include <array>

#include "deepq/core/error.h"
#include "deepq/core/finite.h"

namespace deepq {
namespace {

// One member of each kind, with the one function that saves and loads.
struct Everything {
  bool flag = false;
  uint8_t byte = 0;
  int32_t small = 0;
  uint32_t small_unsigned = 0;
  int64_t large = 0;
  uint64_t large_unsigned = 0;
  float single = 0;
  double real = 0;
  std::array<float, 3> few{};
  std::vector<double> many = std::vector<double>(100);
  std::vector<int64_t> list;
  std::string text;

  void serialize(Archive& archive) {
    archive.value("flag", flag);
    archive.value("byte", byte, kAnyValue<uint8_t>);
    archive.value("small", small, kAnyValue<int32_t>);
    archive.value("small_unsigned", small_unsigned, kAnyValue<uint32_t>);
    archive.value("large", large, kAnyValue<int64_t>);
    archive.value("large_unsigned", large_unsigned, kAnyValue<uint64_t>);
    const auto scope = archive.scope("inner");
    archive.value("single", single);
    archive.value("real", real);
    archive.array("few", few, {3, 1});
    archive.array("many", many);
    archive.vector("list", list, {7, 8});
    archive.text("text", text);
  }
  bool operator==(const Everything&) const = default;
};

Everything example() {
  Everything example{true,   200,       -5, 4'000'000'000, INT64_MIN, UINT64_MAX, 0.1f,
                     -1e300, {1, 2, 3}, {}, {7, 8},        "hé\0llo"};
  for (int i = 0; i < 100; ++i) example.many.push_back(i / 7.0);
  return example;
}

// As a file would hold it, so that dtypes and shapes are part of the test.
std::vector<std::byte> file_of(const TensorMap& tensors) {
  const std::string header = safetensors_header(tensors, {});
  const auto header_bytes = std::as_bytes(std::span(header));
  std::vector<std::byte> file(header_bytes.begin(), header_bytes.end());
  for (const auto* named : safetensors_order(tensors))
    file.insert(file.end(), named->second.bytes.begin(), named->second.bytes.end());
  return file;
}

template <class Function>
std::string error_of(const Function& function) {
  try {
    function();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Archive, EveryKindComesBack) {
  Everything original = example();
  Archive saved;
  EXPECT_FALSE(saved.loading());
  original.serialize(saved);
  EXPECT_EQ(original, example()) << "saving changed the object";
  const std::vector<std::byte> file = file_of(saved.tensors());
  const Safetensors parsed = parse_safetensors(file);
  Archive loaded(parsed.tensors);
  EXPECT_TRUE(loaded.loading());
  Everything restored;
  restored.serialize(loaded);
  EXPECT_EQ(restored, original);
}

TEST(Archive, EntriesAreNamedAndTyped) {
  Everything original = example();
  Archive saved;
  original.serialize(saved);
  const TensorMap& tensors = saved.tensors();
  EXPECT_EQ(tensors.size(), 12u);
  EXPECT_EQ(tensors.at("flag").dtype, Dtype::kBool);
  EXPECT_TRUE(tensors.at("flag").shape.empty());
  EXPECT_EQ(tensors.at("byte").dtype, Dtype::kU8);
  EXPECT_EQ(tensors.at("small").dtype, Dtype::kI32);
  EXPECT_EQ(tensors.at("small_unsigned").dtype, Dtype::kU32);
  EXPECT_EQ(tensors.at("large").dtype, Dtype::kI64);
  EXPECT_EQ(tensors.at("large_unsigned").dtype, Dtype::kU64);
  EXPECT_EQ(tensors.at("inner/single").dtype, Dtype::kF32);
  EXPECT_EQ(tensors.at("inner/real").dtype, Dtype::kF64);
  EXPECT_EQ(tensors.at("inner/few").shape, (std::vector<int64_t>{3, 1}));
  EXPECT_EQ(tensors.at("inner/many").shape, std::vector<int64_t>{100});
  EXPECT_EQ(tensors.at("inner/text").dtype, Dtype::kU8);
}

TEST(Archive, ScopesNestAndEnd) {
  Archive saved;
  int64_t number = 1;
  {
    const auto outer = saved.scope("agent");
    {
      const auto inner = saved.scope("optimizer");
      saved.value("steps", number, kCount);
    }
    saved.value("updates", number, kCount);
  }
  saved.value("steps", number, kCount);
  std::vector<std::string> names;
  for (const auto& [name, tensor] : saved.tensors()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"agent/optimizer/steps", "agent/updates", "steps"}));

  Archive loaded(saved.tensors());
  const auto outer = loaded.scope("agent");
  EXPECT_TRUE(loaded.contains("updates"));
  EXPECT_FALSE(loaded.contains("steps"));
  EXPECT_FALSE(saved.contains("steps")) << "asked of an archive that saves";
}

// Arrays are large (a replay buffer) and stay where they are; small things may change before the file is written.
TEST(Archive, LargeArraysAreViewsSmallOnesCopies) {
  Archive saved;
  std::vector<float> large(1000, 1.0f);
  std::array<float, 4> small{1, 1, 1, 1};
  int64_t number = 1;
  saved.array("large", large);
  saved.array("small", small);
  saved.value("number", number, kCount);
  small.fill(2);
  number = 2;
  EXPECT_EQ(saved.tensors().at("large").bytes.data(), reinterpret_cast<const std::byte*>(large.data()));
  Archive loaded(saved.tensors());
  loaded.array("small", small);
  loaded.value("number", number, kCount);
  EXPECT_EQ(small, (std::array<float, 4>{1, 1, 1, 1}));
  EXPECT_EQ(number, 1);
}

TEST(Archive, VectorsAndTextsTakeTheSavedSize) {
  Archive saved;
  std::vector<int32_t> numbers{1, 2, 3}, none;
  std::string text = "abc", nothing;
  saved.vector("numbers", numbers, {1, 3});
  saved.vector("none", none, {1, 3});
  saved.text("text", text);
  saved.text("nothing", nothing);
  std::vector<int32_t> short_numbers{9}, long_numbers{9, 9, 9, 9};
  std::string other = "something else";
  Archive loaded(saved.tensors());
  loaded.vector("numbers", short_numbers, {1, 3});
  loaded.vector("none", long_numbers, {1, 3});
  loaded.text("text", other);
  EXPECT_EQ(short_numbers, numbers);
  EXPECT_TRUE(long_numbers.empty());
  EXPECT_EQ(other, "abc");
  loaded.text("nothing", other);
  EXPECT_EQ(other, "");
}

TEST(Archive, WhatDoesNotFitIsNamed) {
  Archive saved;
  const auto scope = saved.scope("agent");
  std::vector<double> moments(3);
  saved.array("moments", moments);
  Archive loaded(saved.tensors());
  const auto loaded_scope = loaded.scope("agent");
  std::vector<double> four(4);
  std::vector<int64_t> integers(3);
  double number = 0;
  EXPECT_EQ(error_of([&] { loaded.array("moments", four); }),
            "the saved state's 'agent/moments' is [3] of F64; expected [4] of F64");
  EXPECT_EQ(error_of([&] { loaded.vector("moments", integers, kCount); }),
            "the saved state's 'agent/moments' is [3] of F64; expected [3] of I64");
  EXPECT_EQ(error_of([&] { loaded.value("moments", number); }),
            "the saved state's 'agent/moments' is [3] of F64; expected one F64");
  std::vector<double> three(3);
  EXPECT_EQ(error_of([&] {
              loaded.array("moments", three, {1, 3});
            }),
            "the saved state's 'agent/moments' is [3] of F64; expected [1, 3] of F64");
  EXPECT_EQ(error_of([&] { loaded.value("updates", number); }), "the saved state has no 'agent/updates'");
  EXPECT_EQ(error_of([&] { loaded.vector("updates", four); }), "the saved state has no 'agent/updates'");
}

TEST(Archive, ABoolIsZeroOrOne) {
  const std::array<std::byte, 1> two{std::byte{2}};
  const TensorMap tensors{{"flag", {Dtype::kBool, {}, two}}};
  Archive loaded(tensors);
  bool flag = false;
  EXPECT_EQ(error_of([&] { loaded.value("flag", flag); }), "the saved state's 'flag' is not a bool; allowed: 0 and 1");
}

TEST(Archive, NumbersOutOfTheirLimitsAreNamed) {
  Archive saved;
  const auto scope = saved.scope("agent");
  int64_t steps = -1;
  std::vector<int32_t> actions{0, 2, 1};
  std::vector<double> priorities{0, 1, kNaN};
  uint64_t word = kAnyValue<uint64_t>.most;
  saved.value("steps", steps, {0, 5});  // what is saved is as it is
  saved.array("actions", actions, {0, 1});
  saved.vector("list", actions, {0, 1});
  saved.array("priorities", priorities);
  saved.value("word", word, {0, 7});
  saved.check("steps", steps, {0, 5});

  Archive loaded(saved.tensors());
  const auto loaded_scope = loaded.scope("agent");
  EXPECT_EQ(error_of([&] {
              loaded.value("steps", steps, {0, 5});
            }),
            "the saved state's 'agent/steps' is -1; allowed: 0 to 5");
  EXPECT_EQ(error_of([&] {
              loaded.value("steps", steps, {7, 7});
            }),
            "the saved state's 'agent/steps' is -1; allowed: 7");
  EXPECT_NO_THROW(loaded.value("steps", steps, {-1, 5}));
  const std::string third = "the saved state's 'agent/actions[1]' is 2; allowed: 0 to 1";
  EXPECT_EQ(error_of([&] { loaded.array("actions", actions, {0, 1}); }), third);
  EXPECT_NO_THROW(loaded.array("actions", actions, {0, 2}));
  EXPECT_EQ(error_of([&] {
              loaded.vector("list", actions, {1, 2});
            }),
            "the saved state's 'agent/list[0]' is 0; allowed: 1 to 2");
  EXPECT_EQ(error_of([&] {
              loaded.value("word", word, {0, 7});
            }),
            "the saved state's 'agent/word' is 18446744073709551615; allowed: 0 to 7");
  loaded.array("priorities", priorities);
  EXPECT_EQ(error_of([&] {
              loaded.check_all("priorities", priorities, {0, 1});
            }),
            "the saved state's 'agent/priorities[2]' is nan; allowed: 0 to 1");
  EXPECT_EQ(error_of([&] {
              loaded.check("priorities", priorities[1], {-1, 0.5});
            }),
            "the saved state's 'agent/priorities' is 1; allowed: -1 to 0.5");
}

TEST(Archive, MemoryIsTakenOnlyForWhatTheFileHolds) {
  std::vector<double> table(6);
  Archive saved;
  saved.array("table", table, {3, 2});
  Archive loaded(saved.tensors());
  EXPECT_NO_THROW(loaded.require<double>("table", {3, 2}));
  EXPECT_EQ(error_of([&] {
              loaded.require<double>("table", {int64_t{1} << 62, 2});
            }),
            "the saved state's 'table' is [3, 2] of F64; expected [4611686018427387904, 2] of F64");
}

TEST(Archive, ANameTwiceIsABug) {
  Archive saved;
  int64_t number = 1;
  saved.value("number", number, kCount);
  EXPECT_THROW(saved.value("number", number, kCount), std::logic_error);
}

}  // namespace
}  // namespace deepq
