#include "deepq/env/frozen_lake.h"

#include <array>
#include <string_view>

#include "deepq/env/grid.h"

namespace deepq {
namespace {

using Map = FrozenLakeOptions::Map;

struct Lake {
  Grid grid;
  std::string_view tiles;  // S start, F frozen, H hole, G goal

  char tile(int64_t cell) const { return tiles[static_cast<size_t>(cell)]; }
  bool is_end(int64_t cell) const { return tile(cell) == 'H' || tile(cell) == 'G'; }
};

constexpr Lake kLake4x4{{4, 4},
                        "SFFF"
                        "FHFH"
                        "FFFH"
                        "HFFG"};
constexpr Lake kLake8x8{{8, 8},
                        "SFFFFFFF"
                        "FFFFFFFF"
                        "FFFHFFFF"
                        "FFFFFHFF"
                        "FFFHFFFF"
                        "FHHFFFHF"
                        "FHFFHFHF"
                        "FFFHFFFG"};

constexpr std::array kHeadings{Heading::kLeft, Heading::kDown, Heading::kRight, Heading::kUp};  // by action

constexpr const Lake& lake_of(Map map) { return map == Map::k8x8 ? kLake8x8 : kLake4x4; }

Map map_of(const FrozenLakeOptions& options, FrozenLake::Variant variant) {
  return variant == FrozenLake::Variant::kFrozenLake8x8 ? Map::k8x8 : options.map;
}

// The return that counts as solved is one of these rewards.
bool has_usual_rewards(const FrozenLakeOptions& options) {
  const FrozenLakeOptions usual;
  return options.goal_reward == usual.goal_reward && options.hole_reward == usual.hole_reward &&
         options.frozen_reward == usual.frozen_reward;
}

EnvSpec make_spec(const FrozenLakeOptions& options, FrozenLake::Variant variant) {
  const Lake& lake = lake_of(map_of(options, variant));
  const bool is_8x8 = variant == FrozenLake::Variant::kFrozenLake8x8;
  return {.id = is_8x8 ? "FrozenLake8x8-v1" : "FrozenLake-v1",
          .observation_space = ObservationSpace::discrete(lake.grid.cells()),
          .action_count = static_cast<int64_t>(kHeadings.size()),
          .max_episode_steps = is_8x8 ? 200 : 100,
          .solved_return = is_8x8 ? 0.85 : 0.70,
          .has_solved_return = has_usual_rewards(options),
          .side_by_side = true};
}

std::vector<double> start_weights(const Lake& lake) {
  std::vector<double> weights;
  for (const char tile : lake.tiles) weights.push_back(tile == 'S' ? 1 : 0);
  return weights;
}

std::vector<Outcome> outcomes_of(const Lake& lake, const FrozenLakeOptions& options, int64_t cell, int64_t action) {
  // Never asked for in play; a table of the world has a row for it.
  if (lake.is_end(cell)) return {{.next_state = static_cast<int32_t>(cell), .terminated = true}};
  const auto move = [&](Heading heading, double probability) {
    const int64_t next = lake.grid.neighbor(cell, heading);
    const char tile = lake.tile(next);
    return Outcome{.probability = probability,
                   .reward = tile == 'G'   ? options.goal_reward
                             : tile == 'H' ? options.hole_reward
                                           : options.frozen_reward,
                   .next_state = static_cast<int32_t>(next),
                   .terminated = lake.is_end(next)};
  };
  const Heading ahead = kHeadings[static_cast<size_t>(action)];
  if (!options.is_slippery) return {move(ahead, 1)};
  const double slip = (1.0 - options.success_rate) / 2.0;
  // By number of action, which here counts anticlockwise; the order decides which draw means what.
  return {move(to_the_right(ahead), slip), move(ahead, options.success_rate), move(to_the_left(ahead), slip)};
}

}  // namespace

FrozenLake::FrozenLake(const FrozenLakeOptions& options, Variant variant)
    : TabularEnv(make_spec(options, variant), start_weights(lake_of(map_of(options, variant))),
                 [&](int64_t cell, int64_t action) {
                   return outcomes_of(lake_of(map_of(options, variant)), options, cell, action);
                 }),
      map_(map_of(options, variant)) {
  check_probability("frozen_lake.success_rate", options.success_rate);
}

std::string FrozenLake::render_text() const { return lake_of(map_).grid.text(lake_of(map_).tiles, state()); }

Picture FrozenLake::picture() const { return lake_of(map_).grid.picture(lake_of(map_).tiles, state()); }

}  // namespace deepq
