// MinAtar: five Atari games on 10 x 10 cells, one binary channel per kind of object. Source: Young and Tian 2019,
// "MinAtar: An Atari-Inspired Testbed for Thorough and Reproducible Reinforcement Learning Experiments",
// arXiv 1903.03176. The rules are written anew from the paper and from what the reference, the package MinAtar 1.0.15,
// is seen to do; tests/golden/README.md says how both are made to draw the same random numbers and compared.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "deepq/core/error.h"
#include "deepq/core/random.h"
#include "deepq/env/env.h"
#include "deepq/env/env_options.h"

namespace deepq::minatar {

constexpr int kSide = 10;
constexpr int kCellCount = kSide * kSide;
constexpr int kMaxChannels = 10;

// In the order of MinAtar's six actions.
enum class Move : uint8_t { kStay, kLeft, kUp, kRight, kDown, kFire };

// Cells to the right (downwards) that a move asks for: -1, 0 or 1. By table, since no processor foresees what an agent
// does next.
constexpr int columns_of(Move move) {
  constexpr std::array<int, 6> kColumns{0, -1, 0, 1, 0, 0};
  return kColumns[static_cast<size_t>(move)];
}
constexpr int rows_of(Move move) {
  constexpr std::array<int, 6> kRows{0, 0, -1, 0, 1, 0};
  return kRows[static_cast<size_t>(move)];
}

// A set of cells: bit 10 * row + column, row 0 on top.
__extension__ using Cells = unsigned __int128;

constexpr Cells cell(int column, int row) { return Cells{1} << (kSide * row + column); }
constexpr Cells rows(int first, int count) { return ((Cells{1} << (kSide * count)) - 1) << (kSide * first); }
constexpr Cells column(int number) {
  Cells cells = 0;
  for (int row = 0; row < kSide; ++row) cells |= cell(number, row);
  return cells;
}

constexpr Cells kBoard = rows(0, kSide);

// All cells moved by one; what crosses the edge is gone.
constexpr Cells shifted_left(Cells cells) {
  constexpr Cells kEdge = column(0);
  return (cells & ~kEdge) >> 1;
}
constexpr Cells shifted_right(Cells cells) {
  constexpr Cells kEdge = column(kSide - 1);
  return (cells & ~kEdge) << 1;
}

constexpr bool on_board(int column) { return column >= 0 && column < kSide; }

// A clock of a game: true in one step, false in the `next_wait` steps that follow.
template <class Integer>
constexpr bool due(Integer& wait, int next_wait) {
  const bool now = wait == 0;
  wait = static_cast<Integer>(now ? next_wait : wait - 1);
  return now;
}

// The observation, [row, column, channel], as bytes, and as floats for those who step a game themselves. Only what
// changes is written: to clear up to 1,000 floats, or to make them of the bytes, would take longer than the game does.
class Canvas {
 public:
  explicit Canvas(size_t channel_count)
      : channel_count_(channel_count), values_(kCellCount * channel_count), bytes_(values_.size()) {}

  std::span<const float> values() const { return values_; }
  std::span<const uint8_t> bytes() const { return bytes_; }

  // A new frame: the pieces are gone, the sets stay.
  void clear_pieces() {
    for (const uint16_t index : std::span(pieces_).first(piece_count_)) write(index, 0);
    piece_count_ = 0;
  }
  void piece(size_t channel, int column, int row) {
    const size_t index = static_cast<size_t>(kSide * row + column) * channel_count_ + channel;
    DEEPQ_ASSERT(index < values_.size());
    write(index, 1);
    pieces_[piece_count_++] = static_cast<uint16_t>(index);
  }

  // The whole content of a channel that has no pieces, for what seldom changes.
  void set(size_t channel, Cells cells) {
    if (sets_[channel] != cells) change_set(channel, cells);
  }

 private:
  void change_set(size_t channel, Cells cells);
  void toggle(uint64_t bits, size_t first);
  void write(size_t index, uint8_t value) {
    values_[index] = value;
    bytes_[index] = value;
  }

  static constexpr size_t kMaxPieces = 1000;  // above what the fullest Seaquest can have

  size_t channel_count_;
  std::vector<float> values_;
  std::vector<uint8_t> bytes_;
  std::array<Cells, kMaxChannels> sets_{};
  std::array<uint16_t, kMaxPieces> pieces_{};
  size_t piece_count_ = 0;
};

struct Outcome {
  int reward = 0;
  bool over = false;
};

struct Channel {
  std::string_view name;
  char symbol;
};

struct Description {
  std::string_view name;  // as in the id: "SpaceInvaders"
  std::vector<Channel> channels;
  std::string_view front_to_back;  // their symbols: which one is seen where several share a cell
  std::vector<Move> useful_moves;  // the minimal action set
};

// The rules of one game. GameEnv adds what all five share.
class Game {
 public:
  virtual ~Game() = default;
  virtual const Description& description() const = 0;
  virtual void start(Random& random) = 0;
  virtual Outcome play(Move move, Random& random) = 0;
  virtual void draw(Canvas& canvas) const = 0;  // after clear_pieces()
  virtual void serialize(Archive& archive) = 0;
};

// Breakout and Freeway have no difficulty that could rise.
std::unique_ptr<Game> make_asterix(bool difficulty_ramping);
std::unique_ptr<Game> make_breakout(bool difficulty_ramping);
std::unique_ptr<Game> make_freeway(bool difficulty_ramping);
std::unique_ptr<Game> make_seaquest(bool difficulty_ramping);
std::unique_ptr<Game> make_space_invaders(bool difficulty_ramping);

enum class ActionSet { kAll, kMinimal };  // the ids' "-v0" and "-v1"

class GameEnv final : public Env {
 public:
  GameEnv(std::unique_ptr<Game> game, ActionSet action_set, double sticky_action_probability);

  const EnvSpec& spec() const override { return spec_; }
  std::span<const float> reset(std::optional<uint64_t> seed) override;
  Step step(int64_t action) override;
  ObservationRow typed_observation() const override { return canvas_.bytes(); }
  bool serialize(Archive& archive) override;
  std::string render_text() const override;
  Picture picture() const override;

 private:
  std::span<const float> observe();
  std::string symbols() const;

  std::unique_ptr<Game> game_;
  std::vector<Move> moves_;  // by action
  double sticky_action_probability_;
  EnvSpec spec_;
  Canvas canvas_;
  Random random_;
  Move last_move_ = Move::kStay;
};

// For the games' serialize: a set of cells among those allowed, an array of structs that are made of int8_t only (its
// numbers are to be checked after it), and a direction, -1 or 1.
void serialize_cells(Archive& archive, std::string_view name, Cells& cells, Cells allowed = kBoard);

template <class Piece>
void serialize_pieces(Archive& archive, std::string_view name, std::span<Piece> pieces) {
  static_assert(std::has_unique_object_representations_v<Piece> && alignof(Piece) == 1);
  archive.array(name, std::span(reinterpret_cast<uint8_t*>(pieces.data()), pieces.size_bytes()), kAnyValue<uint8_t>);
}

void check_heading(const Archive& archive, std::string_view name, int heading);

constexpr Limits<int32_t> kOnBoard{0, kSide - 1};
constexpr Limits<int32_t> kLevels{0, 1 << 30};  // of what rises as long as the episode lasts

}  // namespace deepq::minatar
