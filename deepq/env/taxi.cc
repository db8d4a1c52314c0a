#include "deepq/env/taxi.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "deepq/core/error.h"
#include "deepq/env/grid.h"

namespace deepq {
namespace {

constexpr Grid kGrid{5, 5};
// Row r, column c stands at [r][2 * c + 1]; the sign on either side is a wall or a way.
constexpr std::array<std::string_view, 5> kTown{
    "|R: | : :G|",  //
    "| : | : : |",  //
    "| : : : : |",  //
    "| | : | : |",  //
    "|Y| : |B: |",
};
constexpr std::string_view kFence = "+---------+\n";
constexpr std::array<int64_t, 4> kPads{0, 4, 20, 23};  // R, G, Y and B in the town above
constexpr std::array<std::string_view, 5> kPlaces{"red", "green", "yellow", "blue", "the taxi"};
constexpr int64_t kInTaxi = 4;

enum Action : int64_t { kSouth, kNorth, kEast, kWest, kPickUp, kSetDown, kActionCount };
constexpr std::array kHeadings{Heading::kDown, Heading::kUp, Heading::kRight, Heading::kLeft};  // by action

constexpr double kStepReward = -1;
constexpr double kDeliveryReward = 20;
constexpr double kMistakeReward = -10;

struct Trip {
  int64_t cell = 0;
  int64_t passenger = 0;  // a pad, or kInTaxi
  int64_t destination = 0;

