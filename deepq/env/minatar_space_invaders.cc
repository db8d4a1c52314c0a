// Space Invaders: a cannon shoots at a block of aliens that comes nearer and shoots back; +1 for each alien. The
// episode ends when an alien or a shot reaches the cannon, or an alien turns on the lowest row. The fewer are left, the
// faster they are; each new wave moves a little faster than the last.
#include <algorithm>
#include <bit>

#include "deepq/env/minatar.h"

namespace deepq::minatar {
namespace {

enum : size_t { kCannon, kAlien, kLeftward, kRightward, kCannonShot, kAlienShot };

constexpr int kBottom = kSide - 1;
constexpr int kCannonStart = 5;
constexpr int kReload = 5;
constexpr int kAlienShotInterval = 10;
constexpr int kFirstMoveInterval = 12;
constexpr int kLastMoveInterval = 6;

constexpr Cells kLeftEdge = column(0), kRightEdge = column(kSide - 1);

// Four rows of six.
constexpr Cells kWave = [] {
  Cells cells = 0;
  for (int row = 0; row < 4; ++row)
    for (int number = 2; number < 8; ++number) cells |= cell(number, row);
  return cells;
}();

constexpr int count(Cells cells) {
  return std::popcount(static_cast<uint64_t>(cells)) + std::popcount(static_cast<uint64_t>(cells >> 64));
}

// The last cell of a set that is not empty: the lowest one where all lie in one column.
constexpr Cells last(Cells cells) {
  const auto high = static_cast<uint64_t>(cells >> 64);
  return high != 0 ? Cells{std::bit_floor(high)} << 64 : Cells{std::bit_floor(static_cast<uint64_t>(cells))};
}

class SpaceInvaders final : public Game {
 public:
  explicit SpaceInvaders(bool difficulty_ramping) : difficulty_ramping_(difficulty_ramping) {}

  const Description& description() const override {
    static const Description kDescription{.name = "SpaceInvaders",
                                          .channels = {{"cannon", '^'},
                                                       {"alien", 'A'},
                                                       {"moving left", '<'},
                                                       {"moving right", '>'},
                                                       {"cannon's shot", '|'},
                                                       {"alien's shot", '*'}},
                                          .front_to_back = "^*|<>A",
                                          .useful_moves = {Move::kStay, Move::kLeft, Move::kRight, Move::kFire}};
    return kDescription;
  }

  void start(Random&) override {
    column_ = kCannonStart;
    reload_wait_ = 0;
    shots_ = alien_shots_ = 0;
    aliens_ = kWave;
    rightward_ = false;
    move_interval_ = move_wait_ = kFirstMoveInterval;
    shot_wait_ = kAlienShotInterval;
  }

  Outcome play(Move move, Random&) override {
    Outcome outcome;
    command(move);
    shots_ >>= kSide;  // a row up; the topmost fall off the board
    alien_shots_ = (alien_shots_ << kSide) & kBoard;
    const Cells cannon = cell(column_, kBottom);
    outcome.over = ((alien_shots_ | aliens_) & cannon) != 0;
    // Few are fast: the last one moves at every step.
    if (due(move_wait_, std::min(count(aliens_), move_interval_) - 1)) {
      if (march()) outcome.over = true;
      if ((aliens_ & cannon) != 0) outcome.over = true;
    }
    if (due(shot_wait_, kAlienShotInterval - 1)) alien_shots_ |= nearest_alien();

    // After all have moved, so that a shot and an alien that change places miss each other.
    const Cells hits = aliens_ & shots_;
    aliens_ &= ~hits;
    shots_ &= ~hits;
    outcome.reward = count(hits);
    reload_wait_ = std::max(reload_wait_ - 1, 0);
    if (aliens_ == 0) {  // a new wave comes in the same step
      if (difficulty_ramping_) move_interval_ = std::max(move_interval_ - 1, kLastMoveInterval);
      aliens_ = kWave;
    }
    return outcome;
  }

  void draw(Canvas& canvas) const override {
    canvas.piece(kCannon, column_, kBottom);
    canvas.set(kAlien, aliens_);
    canvas.set(kLeftward, rightward_ ? 0 : aliens_);
    canvas.set(kRightward, rightward_ ? aliens_ : 0);
    canvas.set(kCannonShot, shots_);
    canvas.set(kAlienShot, alien_shots_);
  }

  void serialize(Archive& archive) override {
    archive.value("column", column_, kOnBoard);
    archive.value("reload_wait", reload_wait_, {0, kReload});
    archive.value("move_interval", move_interval_, {kLastMoveInterval, kFirstMoveInterval});
    archive.value("move_wait", move_wait_, {0, kFirstMoveInterval});
    archive.value("shot_wait", shot_wait_, {0, kAlienShotInterval});
    archive.value("rightward", rightward_);
    serialize_cells(archive, "aliens", aliens_);
    archive.check("aliens: their number", count(aliens_), {1, count(kWave)});
    serialize_cells(archive, "shots", shots_);
    serialize_cells(archive, "alien_shots", alien_shots_);
  }

 private:
  void command(Move move) {
    column_ = std::clamp(column_ + columns_of(move), 0, kSide - 1);
    if (move == Move::kFire && reload_wait_ == 0) {
      shots_ |= cell(column_, kBottom);
      reload_wait_ = kReload;
    }
  }

  // One cell sideways, or, at the edge, all turn and go down one row. True when one was on the lowest row then: the
  // game is lost, and the last frame shows that row on top.
  bool march() {
    if ((aliens_ & (rightward_ ? kRightEdge : kLeftEdge)) == 0) {
      aliens_ = rightward_ ? shifted_right(aliens_) : shifted_left(aliens_);
      return false;
    }
    rightward_ = !rightward_;
    const Cells lowest_row = aliens_ >> (kSide * kBottom);
    aliens_ = ((aliens_ << kSide) & kBoard) | lowest_row;
    return lowest_row != 0;
  }

  // The lowest alien of the column nearest to the cannon, the left one of two. Some alien always is.
  Cells nearest_alien() const {
    for (int distance = 0;; ++distance)
      for (const int number : {column_ - distance, column_ + distance})
        if (on_board(number) && (aliens_ & (kLeftEdge << number)) != 0) return last(aliens_ & (kLeftEdge << number));
  }

  bool difficulty_ramping_;
  int32_t column_ = kCannonStart, reload_wait_ = 0;
  Cells aliens_ = kWave, shots_ = 0, alien_shots_ = 0;
  bool rightward_ = false;
  int32_t move_interval_ = kFirstMoveInterval, move_wait_ = kFirstMoveInterval, shot_wait_ = kAlienShotInterval;
};

}  // namespace

std::unique_ptr<Game> make_space_invaders(bool difficulty_ramping) {
  return std::make_unique<SpaceInvaders>(difficulty_ramping);
}

}  // namespace deepq::minatar
