#include "deepq/env/grid.h"

#include <algorithm>

#include "deepq/core/error.h"

namespace deepq {
namespace {

// Start, goal, hole, cliff, wall; else what may be walked on.
Rgb color_of(char letter) {
  switch (letter) {
    case 'S':
      return {255, 236, 179};
    case 'G':
      return {129, 199, 132};
    case 'H':
      return {38, 70, 118};
    case 'C':
      return {121, 85, 72};
    case '#':
      return {69, 78, 86};
    case 'F':
      return {225, 241, 250};
    default:
      return {245, 247, 249};
  }
}

}  // namespace

Picture Grid::picture(std::string_view letters, int64_t marked) const {
  constexpr int64_t kMost = 640, kCell = 48;  // pixels
  const int64_t longest = std::max(rows, columns);
  if (longest > kMost) return {};
  const auto cell = static_cast<int>(std::min(kCell, kMost / longest)), gap = cell > 8 ? 1 : 0;
  Painter painter(static_cast<int>(columns) * cell, static_cast<int>(rows) * cell, {200, 206, 212});
  for (int64_t i = 0; i < cells(); ++i) {
    const int64_t row = i / columns, column = i % columns;
    const double x = static_cast<double>(column * cell), y = static_cast<double>(row * cell);
    painter.rectangle(x, y, x + cell - gap, y + cell - gap, color_of(letters[static_cast<size_t>(i)]));
    if (i == marked) painter.disc(x + cell / 2.0, y + cell / 2.0, cell * 0.32, {214, 69, 65});
  }
  return painter.take();
}

std::string Grid::text(std::string_view letters, int64_t marked) const {
  DEEPQ_ASSERT(static_cast<int64_t>(letters.size()) == cells());
  std::string lines;
  for (int64_t cell = 0; cell < cells(); ++cell) {
    const bool is_marked = cell == marked;
    lines += is_marked ? '[' : ' ';
    lines += letters[static_cast<size_t>(cell)];
    lines += is_marked ? ']' : ' ';
    if ((cell + 1) % columns == 0) lines += '\n';
  }
  return lines;
}

}  // namespace deepq
