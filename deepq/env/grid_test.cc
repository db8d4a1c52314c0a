#include "deepq/env/grid.h"

#include <gtest/gtest.h>

#include <array>

namespace deepq {
namespace {

// 0 1 2
// 3 4 5
TEST(Grid, NeighborsStayInside) {
  constexpr Grid kGrid{2, 3};
  const std::array<std::array<int64_t, 4>, 6> expected{{
      {0, 1, 3, 0},  // up, right, down, left of cell 0
      {1, 2, 4, 0},
      {2, 2, 5, 1},
      {0, 4, 3, 3},
      {1, 5, 4, 3},
      {2, 5, 5, 4},
  }};
  for (size_t cell = 0; cell < expected.size(); ++cell)
    for (size_t heading = 0; heading < 4; ++heading)
      EXPECT_EQ(kGrid.neighbor(static_cast<int64_t>(cell), static_cast<Heading>(heading)), expected[cell][heading])
          << "cell " << cell << ", heading " << heading;
}

TEST(Grid, FourTurnsGoRound) {
  EXPECT_EQ(to_the_right(Heading::kUp), Heading::kRight);
  EXPECT_EQ(to_the_right(Heading::kLeft), Heading::kUp);
  for (const Heading heading : {Heading::kUp, Heading::kRight, Heading::kDown, Heading::kLeft})
    EXPECT_EQ(to_the_left(to_the_right(heading)), heading);
}

TEST(Grid, TextMarksOneCell) { EXPECT_EQ((Grid{2, 3}.text("abcdef", 4)), " a  b  c \n d [e] f \n"); }

}  // namespace
}  // namespace deepq
