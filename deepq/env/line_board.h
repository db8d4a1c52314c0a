// A board on which two players set stones in turn, and who has enough of them in a row, column or diagonal wins:
// noughts and crosses (3 x 3, three in a line), Connect Four (6 x 7, four, stones fall). Boards are two sets of cells;
// cell row * columns + column, row 0 on top.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "deepq/core/random.h"

namespace deepq {

struct LineRules {
  int rows = 3, columns = 3, in_line = 3;  // up to 64 cells
  bool stones_fall = false;                // to the lowest free cell of a column, which is what a move then names
};

class LineBoard {
 public:
  enum Player : uint8_t { kFirst, kSecond };

  explicit LineBoard(const LineRules& rules);

  const LineRules& rules() const { return rules_; }
  int cells() const { return rules_.rows * rules_.columns; }
  int move_count() const { return rules_.stones_fall ? rules_.columns : cells(); }  // moves are 0 ... move_count() - 1

  void clear() { stones_ = {}; }
  // Bit m: move m may be made, were it somebody's turn.
  uint64_t free_moves() const;
  // Sets a stone of `player`. `move` is a free one.
  void play(Player player, int move);
  bool has_won(Player player) const;
  bool is_full() const { return std::popcount(stones_[kFirst] | stones_[kSecond]) == cells(); }
  uint64_t stones(Player player) const { return stones_[player]; }
  void set_stones(Player player, uint64_t cells) { stones_[player] = cells; }

  // A move of `player`, whose turn it is and who has one: of all that look best `depth` moves ahead, each as likely.
  // Looks at every line of play; a win counts 1, a loss -1, all else 0.
  // The board is then as before. No allocation.
  int best_move(Player player, int depth, Random& random);

 private:
  int cell_of(int move) const;
  bool completes_line(Player player, uint64_t stone) const;
  int value_of(Player player, int depth);
  int value_after(Player player, int move, int depth);

  LineRules rules_;
  std::array<uint64_t, 2> stones_{};
  std::vector<uint64_t> lines_;                 // each a set of cells
  std::vector<std::vector<uint64_t>> through_;  // by cell
};

}  // namespace deepq
