#include "deepq/env/grid.h"

#include "deepq/core/error.h"

namespace deepq {

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