  static Trip of(int64_t state) { return {state / 20, state / 4 % 5, state % 4}; }
  int64_t state() const { return (cell * 5 + passenger) * 4 + destination; }
};

constexpr int64_t kStateCount = kGrid.cells() * 5 * 4;

// The cell that a move leads to; behind a wall or the edge, the cell itself.
int64_t drive(int64_t cell, Heading heading) {
  const std::string_view row = kTown[static_cast<size_t>(cell / kGrid.columns)];
  const auto column = static_cast<size_t>(2 * (cell % kGrid.columns) + 1);
  // Only sideways are there walls; the edges are the grid's to know.
  if (heading == Heading::kRight && row[column + 1] == '|') return cell;
  if (heading == Heading::kLeft && row[column - 1] == '|') return cell;
  return kGrid.neighbor(cell, heading);
}

Outcome arrival(const Trip& trip, double reward, double probability = 1, bool terminated = false) {
  return {.probability = probability,
          .reward = reward,
          .next_state = static_cast<int32_t>(trip.state()),
          .terminated = terminated};
}

Outcome pick_up(Trip trip) {
  if (trip.passenger == kInTaxi || kPads[static_cast<size_t>(trip.passenger)] != trip.cell)
    return arrival(trip, kMistakeReward);
  trip.passenger = kInTaxi;
  return arrival(trip, kStepReward);
}

// At any pad the passenger gets out; only the destination ends the trip.
Outcome set_down(Trip trip) {
  if (trip.passenger != kInTaxi) return arrival(trip, kMistakeReward);
  for (size_t pad = 0; pad < kPads.size(); ++pad) {
    if (kPads[pad] != trip.cell) continue;
    trip.passenger = static_cast<int64_t>(pad);
    const bool delivered = trip.passenger == trip.destination;
    return arrival(trip, delivered ? kDeliveryReward : kStepReward, 1, delivered);
  }
  return arrival(trip, kMistakeReward);
}

std::vector<Outcome> outcomes_of(const TaxiOptions& options, int64_t state, int64_t action) {
  const Trip trip = Trip::of(state);
  if (action == kPickUp) return {pick_up(trip)};
  if (action == kSetDown) return {set_down(trip)};
  const Heading ahead = kHeadings[static_cast<size_t>(action)];
  const auto move = [&](Heading heading, double probability) {
    return arrival({drive(trip.cell, heading), trip.passenger, trip.destination}, kStepReward, probability);
  };
  if (!options.is_rainy) return {move(ahead, 1)};
  // A taxi that faces a wall does not slip either.
  const bool blocked = drive(trip.cell, ahead) == trip.cell;
  const double slip = (1.0 - options.rainy_probability) / 2.0;
  return {move(ahead, options.rainy_probability), move(blocked ? ahead : to_the_left(ahead), slip),
          move(blocked ? ahead : to_the_right(ahead), slip)};
}

std::vector<double> start_weights() {
  std::vector<double> weights;
  for (int64_t state = 0; state < kStateCount; ++state) {
    const Trip trip = Trip::of(state);
    weights.push_back(trip.passenger != kInTaxi && trip.passenger != trip.destination ? 1 : 0);  // 300 of 500 states
  }
  return weights;
}

EnvSpec make_spec(const TaxiOptions& options, Taxi::Variant variant) {
  const ObservationSpace states = ObservationSpace::discrete(kStateCount);
  return {.id = variant == Taxi::Variant::kV3 ? "Taxi-v3" : "Taxi-v4",
          .observation_space = options.action_mask ? states.with_legal_actions(kActionCount) : states,
          .action_count = kActionCount,
          .max_episode_steps = 200,
          .solved_return = 8,
          .has_solved_return = true,
          .largest_reward = 20,
          .side_by_side = true};
}

}  // namespace

Taxi::Taxi(const TaxiOptions& options, Variant variant)
    : TabularEnv(make_spec(options, variant), start_weights(),
                 [&](int64_t state, int64_t action) { return outcomes_of(options, state, action); }),
      options_(options) {
  check_probability("taxi.rainy_probability", options.rainy_probability);
  check_probability("taxi.fickle_probability", options.fickle_probability);
  if (variant == Variant::kV4) return;
  for (const auto& [key, value] :
       {std::pair("taxi.is_rainy", options.is_rainy), std::pair("taxi.fickle_passenger", options.fickle_passenger)})
    if (value) throw Error::of(key, " is true; allowed: false for Taxi-v3, either for Taxi-v4");
}

std::span<const float> Taxi::reset(std::optional<uint64_t> seed) {
  const auto observation = TabularEnv::reset(seed);
  // No draw where nobody is fickle: streams stay as without the option.
  will_change_destination_ = options_.fickle_passenger && random().uniform() < options_.fickle_probability;
  return observation;
}

Step Taxi::step(int64_t action) {
  const Trip before = Trip::of(state());
  const Step step = TabularEnv::step(action);
  Trip trip = Trip::of(state());
  // Once a trip, at the first move with the passenger aboard.
  if (!will_change_destination_ || before.passenger != kInTaxi || trip.cell == before.cell) return step;
  will_change_destination_ = false;
  const auto other = static_cast<int64_t>(random().below(kPads.size() - 1));  // one of the three others, equally likely
  trip.destination = other < before.destination ? other : other + 1;
  move_to(trip.state());  // the step's observation is a view of this state
  return step;
}

// What changes something, as Gymnasium's info["action_mask"] has it.
LegalActions Taxi::legal_actions() const {
  const Trip trip = Trip::of(state());
  legal_ = 0;
  for (const int64_t action : {kSouth, kNorth, kEast, kWest})
    if (drive(trip.cell, kHeadings[static_cast<size_t>(action)]) != trip.cell)
      allow({&legal_, 1}, static_cast<size_t>(action));
  const bool aboard = trip.passenger == kInTaxi;
  if (!aboard && kPads[static_cast<size_t>(trip.passenger)] == trip.cell) allow({&legal_, 1}, kPickUp);
  if (aboard && std::ranges::find(kPads, trip.cell) != kPads.end()) allow({&legal_, 1}, kSetDown);
  return LegalActions({&legal_, 1});
}

bool Taxi::serialize(Archive& archive) {
  archive.value("will_change_destination", will_change_destination_);
  return TabularEnv::serialize(archive);
}

std::string Taxi::render_text() const {
  const Trip trip = Trip::of(state());
  std::string text(kFence);
  for (int64_t row = 0; row < kGrid.rows; ++row) {
    std::string line(kTown[static_cast<size_t>(row)]);
    if (row == trip.cell / kGrid.columns)
      // T with the passenger aboard, t without.
      line[static_cast<size_t>(2 * (trip.cell % kGrid.columns) + 1)] = trip.passenger == kInTaxi ? 'T' : 't';
    text += line + "\n";
  }
  text += kFence;
  text.append("passenger: ").append(kPlaces[static_cast<size_t>(trip.passenger)]);
  text.append(", to: ").append(kPlaces[static_cast<size_t>(trip.destination)]).append("\n");
  return text;
}

Picture Taxi::picture() const {
  constexpr int kCell = 48;
  constexpr std::array<Rgb, 4> kColors{{{229, 115, 115}, {129, 199, 132}, {255, 241, 118}, {100, 181, 246}}};
  const Trip trip = Trip::of(state());
  Painter painter(5 * kCell, 5 * kCell, {236, 240, 244});
  const auto left = [](int64_t cell) { return static_cast<double>(cell % 5 * kCell); };
  const auto top = [](int64_t cell) {
    const int64_t row = cell / 5;
    return static_cast<double>(row * kCell);
  };
  for (size_t pad = 0; pad < kPads.size(); ++pad) {
    const double x = left(kPads[pad]), y = top(kPads[pad]);
    painter.rectangle(x, y, x + kCell, y + kCell, kColors[pad]);
    if (static_cast<int64_t>(pad) == trip.destination) painter.rectangle(x + 16, y + 16, x + 32, y + 32, {38, 50, 56});
  }
  for (int64_t cell = 0; cell < kGrid.cells(); ++cell)
    if (cell % 5 < 4 && kTown[static_cast<size_t>(cell / 5)][static_cast<size_t>(2 * (cell % 5) + 2)] == '|')
      painter.rectangle(left(cell) + kCell - 2, top(cell), left(cell) + kCell + 2, top(cell) + kCell, {69, 78, 86});
  const bool aboard = trip.passenger == kInTaxi;
  const double x = left(trip.cell), y = top(trip.cell);
  painter.rectangle(x + 6, y + 12, x + kCell - 6, y + kCell - 12, {255, 179, 0});
  const int64_t passenger = aboard ? trip.cell : kPads[static_cast<size_t>(trip.passenger)];
  painter.disc(left(passenger) + kCell / 2.0, top(passenger) + kCell / 2.0, 7, {142, 36, 170});
  return painter.take();
}

}  // namespace deepq
