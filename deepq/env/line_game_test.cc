// Noughts and crosses and Connect Four: the rules against known counts of positions, the minimax opponent against all
// lines of play, and the games as environments.
#include "deepq/env/line_game.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "deepq/core/error.h"
#include "deepq/env/sync_vector_env.h"
#include "tests/legal_play.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using Position = std::pair<uint64_t, uint64_t>;

LineBoard at(const LineRules& rules, const Position& position) {
  LineBoard board(rules);
  board.set_stones(LineBoard::kFirst, position.first);
  board.set_stones(LineBoard::kSecond, position.second);
  return board;
}

// How many positions there are after 0, 1, 2, ... moves; a won game goes no further.
std::vector<size_t> positions(const LineRules& rules, int moves) {
  std::set<Position> now{{0, 0}};
  std::vector<size_t> counts;
  for (int ply = 0; ply <= moves; ++ply) {
    counts.push_back(now.size());
    const auto player = ply % 2 == 0 ? LineBoard::kFirst : LineBoard::kSecond;
    std::set<Position> next;
    for (const Position& position : now) {
      const LineBoard board = at(rules, position);
      if (board.has_won(LineBoard::kFirst) || board.has_won(LineBoard::kSecond)) continue;
      for (int move = 0; move < board.move_count(); ++move) {
        if (!(board.free_moves() >> move & 1)) continue;
        LineBoard after = board;
        after.play(player, move);
        next.insert({after.stones(LineBoard::kFirst), after.stones(LineBoard::kSecond)});
      }
    }
    now = std::move(next);
  }
  return counts;
}

constexpr LineRules kTicTacToe{.rows = 3, .columns = 3, .in_line = 3};
constexpr LineRules kConnectFour{.rows = 6, .columns = 7, .in_line = 4, .stones_fall = true};

// 5,478 in all (https://oeis.org/A008907 counts them up to symmetry, the sum is well known); Connect Four:
// https://oeis.org/A212693.
TEST(LineBoard, HasAsManyPositionsAsTheGames) {
  EXPECT_EQ(positions(kTicTacToe, 9), (std::vector<size_t>{1, 9, 72, 252, 756, 1260, 1520, 1140, 390, 78}));
  EXPECT_EQ(positions(kConnectFour, 8), (std::vector<size_t>{1, 7, 49, 238, 1120, 4263, 16422, 54859, 184275}));
}

// Of the player whose turn it is, when both play their best to the end.
int true_value(const LineBoard& board, LineBoard::Player player, std::map<Position, int>& known) {
  const Position position{board.stones(LineBoard::kFirst), board.stones(LineBoard::kSecond)};
  if (const auto found = known.find(position); found != known.end()) return found->second;
  const auto opponent = player == LineBoard::kFirst ? LineBoard::kSecond : LineBoard::kFirst;
  int best = board.has_won(opponent) ? -1 : board.is_full() ? 0 : -2;
  for (int move = 0; best != 1 && !board.has_won(opponent) && move < board.move_count(); ++move) {
    if (!(board.free_moves() >> move & 1)) continue;
    LineBoard after = board;
    after.play(player, move);
    best = std::max(best, -true_value(after, opponent, known));
  }
  return known[position] = best;
}

TEST(LineBoard, AllOfTicTacToeIsPlayedAsWellAsCanBe) {
  std::map<Position, int> known;
  EXPECT_EQ(true_value(LineBoard(kTicTacToe), LineBoard::kFirst, known), 0);
  Random random(1);
  int asked = 0;
  for (const auto& [position, value] : std::map(known)) {
    LineBoard board = at(kTicTacToe, position);
    const auto player =
        std::popcount(position.first) == std::popcount(position.second) ? LineBoard::kFirst : LineBoard::kSecond;
    const auto opponent = player == LineBoard::kFirst ? LineBoard::kSecond : LineBoard::kFirst;
    if (board.has_won(opponent) || board.is_full()) continue;
    LineBoard after = board;
    after.play(player, board.best_move(player, 9, random));
    EXPECT_EQ(-true_value(after, opponent, known), value);
    ++asked;
  }
  EXPECT_GT(asked, 1000);
}

TEST(LineBoard, EquallyGoodMovesAreDrawn) {
  Random random(3);
  std::map<int, int> drawn;
  for (int i = 0; i < 900; ++i) ++drawn[LineBoard(kTicTacToe).best_move(LineBoard::kFirst, 1, random)];
  ASSERT_EQ(drawn.size(), 9u);
  for (const auto& [move, count] : drawn) EXPECT_NEAR(count, 100, 40) << move;
}

