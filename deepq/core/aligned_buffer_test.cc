#include "deepq/core/aligned_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "deepq/core/error.h"

namespace deepq {
namespace {

TEST(AlignedBuffer, IsAlignedAndZeroed) {
  for (const size_t size : {size_t{1}, size_t{63}, size_t{1025}, size_t{2} << 20}) {
    const AlignedBuffer<float> buffer(size);
    EXPECT_EQ(buffer.size(), size);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % 64, 0u);
    EXPECT_TRUE(std::ranges::all_of(buffer.span(), [](float value) { return value == 0; }));
  }
}

TEST(AlignedBuffer, MovesWithoutCopying) {
  AlignedBuffer<int32_t> a(3);
  a[2] = 7;
  const int32_t* const memory = a.data();
  AlignedBuffer<int32_t> b(std::move(a));
  EXPECT_EQ(b.data(), memory);
  EXPECT_EQ(b[2], 7);
  AlignedBuffer<int32_t> c(10);
  c = std::move(b);
  EXPECT_EQ(c.data(), memory);
  EXPECT_EQ(c.size(), 3u);
}

TEST(AlignedBuffer, EmptyHasNoMemory) {
  const AlignedBuffer<double> none(0), never;
  EXPECT_EQ(none.data(), nullptr);
  EXPECT_TRUE(never.span().empty());
}

TEST(AlignedBuffer, TooMuchIsAnError) {
  EXPECT_THROW(AlignedBuffer<double>(SIZE_MAX / 16), Error);
  EXPECT_THROW(AlignedBuffer<double>(SIZE_MAX / 8 + 2), Error) << "8 bytes were allocated: the product overflowed";
}

}  // namespace
}  // namespace deepq
