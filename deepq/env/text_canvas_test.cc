#include "deepq/env/text_canvas.h"

#include <gtest/gtest.h>

#include <cmath>

namespace deepq {
namespace {

TEST(TextCanvas, PointsLandInTheNearestCellAndBlanksAtTheEndVanish) {
  TextCanvas canvas({.left = -1, .top = 1, .column_width = 0.5, .row_height = 1, .columns = 5, .rows = 3});
  canvas.point(-1, 1, 'a');
  canvas.point(0.2, 0.4, 'b');
  canvas.point(1.24, -1.4, 'c');
  EXPECT_EQ(canvas.text(), "a\n  b\n    c\n");
}

TEST(TextCanvas, WhatLiesOutsideIsLeftOut) {
  TextCanvas canvas({.columns = 2, .rows = 2});
  for (const double far : {-2.0, 1.51, 1e300, -1e300, std::nan("")}) {
    canvas.point(far, 0, 'x');
    canvas.point(0, far, 'x');
  }
  canvas.point(-0.51, 0, 'x');
  EXPECT_EQ(canvas.text(), "\n\n");
}

TEST(TextCanvas, LinesHaveNoGaps) {
  TextCanvas canvas({.columns = 5, .rows = 3});
  canvas.line(0, 0, 3, -1, '*');
  canvas.line(4, -2, 4, 0, '|');
  canvas.line(0, -2, 0, -2, 'o');
  EXPECT_EQ(canvas.text(), "**  |\n  **|\no   |\n");
}

}  // namespace
}  // namespace deepq
