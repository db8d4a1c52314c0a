// Seaquest: a submarine shoots fish and enemy submarines (+1 for each), collects divers and brings them up. Oxygen runs
// out under water and is refilled at the surface, where one diver leaves; with six divers all leave and the oxygen that
// is left pays up to 10. The episode ends when the submarine is touched or shot, at the surface without a diver, and
// without oxygen. Each time at the surface the enemies become faster and more frequent.
#include <algorithm>

#include "deepq/env/minatar.h"
#include "deepq/env/minatar_shoal.h"

namespace deepq::minatar {
namespace {

enum : size_t {
  kFront,
  kBack,
  kOwnShot,
  kTrail,
  kEnemyShot,
  kFish,
  kEnemySubmarine,
  kOxygenGauge,
  kDiverGauge,
  kDiver
};

constexpr int kDeepest = 8;  // the gauges lie below
constexpr int kGaugeRow = 9;
constexpr int kStartColumn = 5;
constexpr int kFullOxygen = 200;
constexpr int kMaxDivers = 6;
constexpr int kReload = 5;
constexpr int kDiverInterval = 30;
constexpr int kDiverRest = 5;  // steps between moves
constexpr int kEnemyShotRest = 10;
constexpr int kFirstEnemyInterval = 20;
constexpr int kSlowestRest = 5, kFastestRest = 2;

class Seaquest final : public Game {
 public:
  explicit Seaquest(bool difficulty_ramping) : difficulty_ramping_(difficulty_ramping) {}

  const Description& description() const override {
    static const Description kDescription{
        .name = "Seaquest",
        .channels = {{"front", '@'},
                     {"back", 'o'},
                     {"own shot", '|'},
                     {"trail", '-'},
                     {"enemy shot", '*'},
                     {"fish", 'F'},
                     {"enemy submarine", 'S'},
                     {"oxygen", '='},
                     {"divers on board", '+'},
                     {"diver", 'D'}},
        .front_to_back = "@o*FSD|-+=",
        .useful_moves = {Move::kStay, Move::kLeft, Move::kUp, Move::kRight, Move::kDown, Move::kFire}};
    return kDescription;
  }

  void start(Random&) override {
    column_ = kStartColumn;
    row_ = 0;
    heading_ = -1;
    oxygen_ = kFullOxygen;
    divers_on_board_ = reload_wait_ = level_ = 0;
    at_surface_ = true;
    for (Shoal* const shoal : {&own_shots_, &enemy_shots_, &fish_, &submarines_, &divers_}) shoal->clear();
    enemy_interval_ = enemy_wait_ = kFirstEnemyInterval;
    diver_wait_ = kDiverInterval;
    enemy_rest_ = kSlowestRest;
  }

  // The order decides who meets whom: the golden trajectories hold it.
  Outcome play(Move move, Random& random) override {
    Outcome outcome;
    if (due(enemy_wait_, enemy_interval_ - 1)) spawn_enemy(random);
    if (due(diver_wait_, kDiverInterval - 1)) spawn_diver(random);
    steer(move);
    move_own_shots(outcome);
    move_divers();
    move_enemies(submarines_, true, outcome);
    move_enemy_shots(outcome);
    move_enemies(fish_, false, outcome);
    reload_wait_ = std::max(reload_wait_ - 1, 0);
    breathe(outcome);
    return outcome;
  }

  void draw(Canvas& canvas) const override;
  void serialize(Archive& archive) override;

 private:
  bool touches(const Swimmer& swimmer) const { return (swimmer.column == column_) & (swimmer.row == row_); }

  // Enters from a random side, in a random row under water.
  static Swimmer newcomer(bool from_left, Random& random) {
    return {.column = static_cast<int8_t>(from_left ? 0 : kSide - 1),
            .row = static_cast<int8_t>(1 + random.below(kDeepest)),
            .heading = static_cast<int8_t>(from_left ? 1 : -1)};
  }