TEST(ConnectFour, StonesFallAndFullColumnsAreIllegal) {
  ConnectFour game;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    game.reset(seed);
    Random random(seed);
    for (bool ended = false; !ended;) {
      const LegalActions legal = game.legal_actions();
      for (size_t column = 0; column < 7; ++column)
        EXPECT_EQ(legal(column), game.render_text()[2 * column] == '.') << game.render_text();
      const int64_t action = test::legal_from(static_cast<int64_t>(random.below(7)), game);
      ended = game.step(action).terminated;
      const uint64_t own = game.board().stones(LineBoard::kFirst), all = own | game.board().stones(LineBoard::kSecond);
      EXPECT_EQ(own & game.board().stones(LineBoard::kSecond), 0u);
      EXPECT_EQ(all & ~(all >> 7 | ~uint64_t{0} << 35), 0u) << "something hangs in the air\n" << game.render_text();
    }
  }
}

TEST(ConnectFour, IllegalMovesAreRefusedByName) {
  ConnectFour game;
  game.reset(1);
  std::string refusal;
  for (int move = 0; move < 200 && refusal.empty(); ++move)
    if (game.legal_actions()(0)) {
      if (game.step(0).terminated) game.reset(std::nullopt);
    } else {
      refusal = test::error_of([&] { game.step(0); });
    }
  EXPECT_EQ(refusal, "action 0 is illegal: nothing is free there");
}

// Each side begins in turn, so half of all games begin with a stone of the opponent's.
TEST(TicTacToe, WhoBeginsChanges) {
  TicTacToe game;
  game.reset(5);
  const bool first = game.board().stones(LineBoard::kSecond) == 0;
  for (int episode = 1; episode < 6; ++episode) {
    game.reset(std::nullopt);
    EXPECT_EQ(game.board().stones(LineBoard::kSecond) == 0, (episode % 2 == 0) == first);
  }
}

TEST(TicTacToe, AgainstTheBestNobodyWins) {
  TicTacToe game({.opponent = LineGameOptions::Opponent::kMinimax, .minimax_depth = 9});
  Random random(7);
  game.reset(0);
  int lost = 0;
  for (int games = 0; games < 200;) {
    const Step step = game.step(test::legal_from(static_cast<int64_t>(random.below(9)), game));
    EXPECT_LE(step.reward, 0) << game.render_text();
    if (!step.terminated) continue;
    lost += step.reward < 0;
    ++games;
    game.reset(std::nullopt);
  }
  EXPECT_GT(lost, 100) << "who plays at random against the best";
}

// Whoever looks ahead takes a line that is there to be completed; a move at random may be another.
TEST(TicTacToe, SomeOfTheOpponentsMovesAreRandom) {
  for (const double fraction : {0.0, 0.25, 1.0}) {
    TicTacToe game({.opponent = LineGameOptions::Opponent::kMinimax, .minimax_depth = 1, .random_moves = fraction});
    Random random(11);
    game.reset(0);
    int chances = 0, missed = 0;
    double expected = 0;
    while (chances < 2000) {
      const int64_t action = test::legal_from(static_cast<int64_t>(random.below(9)), game);
      LineBoard board = game.board();
      board.play(LineBoard::kFirst, static_cast<int>(action));
      int wins = 0;
      for (int move = 0; move < 9 && !board.has_won(LineBoard::kFirst); ++move) {
        LineBoard after = board;
        if (!(board.free_moves() >> move & 1)) continue;
        after.play(LineBoard::kSecond, move);
        wins += after.has_won(LineBoard::kSecond);
      }
      const Step step = game.step(action);
      if (wins > 0) {
        ++chances;
        missed += step.reward == 0;
        expected += fraction * (1 - wins / static_cast<double>(std::popcount(board.free_moves())));
      }
      if (step.terminated) game.reset(std::nullopt);
    }
    EXPECT_NEAR(missed, expected, fraction == 0 ? 0 : 100) << fraction;  // five standard deviations at most
    EXPECT_EQ(missed > 0, fraction > 0);
  }
}

TEST(TicTacToe, TwoStonesInOneCellAreRefused) {
  TicTacToe game;
  uint64_t cells = 511;
  Archive forged;
  Random(1).serialize(forged);
  bool begins = true;
  forged.value("agent_begins", begins);
  forged.value("agent_stones", cells, {0, 511});
  forged.value("opponent_stones", cells, {0, 511});
  Archive archive(forged.tensors());
  EXPECT_EQ(test::error_of([&] { game.serialize(archive); }), "two stones lie in one cell");
}

}  // namespace
}  // namespace deepq
