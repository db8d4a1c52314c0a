// Asterix: the player walks freely while treasures (+1 for each) and enemies cross the board in eight lanes. The
// episode ends when an enemy is touched. Both become faster and more frequent with time.
#include <algorithm>
#include <utility>

#include "deepq/env/minatar.h"

namespace deepq::minatar {
namespace {

enum : size_t { kPlayer, kEnemy, kTrail, kTreasure };

constexpr int kLaneCount = 8;  // rows 1 to 8
constexpr int kFirstLane = 1;
constexpr int kStart = 5;
constexpr int kFirstSpawnInterval = 10;
constexpr int kFirstMoveInterval = 5;
constexpr int kStepsPerLevel = 102;  // the reference's clock counts from 100 to below 0, and is set in the step after

class Asterix final : public Game {
 public:
  explicit Asterix(bool difficulty_ramping) : difficulty_ramping_(difficulty_ramping) {}

  const Description& description() const override {
    static const Description kDescription{
        .name = "Asterix",
        .channels = {{"player", '@'}, {"enemy", 'X'}, {"trail", '-'}, {"treasure", '$'}},
        .front_to_back = "@X$-",
        .useful_moves = {Move::kStay, Move::kLeft, Move::kUp, Move::kRight, Move::kDown}};
    return kDescription;
  }

  void start(Random&) override {
    column_ = row_ = kStart;
    leftward_ = rightward_ = treasures_ = 0;
    spawn_interval_ = spawn_wait_ = kFirstSpawnInterval;
    move_interval_ = move_wait_ = kFirstMoveInterval;
    level_ = level_steps_ = 0;
  }

  Outcome play(Move move, Random& random) override {
    // Newcomers, then the player, then the lanes: who meets whom depends on it, and so do the golden trajectories.
    if (due(spawn_wait_, spawn_interval_ - 1)) spawn(random);
    walk(move);
    Outcome outcome;
    meet(outcome);
    if (due(move_wait_, move_interval_ - 1)) {
      advance();
      meet(outcome);
    }
    if (difficulty_ramping_) ramp();
    return outcome;
  }

  void draw(Canvas& canvas) const override {
    canvas.piece(kPlayer, column_, row_);
    canvas.set(kEnemy, travelers() & ~treasures_);
    canvas.set(kTrail, shifted_right(leftward_) | shifted_left(rightward_));  // the cell behind each
    canvas.set(kTreasure, treasures_);
  }

  void serialize(Archive& archive) override {
    archive.value("column", column_, kOnBoard);
    archive.value("row", row_, {kFirstLane, kFirstLane + kLaneCount - 1});
    for (const auto& [name, cells] :
         {std::pair("leftward", &leftward_), std::pair("rightward", &rightward_), std::pair("treasures", &treasures_)})
      serialize_cells(archive, name, *cells, rows(kFirstLane, kLaneCount));
    archive.value("spawn_interval", spawn_interval_, {1, kFirstSpawnInterval});
    archive.value("spawn_wait", spawn_wait_, {0, kFirstSpawnInterval});
    archive.value("move_interval", move_interval_, {1, kFirstMoveInterval});
    archive.value("move_wait", move_wait_, {0, kFirstMoveInterval});
    archive.value("level", level_, kLevels);
    archive.value("level_steps", level_steps_, {0, kStepsPerLevel - 1});
  }

 private:
  Cells travelers() const { return leftward_ | rightward_; }

  // Someone enters a random free lane from a random side; one in three is a treasure. With all lanes taken nobody does,
  // but side and kind have been drawn.
  void spawn(Random& random) {
    const bool from_left = random.uniform() < 0.5;
    const bool treasure = random.uniform() < 1.0 / 3;
    std::array<int, kLaneCount> free_rows;
    size_t free_count = 0;
    for (int row = kFirstLane; row < kFirstLane + kLaneCount; ++row)
      if ((travelers() & rows(row, 1)) == 0) free_rows[free_count++] = row;
    if (free_count == 0) return;
    // The third draw, as in the reference; none where no lane is free.
    const int row = free_rows[random.below(free_count)];
    const Cells newcomer = cell(from_left ? 0 : kSide - 1, row);
    (from_left ? rightward_ : leftward_) |= newcomer;
    if (treasure) treasures_ |= newcomer;
  }

  void walk(Move move) {
    column_ = std::clamp(column_ + columns_of(move), 0, kSide - 1);
    row_ = std::clamp(row_ + rows_of(move), kFirstLane, kFirstLane + kLaneCount - 1);
  }

  void advance() {
    treasures_ = shifted_left(treasures_ & leftward_) | shifted_right(treasures_ & rightward_);
    leftward_ = shifted_left(leftward_);
    rightward_ = shifted_right(rightward_);
  }

  void meet(Outcome& outcome) {
    const Cells player = cell(column_, row_);
    if ((travelers() & player) == 0) return;
    if ((treasures_ & player) == 0) {
      outcome.over = true;
      return;
    }
    leftward_ &= ~player;
    rightward_ &= ~player;
    treasures_ &= ~player;
    ++outcome.reward;
  }

  // Each level takes a step from the time between newcomers, each second one also from the time between their moves.
  void ramp() {
    if (++level_steps_ < kStepsPerLevel) return;
    level_steps_ = 0;
    if (level_ % 2 == 1) move_interval_ = std::max(move_interval_ - 1, 1);
    spawn_interval_ = std::max(spawn_interval_ - 1, 1);
    ++level_;
  }

  bool difficulty_ramping_;
  int32_t column_ = kStart, row_ = kStart;
  Cells leftward_ = 0, rightward_ = 0;  // who moves which way: at most one in a lane
  Cells treasures_ = 0;                 // those of them that are no enemies
  int32_t spawn_interval_ = 0, spawn_wait_ = 0;
  int32_t move_interval_ = 0, move_wait_ = 0;
  int32_t level_ = 0, level_steps_ = 0;
};

}  // namespace

std::unique_ptr<Game> make_asterix(bool difficulty_ramping) { return std::make_unique<Asterix>(difficulty_ramping); }

}  // namespace deepq::minatar