  // One in three is a submarine. Nobody comes into a row where an enemy swims the other way.
  void spawn_enemy(Random& random) {
    const bool from_left = random.uniform() < 0.5;
    const bool is_submarine = random.uniform() < 1.0 / 3;
    Swimmer enemy = newcomer(from_left, random);
    const auto blocks = [&](const Swimmer& other) { return other.row == enemy.row && other.heading != enemy.heading; };
    // All has been drawn before the row is refused, as in the reference: the stream does not depend on it.
    if (std::ranges::any_of(submarines_.all(), blocks) || std::ranges::any_of(fish_.all(), blocks)) return;
    enemy.move_wait = static_cast<int8_t>(enemy_rest_);
    if (is_submarine) enemy.shot_wait = kEnemyShotRest;
    (is_submarine ? submarines_ : fish_).add(enemy);
  }

  void spawn_diver(Random& random) {
    Swimmer diver = newcomer(random.uniform() < 0.5, random);
    diver.move_wait = kDiverRest;
    divers_.add(diver);
  }

  void steer(Move move) {
    if (move == Move::kFire && reload_wait_ == 0) {
      own_shots_.add({.column = static_cast<int8_t>(column_),
                      .row = static_cast<int8_t>(row_),
                      .heading = static_cast<int8_t>(heading_)});
      reload_wait_ = kReload;
    }
    const int columns = columns_of(move);
    heading_ = std::clamp(heading_ + 2 * columns, -1, 1);  // unchanged by 0
    column_ = std::clamp(column_ + columns, 0, kSide - 1);
    row_ = std::clamp(row_ + rows_of(move), 0, kDeepest);
  }

  // Here and below the youngest comes first, and each loop removes at most one of those it goes through at a time.
  void move_own_shots(Outcome& outcome) {
    for (int i = own_shots_.size(); i-- > 0;) {
      Swimmer& shot = own_shots_[i];
      shot.column = static_cast<int8_t>(shot.column + shot.heading);
      const bool gone = !on_board(shot.column);
      // Fish first: one shot takes one of them.
      const bool hit = !gone && (fish_.remove_at(shot) || submarines_.remove_at(shot));
      if (hit) ++outcome.reward;
      if (gone || hit) own_shots_.remove(shot);
    }
  }

  void move_divers() {
    const auto boards = [&](const Swimmer& diver) { return touches(diver) && divers_on_board_ < kMaxDivers; };
    for (int i = divers_.size(); i-- > 0;) {
      Swimmer& diver = divers_[i];
      bool saved = boards(diver);
      if (!saved && due(diver.move_wait, kDiverRest)) {
        diver.column = static_cast<int8_t>(diver.column + diver.heading);
        saved = boards(diver);
      }
      if (saved) ++divers_on_board_;
      if (saved || !on_board(diver.column)) divers_.remove(diver);
    }
  }

  // Touching counts before a move and after it. An enemy that runs into a shot is hit as if the shot had come to it,
  // and a submarine can still shoot in the step that removes it.
  void move_enemies(Shoal& enemies, bool shooting, Outcome& outcome) {
    for (int i = enemies.size(); i-- > 0;) {
      Swimmer& enemy = enemies[i];
      if (touches(enemy)) outcome.over = true;
      bool gone = false;
      if (due(enemy.move_wait, enemy_rest_)) {
        enemy.column = static_cast<int8_t>(enemy.column + enemy.heading);
        gone = !on_board(enemy.column);
        if (touches(enemy)) {
          outcome.over = true;
        } else if (!gone && own_shots_.remove_at(enemy)) {
          ++outcome.reward;
          gone = true;
        }
      }
      if (shooting && due(enemy.shot_wait, kEnemyShotRest))
        enemy_shots_.add({.column = enemy.column, .row = enemy.row, .heading = enemy.heading});
      if (gone) enemies.remove(enemy);
    }
  }

  void move_enemy_shots(Outcome& outcome) {
    for (int i = enemy_shots_.size(); i-- > 0;) {
      Swimmer& shot = enemy_shots_[i];
      if (touches(shot)) outcome.over = true;
      shot.column = static_cast<int8_t>(shot.column + shot.heading);
      if (touches(shot)) outcome.over = true;
      if (!on_board(shot.column)) enemy_shots_.remove(shot);
    }
  }

  void breathe(Outcome& outcome) {
    if (oxygen_ <= 0) outcome.over = true;  // asked before it falls: the step that uses the last of it up is survived
    if (row_ > 0) {
      --oxygen_;
      at_surface_ = false;
    } else if (!at_surface_) {
      if (divers_on_board_ == 0)
        outcome.over = true;
      else
        outcome.reward += surface();
    }
  }

