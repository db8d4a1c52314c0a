#include "deepq/env/line_board.h"

#include <algorithm>

#include "deepq/core/error.h"

namespace deepq {
namespace {

uint64_t bit(int cell) { return uint64_t{1} << cell; }

LineBoard::Player other(LineBoard::Player player) {
  return player == LineBoard::kFirst ? LineBoard::kSecond : LineBoard::kFirst;
}

}  // namespace

LineBoard::LineBoard(const LineRules& rules) : rules_(rules), through_(static_cast<size_t>(cells())) {
  DEEPQ_ASSERT(rules.rows > 0 && rules.columns > 0 && cells() <= 64 && rules.in_line > 0);
  const auto on_board = [&](int row, int column) {
    return row >= 0 && row < rules.rows && column >= 0 && column < rules.columns;
  };
  // From each cell to the right, down, and along both diagonals downwards.
  constexpr std::array<std::array<int, 2>, 4> kSteps{{{0, 1}, {1, 0}, {1, 1}, {1, -1}}};
  for (int cell = 0; cell < cells(); ++cell) {
    const int row = cell / rules.columns, column = cell % rules.columns, last = rules.in_line - 1;
    for (const auto& [down, right] : kSteps) {
      if (!on_board(row + last * down, column + last * right)) continue;
      uint64_t line = 0;
      for (int i = 0; i <= last; ++i) line |= bit((row + i * down) * rules.columns + column + i * right);
      lines_.push_back(line);
    }
  }
  for (const uint64_t line : lines_)
    for (int cell = 0; cell < cells(); ++cell)
      if (line & bit(cell)) through_[static_cast<size_t>(cell)].push_back(line);
}

uint64_t LineBoard::free_moves() const {
  const uint64_t taken = stones_[kFirst] | stones_[kSecond];
  const int moves = move_count();
  // Where stones fall, a column is free while its top cell is: the top row's cells are the first.
  return ~taken & (moves == 64 ? ~uint64_t{0} : bit(moves) - 1);
}

int LineBoard::cell_of(int move) const {
  if (!rules_.stones_fall) return move;
  const uint64_t taken = stones_[kFirst] | stones_[kSecond];
  int row = rules_.rows - 1;
  while (taken & bit(row * rules_.columns + move)) --row;
  return row * rules_.columns + move;
}

void LineBoard::play(Player player, int move) {
  DEEPQ_ASSERT(move >= 0 && move < move_count() && (free_moves() & bit(move)) != 0);
  stones_[player] |= bit(cell_of(move));
}

bool LineBoard::has_won(Player player) const {
  return std::ranges::any_of(lines_, [&](uint64_t line) { return (stones_[player] & line) == line; });
}

// Whether `player` has a line through the cell that `stone` is.
bool LineBoard::completes_line(Player player, uint64_t stone) const {
  const uint64_t stones = stones_[player];
  return std::ranges::any_of(through_[static_cast<size_t>(std::countr_zero(stone))],
                             [&](uint64_t line) { return (stones & line) == line; });
}

// Of the player whose turn it is; no stone has won yet. As soon as a move wins, no other is looked at.
int LineBoard::value_of(Player player, int depth) {
  const uint64_t moves = free_moves();
  if (depth == 0 || moves == 0) return 0;
  int best = -1;
  for (int move = 0; move < move_count() && best < 1; ++move)
    if (moves & bit(move)) best = std::max(best, value_after(player, move, depth));
  return best;
}

// Of `player`, who makes the move; the board is then as before.
int LineBoard::value_after(Player player, int move, int depth) {
  const uint64_t stone = bit(cell_of(move));
  stones_[player] |= stone;
  const int value = completes_line(player, stone) ? 1 : -value_of(other(player), depth - 1);
  stones_[player] &= ~stone;
  return value;
}

int LineBoard::best_move(Player player, int depth, Random& random) {
  DEEPQ_ASSERT(depth >= 1 && free_moves() != 0);
  std::array<int, 64> best_moves{};
  uint64_t count = 0;
  int best = -2;
  for (int move = 0; move < move_count(); ++move) {
    if (!(free_moves() & bit(move))) continue;
    const int value = value_after(player, move, depth);
    if (value > best) count = 0;
    best = std::max(best, value);
    if (value == best) best_moves[count++] = move;
  }
  return best_moves[random.below(count)];
}

}  // namespace deepq
