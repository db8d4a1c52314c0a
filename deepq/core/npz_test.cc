#include "deepq/core/npz.h"

#include <gtest/gtest.h>

#include <array>

#include "deepq/core/error.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;

TEST(NpzTest, TheChecksumIsZips) {
  EXPECT_EQ(zip_crc("123456789"), 0xCBF43926u);
  EXPECT_EQ(zip_crc(""), 0u);
}

TEST(NpzTest, WhatIsWrittenIsRead) {
  const std::array<float, 6> numbers{1, 2, 3, 4, 5, 6};
  const std::array<int64_t, 2> actions{7, -1};
  const std::array<uint8_t, 3> flags{1, 0, 1};
  TensorMap arrays;
  arrays["observations"] = {Dtype::kF32, {2, 3}, std::as_bytes(std::span(numbers))};
  arrays["actions"] = {Dtype::kI64, {2}, std::as_bytes(std::span(actions))};
  arrays["parts/flag"] = {Dtype::kU8, {3}, std::as_bytes(std::span(flags))};
  arrays["none"] = {Dtype::kF64, {0, 4}, {}};
  arrays["scalar"] = {Dtype::kBool, {}, std::as_bytes(std::span(flags)).first(1)};
  const std::string archive = npz_bytes(arrays);
  const Npz read = parse_npz(archive, "a.npz");
  EXPECT_TRUE(read.others.empty());
  ASSERT_EQ(read.arrays.size(), arrays.size());
  for (const auto& [name, array] : arrays) {
    const TensorView& again = read.arrays.at(name);
    EXPECT_EQ(again.dtype, array.dtype) << name;
    EXPECT_EQ(again.shape, array.shape) << name;
    EXPECT_TRUE(std::ranges::equal(again.bytes, array.bytes)) << name;
  }
}

TEST(NpzTest, DamageIsNamed) {
  const std::array<double, 2> numbers{1, 2};
  std::string archive = npz_bytes({{"rewards", {Dtype::kF64, {2}, std::as_bytes(std::span(numbers))}}});
  EXPECT_EQ(error_of([&] { parse_npz(archive.substr(0, archive.size() - 30), "a.npz"); }),
            "a.npz is no .npz file: it has no list of its arrays");
  archive[archive.find("rewards.npy") + 11 + 130] ^= 1;
  EXPECT_EQ(error_of([&] { parse_npz(archive, "a.npz"); }), "a.npz is damaged: the checksum of rewards.npy is another");
  // Whatever a damaged file says, it is read or refused.
  for (size_t i = 0; i < archive.size(); ++i) {
    std::string damaged = archive;
    for (const char value : {'\0', '\x7f', '\xff'}) {
      damaged[i] = value;
      static_cast<void>(error_of([&] { parse_npz(damaged, "a.npz"); }));
    }
  }
}

}  // namespace
}  // namespace deepq
