#include "deepq/env/cliff_walking.h"

#include <string_view>

#include "deepq/env/grid.h"

namespace deepq {
namespace {

constexpr Grid kGrid{4, 12};
constexpr std::string_view kTiles =
    "............"
    "............"
    "............"
    "SCCCCCCCCCCG";
constexpr auto kStart = static_cast<int32_t>(kTiles.find('S'));
constexpr double kStepReward = -1;
constexpr double kFallReward = -100;

char tile(int64_t cell) { return kTiles[static_cast<size_t>(cell)]; }

EnvSpec make_spec(CliffWalking::Variant variant) {
  return {.id = variant == CliffWalking::Variant::kSlippery ? "CliffWalkingSlippery-v1" : "CliffWalking-v1",
          .observation_space = ObservationSpace::discrete(kGrid.cells()),
          .action_count = 4,
          .side_by_side = true};
}

std::vector<double> start_weights() {
  std::vector<double> weights(kTiles.size());
  weights[static_cast<size_t>(kStart)] = 1;
  return weights;
}

Outcome move(int64_t cell, Heading heading, double probability) {
  const int64_t next = kGrid.neighbor(cell, heading);
  // Back to the start; the episode goes on.
  if (tile(next) == 'C') return {.probability = probability, .reward = kFallReward, .next_state = kStart};
  return {.probability = probability,
          .reward = kStepReward,
          .next_state = static_cast<int32_t>(next),
          .terminated = tile(next) == 'G'};
}

std::vector<Outcome> outcomes_of(bool is_slippery, int64_t cell, int64_t action) {
  const auto ahead = static_cast<Heading>(action);
  if (!is_slippery) return {move(cell, ahead, 1)};
  constexpr double kThird = 1.0 / 3.0;
  return {move(cell, to_the_left(ahead), kThird), move(cell, ahead, kThird), move(cell, to_the_right(ahead), kThird)};
}

}  // namespace

CliffWalking::CliffWalking(const CliffWalkingOptions& options, Variant variant)
    : TabularEnv(make_spec(variant), start_weights(), [&](int64_t cell, int64_t action) {
        return outcomes_of(options.is_slippery || variant == Variant::kSlippery, cell, action);
      }) {}

std::string CliffWalking::render_text() const { return kGrid.text(kTiles, state()); }

Picture CliffWalking::picture() const { return kGrid.picture(kTiles, state()); }

}  // namespace deepq
