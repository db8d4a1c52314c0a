#include "deepq/env/line_game.h"

#include <algorithm>

#include "deepq/core/error.h"

namespace deepq {

LineGame::LineGame(const std::string& id, const LineRules& rules, const LineGameOptions& options)
    : options_(options),
      board_(rules),
      spec_{
          .id = id,
          .observation_space =
              ObservationSpace::zeros_and_ones({rules.rows, rules.columns, 2}).with_legal_actions(board_.move_count()),
          .action_count = board_.move_count(),
          // Never reached: the board is full before. Evaluations plan by it.
          .max_episode_steps = board_.cells(),
          .largest_reward = 1,
          .side_by_side = true},
      observation_(static_cast<size_t>(2 * board_.cells())),
      floats_(observation_.size()) {}

std::span<const float> LineGame::reset(std::optional<uint64_t> seed) {
  if (seed) {
    random_ = Random(*seed);
    agent_begins_ = random_.below(2) == 0;
  } else {
    agent_begins_ = !agent_begins_;
  }
  board_.clear();
  if (!agent_begins_) let_opponent_move();
  observe();
  return floats_;
}

void LineGame::let_opponent_move() {
  int move = 0;
  const double at_random = options_.random_moves;
  const bool looks_ahead = options_.opponent == LineGameOptions::Opponent::kMinimax &&
                           (at_random == 0 || random_.uniform() >= at_random);  // no draw where none is asked for
  if (looks_ahead) {
    move = board_.best_move(kOpponent, static_cast<int>(options_.minimax_depth), random_);
  } else {
    uint64_t moves = board_.free_moves();
    // The draw says how many free moves are passed over.
    for (uint64_t left = random_.below(static_cast<uint64_t>(std::popcount(moves))); left > 0; --left)
      moves &= moves - 1;
    move = std::countr_zero(moves);
  }
  board_.play(kOpponent, move);
}

Step LineGame::step(int64_t action) {
  const auto move = static_cast<int>(action);
  // SyncVectorEnv refuses it before; whoever steps the world alone learns of it here.
  if ((board_.free_moves() >> move & 1) == 0) throw Error::of("action ", action, " is illegal: nothing is free there");
  board_.play(kAgent, move);
  if (board_.has_won(kAgent)) return result(1, true);
  if (board_.is_full()) return result(0, true);
  let_opponent_move();
  if (board_.has_won(kOpponent)) return result(-1, true);
  return result(0, board_.is_full());
}

Step LineGame::result(double reward, bool ended) {
  observe();
  return {.observation = floats_, .reward = reward, .terminated = ended, .truncated = false};
}

void LineGame::observe() {
  for (size_t cell = 0; cell < observation_.size() / 2; ++cell) {
    observation_[2 * cell] = board_.stones(kAgent) >> cell & 1;
    observation_[2 * cell + 1] = board_.stones(kOpponent) >> cell & 1;
  }
  std::ranges::copy(observation_, floats_.begin());
  legal_ = board_.free_moves();
}

bool LineGame::serialize(Archive& archive) {
  random_.serialize(archive);
  archive.value("agent_begins", agent_begins_);
  const auto stones = [&](std::string_view name, LineBoard::Player player) {
    uint64_t cells = board_.stones(player);
    archive.value(name, cells, {0, (uint64_t{1} << board_.cells()) - 1});
    board_.set_stones(player, cells);
  };
  stones("agent_stones", kAgent);
  stones("opponent_stones", kOpponent);
  if ((board_.stones(kAgent) & board_.stones(kOpponent)) != 0) throw Error("two stones lie in one cell");
  observe();
  return true;
}

std::string LineGame::render_text() const {
  std::string text;
  const int columns = board_.rules().columns;
  for (int cell = 0; cell < board_.cells(); ++cell) {
    const bool own = (board_.stones(kAgent) >> cell & 1) != 0, theirs = (board_.stones(kOpponent) >> cell & 1) != 0;
    text += own ? 'X' : theirs ? 'O' : '.';
    text += cell % columns == columns - 1 ? '\n' : ' ';
  }
  if (!board_.rules().stones_fall) return text;
  for (int column = 0; column < columns; ++column)
    text += std::to_string(column) + (column == columns - 1 ? '\n' : ' ');
  return text;
}

TicTacToe::TicTacToe(const LineGameOptions& options)
    : LineGame("TicTacToe-v0", {.rows = 3, .columns = 3, .in_line = 3}, options) {}

ConnectFour::ConnectFour(const LineGameOptions& options)
    : LineGame("ConnectFour-v0", {.rows = 6, .columns = 7, .in_line = 4, .stones_fall = true}, options) {}

Picture LineGame::picture() const {
  constexpr int kCell = 48;
  const LineRules& rules = board_.rules();
  Painter painter(rules.columns * kCell, rules.rows * kCell, {38, 70, 118});
  for (int cell = 0; cell < board_.cells(); ++cell) {
    const bool own = (board_.stones(kAgent) >> cell & 1) != 0, theirs = (board_.stones(kOpponent) >> cell & 1) != 0;
    const Rgb color = own ? Rgb{214, 69, 65} : theirs ? Rgb{255, 213, 79} : Rgb{236, 240, 244};
    const int row = cell / rules.columns, column = cell % rules.columns;
    painter.disc((column + 0.5) * kCell, (row + 0.5) * kCell, kCell * 0.4, color);
  }
  return painter.take();
}

}  // namespace deepq
