// The rectangle of cells that the grid worlds share. Cells are numbered row by row from the top left: row * columns +
// column.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "deepq/env/picture.h"

namespace deepq {

enum class Heading { kUp, kRight, kDown, kLeft };  // clockwise

constexpr Heading to_the_left(Heading heading) { return static_cast<Heading>((static_cast<int>(heading) + 3) % 4); }
constexpr Heading to_the_right(Heading heading) { return static_cast<Heading>((static_cast<int>(heading) + 1) % 4); }

struct Grid {
  int64_t rows = 1;
  int64_t columns = 1;

  constexpr int64_t cells() const { return rows * columns; }

  // The cell next to this one; at the edge, the cell itself.
  constexpr int64_t neighbor(int64_t cell, Heading heading) const {
    switch (heading) {
      case Heading::kUp:
        return cell >= columns ? cell - columns : cell;
      case Heading::kRight:
        return (cell + 1) % columns != 0 ? cell + 1 : cell;
      case Heading::kDown:
        return cell + columns < cells() ? cell + columns : cell;
      case Heading::kLeft:
        return cell % columns != 0 ? cell - 1 : cell;
    }
    return cell;
  }

  // One line for each row, of one letter for each cell, the marked cell's in brackets.
  std::string text(std::string_view letters, int64_t marked) const;
  // A square for each, by its letter, and a disc in the marked one; empty of more than 640 rows or columns.
  Picture picture(std::string_view letters, int64_t marked) const;
};

}  // namespace deepq