  // With six divers aboard all leave, and then, as in the reference, one more: the next time up needs no diver, which
  // makes -1 of them.
  int surface() {
    at_surface_ = true;
    int reward = 0;
    if (divers_on_board_ == kMaxDivers) {
      divers_on_board_ = 0;
      reward = oxygen_gauge();
    }
    --divers_on_board_;
    oxygen_ = kFullOxygen;
    if (difficulty_ramping_) ramp();
    return reward;
  }

  // Each level takes a step from the time between enemies, each second one also from their rest between moves.
  void ramp() {
    if (level_ % 2 == 1) enemy_rest_ = std::max(enemy_rest_ - 1, kFastestRest);
    enemy_interval_ = std::max(enemy_interval_ - 1, 1);
    ++level_;
  }

  int oxygen_gauge() const { return std::max(oxygen_, 0) * kSide / kFullOxygen; }

  bool difficulty_ramping_;
  int32_t column_ = kStartColumn, row_ = 0, heading_ = -1;
  int32_t oxygen_ = kFullOxygen, divers_on_board_ = 0, reload_wait_ = 0;
  bool at_surface_ = true;  // and has been since the step before: surfacing counts once
  Shoal own_shots_, enemy_shots_, fish_, submarines_, divers_;
  int32_t enemy_interval_ = kFirstEnemyInterval, enemy_wait_ = kFirstEnemyInterval, diver_wait_ = kDiverInterval;
  int32_t enemy_rest_ = kSlowestRest, level_ = 0;
};

void Seaquest::draw(Canvas& canvas) const {
  const auto put = [&](const Shoal& shoal, size_t channel, bool trail) {
    for (const Swimmer& swimmer : shoal.all()) {
      canvas.piece(channel, swimmer.column, swimmer.row);
      const int behind = swimmer.column - swimmer.heading;
      if (trail && on_board(behind)) canvas.piece(kTrail, behind, swimmer.row);
    }
  };
  canvas.piece(kFront, column_, row_);
  canvas.piece(kBack, column_ - heading_, row_);
  put(own_shots_, kOwnShot, false);
  put(enemy_shots_, kEnemyShot, false);
  put(fish_, kFish, true);
  put(submarines_, kEnemySubmarine, true);
  put(divers_, kDiver, true);
  // The gauges: oxygen grows from the left corner, divers from the cell beside the right one.
  const auto bar = [](int length) { return (1u << length) - 1; };
  const int divers = std::max(divers_on_board_, 0);
  canvas.set(kOxygenGauge, Cells{bar(oxygen_gauge())} << (kSide * kGaugeRow));
  canvas.set(kDiverGauge, Cells{bar(divers) << (kSide - 1 - divers)} << (kSide * kGaugeRow));
}

void Seaquest::serialize(Archive& archive) {
  archive.value("column", column_, kOnBoard);
  archive.value("row", row_, {0, kDeepest});
  archive.value("heading", heading_, {-1, 1});
  check_heading(archive, "heading", heading_);
  archive.check("column - heading", column_ - heading_, kOnBoard);  // where the submarine's back is
  archive.value("oxygen", oxygen_, {0, kFullOxygen});
  archive.value("divers_on_board", divers_on_board_, {-kLevels.most, kMaxDivers});
  archive.value("reload_wait", reload_wait_, {0, kReload});
  archive.value("at_surface", at_surface_);
  own_shots_.serialize(archive, "own_shots");
  enemy_shots_.serialize(archive, "enemy_shots");
  fish_.serialize(archive, "fish");
  submarines_.serialize(archive, "submarines");
  divers_.serialize(archive, "divers");
  archive.value("enemy_interval", enemy_interval_, {1, kFirstEnemyInterval});
  archive.value("enemy_wait", enemy_wait_, {0, kFirstEnemyInterval});
  archive.value("diver_wait", diver_wait_, {0, kDiverInterval});
  archive.value("enemy_rest", enemy_rest_, {kFastestRest, kSlowestRest});
  archive.value("level", level_, kLevels);
}

}  // namespace

std::unique_ptr<Game> make_seaquest(bool difficulty_ramping) { return std::make_unique<Seaquest>(difficulty_ramping); }

}  // namespace deepq::minatar
