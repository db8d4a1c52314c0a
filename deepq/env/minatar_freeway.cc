// Freeway: a chicken crosses eight lanes of cars, +1 each time it reaches the top. A car that hits it sends it back to
// the bottom. The episode ends by the clock; it is part of the game, so this is a true end and no truncation.
#include <algorithm>

#include "deepq/env/minatar.h"

namespace deepq::minatar {
namespace {

// Trails: one channel for each speed. A car with n between its moves rests n steps, 1 to 5.
enum : size_t { kChicken, kCar, kFirstTrail };

constexpr int kLaneCount = 8;  // rows 1 to 8
constexpr int kFirstLane = 1;
constexpr int kSlowest = 5;
constexpr int kChickenColumn = 4;
constexpr int kBottom = kSide - 1;
constexpr int kRest = 3;  // steps from one move of the chicken to the next
constexpr int kEpisodeSteps = 2501;

struct Car {
  int8_t column = 0;
  int8_t heading = 1;  // -1: to the left
  int8_t rest = 1;     // steps between its moves
  int8_t wait = 0;     // of these, still to come
};

constexpr int wrapped(int column) { return (column + kSide) % kSide; }

class Freeway final : public Game {
 public:
  const Description& description() const override {
    static const Description kDescription{.name = "Freeway",
                                          .channels = {{"chicken", '@'},
                                                       {"car", 'C'},
                                                       {"speed 1", '1'},
                                                       {"speed 2", '2'},
                                                       {"speed 3", '3'},
                                                       {"speed 4", '4'},
                                                       {"speed 5", '5'}},
                                          .front_to_back = "@C12345",
                                          .useful_moves = {Move::kStay, Move::kUp, Move::kDown}};
    return kDescription;
  }

  void start(Random& random) override {
    draw_speeds(random);
    for (Car& car : cars_) car.column = 0;
    row_ = kBottom;
    wait_ = kRest;
    steps_ = 0;
  }

  Outcome play(Move move, Random& random) override {
    Outcome outcome;
    if (wait_ == 0 && rows_of(move) != 0) {
      row_ = std::min(row_ + rows_of(move), kBottom);
      wait_ = kRest;
    }
    // At the top: paid, new speeds for all cars, and back to the start.
    if (row_ == 0) {
      outcome.reward = 1;
      draw_speeds(random);
      row_ = kBottom;
    }
    // A car hits the chicken where it stands and where it goes to.
    if (is_hit()) row_ = kBottom;
    for (Car& car : cars_) {
      const int way = due(car.wait, car.rest) ? car.heading : 0;  // 0: it rests
      car.column = static_cast<int8_t>(wrapped(car.column + way));
    }
    if (is_hit()) row_ = kBottom;
    if (wait_ > 0) --wait_;
    outcome.over = ++steps_ == kEpisodeSteps;  // the reference's clock starts at 2500 and ends below 0
    return outcome;
  }

  void draw(Canvas& canvas) const override {
    canvas.piece(kChicken, kChickenColumn, row_);
    for (int lane = 0; lane < kLaneCount; ++lane) {
      const Car& car = cars_[static_cast<size_t>(lane)];
      canvas.piece(kCar, car.column, lane + kFirstLane);
      canvas.piece(kFirstTrail + static_cast<size_t>(car.rest) - 1, wrapped(car.column - car.heading),
                   lane + kFirstLane);
    }
  }

  void serialize(Archive& archive) override {
    archive.value("row", row_, {kFirstLane, kBottom});
    archive.value("wait", wait_, {0, kRest});
    archive.value("steps", steps_, {0, kEpisodeSteps - 1});
    serialize_pieces<Car>(archive, "cars", cars_);
    for (const Car& car : cars_) {
      archive.check("cars: a column", int32_t{car.column}, kOnBoard);
      check_heading(archive, "cars: a heading", car.heading);
      archive.check("cars: a rest", int{car.rest}, {1, kSlowest});
      archive.check("cars: a wait", int{car.wait}, {0, kSlowest});
    }
  }

 private:
  // All speeds are drawn before all directions. The cars stay where they are.
  void draw_speeds(Random& random) {
    for (Car& car : cars_) car.rest = car.wait = static_cast<int8_t>(1 + random.below(kSlowest));
    for (Car& car : cars_) car.heading = static_cast<int8_t>(random.uniform() < 0.5 ? -1 : 1);
  }

  bool is_hit() const {
    return row_ < kBottom && cars_[static_cast<size_t>(row_ - kFirstLane)].column == kChickenColumn;
  }

  std::array<Car, kLaneCount> cars_{};
  int32_t row_ = kBottom, wait_ = kRest, steps_ = 0;
};

}  // namespace

std::unique_ptr<Game> make_freeway(bool) { return std::make_unique<Freeway>(); }

}  // namespace deepq::minatar
