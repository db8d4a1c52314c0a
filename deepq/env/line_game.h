// TicTacToe-v0 and ConnectFour-v0: the agent against an opponent that is part of the world. Observation: bytes [rows,
// columns, 2], 1 where the agent's stones are (first plane) and the opponent's (second), and which moves are legal.
// Actions: the nine cells, row by row; or the seven columns. Rewards: 1 for a win, -1 for a loss, 0 else. Who begins is
// drawn for the first episode and changes with every next one. Rules: noughts and crosses; Connect Four after
// https://en.wikipedia.org/wiki/Connect_Four. A move of the opponent is part of the step before it.
#pragma once

#include <string>
#include <vector>

#include "deepq/core/random.h"
#include "deepq/env/env.h"
#include "deepq/env/env_options.h"
#include "deepq/env/line_board.h"

namespace deepq {

class LineGame : public Env {
 public:
  const EnvSpec& spec() const override { return spec_; }
  std::span<const float> reset(std::optional<uint64_t> seed) override;
  Step step(int64_t action) override;
  ObservationRow typed_observation() const override { return observation_; }
  LegalActions legal_actions() const override { return LegalActions({&legal_, 1}); }
  bool serialize(Archive& archive) override;

  // X the agent's stones, O the opponent's.
  std::string render_text() const override;
  Picture picture() const override;

  const LineBoard& board() const { return board_; }

 protected:
  LineGame(const std::string& id, const LineRules& rules, const LineGameOptions& options);

 private:
  static constexpr LineBoard::Player kAgent = LineBoard::kFirst, kOpponent = LineBoard::kSecond;

  void let_opponent_move();
  Step result(double reward, bool ended);
  void observe();

  LineGameOptions options_;
  LineBoard board_;
  EnvSpec spec_;
  Random random_;
  bool agent_begins_ = false;
  uint64_t legal_ = 0;
  std::vector<uint8_t> observation_;
  std::vector<float> floats_;  // the same, for those who step the world themselves
};

class TicTacToe final : public LineGame {
 public:
  explicit TicTacToe(const LineGameOptions& options = {});
};

class ConnectFour final : public LineGame {
 public:
  explicit ConnectFour(const LineGameOptions& options = {});
};

}  // namespace deepq
