// Breakout: a paddle keeps a ball in the air, which breaks three rows of bricks; +1 for each. It flies along diagonals
// only. The episode ends when the ball reaches the floor beside the paddle.
#include <algorithm>

#include "deepq/env/minatar.h"

namespace deepq::minatar {
namespace {

enum : size_t { kPaddle, kBall, kTrail, kBrick };

constexpr int kFloor = kSide - 1;
constexpr int kStartRow = 3;
constexpr int kPaddleStart = 4;
constexpr Cells kWall = rows(1, 3);

struct Place {
  int32_t column = 0, row = 0;
};

class Breakout final : public Game {
 public:
  const Description& description() const override {
    static const Description kDescription{.name = "Breakout",
                                          .channels = {{"paddle", '='}, {"ball", 'o'}, {"trail", '-'}, {"brick", '#'}},
                                          .front_to_back = "=o-#",
                                          .useful_moves = {Move::kStay, Move::kLeft, Move::kRight}};
    return kDescription;
  }

  // From the upper left or right corner, downwards and inwards.
  void start(Random& random) override {
    const bool from_right = random.below(2) == 1;
    ball_ = before_ = {from_right ? kSide - 1 : 0, kStartRow};
    heading_ = {from_right ? -1 : 1, 1};
    paddle_ = kPaddleStart;
    bricks_ = kWall;
    in_bricks_ = false;
  }

  Outcome play(Move move, Random&) override {
    paddle_ = std::clamp(paddle_ + columns_of(move), 0, kSide - 1);
    before_ = ball_;
    Place next{ball_.column + heading_.column, ball_.row + heading_.row};
    // At a side wall the ball keeps its column for this step and turns.
    if (!on_board(next.column)) {
      next.column = ball_.column;
      heading_.column = -heading_.column;
    }
    Outcome outcome;
    bool touches_brick = false;
    // Ceiling, brick, floor, and only the first of them: a ball that the ceiling reflects breaks no brick in that step.
    if (next.row < 0) {
      next.row = 0;
      heading_.row = 1;
    } else if ((bricks_ & cell(next.column, next.row)) != 0) {
      touches_brick = true;
      outcome.reward = strike(next) ? 1 : 0;
    } else if (next.row == kFloor) {
      outcome.over = !bounce(next);
    }
    // The reference's `strike`: one brick for each flight through the wall.
    in_bricks_ = touches_brick;
    ball_ = next;
    return outcome;
  }

  void draw(Canvas& canvas) const override {
    canvas.piece(kPaddle, paddle_, kFloor);
    canvas.piece(kBall, ball_.column, ball_.row);
    canvas.piece(kTrail, before_.column, before_.row);
    canvas.set(kBrick, bricks_);
  }

  void serialize(Archive& archive) override {
    std::array<int32_t, 7> numbers{ball_.column,    ball_.row,    before_.column, before_.row,
                                   heading_.column, heading_.row, paddle_};
    archive.array("ball_and_paddle", numbers, {-1, kSide - 1});
    for (const size_t column : {0, 2, 6}) archive.check("ball_and_paddle: a column", numbers[column], kOnBoard);
    for (const size_t row : {1, 3}) archive.check("ball_and_paddle: a row", numbers[row], {0, kFloor - 1});
    for (const size_t heading : {4, 5}) check_heading(archive, "ball_and_paddle: a heading", numbers[heading]);
    ball_ = {numbers[0], numbers[1]};
    before_ = {numbers[2], numbers[3]};
    heading_ = {numbers[4], numbers[5]};
    paddle_ = numbers[6];
    serialize_cells(archive, "bricks", bricks_, kWall);
    archive.value("in_bricks", in_bricks_);
  }

 private:
  // Breaks the brick and turns the ball back; false for a ball that broke one in the step before: until it has left the
  // bricks it flies on through them.
  bool strike(Place& next) {
    if (in_bricks_) return false;
    bricks_ &= ~cell(next.column, next.row);
    turn_back(next);
    return true;
  }

  // The ball comes to the floor. A paddle right below it reflects it, one that is met at the next column sends it back
  // where it came from. New bricks appear at this moment when none are left.
  bool bounce(Place& next) {
    if (bricks_ == 0) bricks_ = kWall;
    const bool below = ball_.column == paddle_;
    if (!below && next.column != paddle_) return false;
    if (!below) heading_.column = -heading_.column;
    turn_back(next);
    return true;
  }

  void turn_back(Place& next) {
    next.row = ball_.row;
    heading_.row = -heading_.row;
  }

  Place ball_, before_;
  Place heading_;  // -1 or 1 in both
  int32_t paddle_ = kPaddleStart;
  Cells bricks_ = kWall;
  bool in_bricks_ = false;
};

}  // namespace

std::unique_ptr<Game> make_breakout(bool) { return std::make_unique<Breakout>(); }

}  // namespace deepq::minatar
