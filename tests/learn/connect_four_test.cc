// The preset connect-four learns to beat both opponents: of 1,000 greedy games, each side beginning half of them, at
// least 99% against random moves and more than half against minimax, which always looks four moves ahead.
#include <gtest/gtest.h>

#include <cstdio>

#include "deepq/config/run_config.h"
#include "deepq/env/registry.h"
#include "deepq/env/sync_vector_env.h"
#include "deepq/train/trainer.h"

namespace deepq {
namespace {

constexpr int kGames = 1'000;

struct Score {
  int won = 0, drawn = 0, lost = 0;
};

// One world whose games follow each other, so that who begins changes with each.
Score play_games(Policy& policy, LineGameOptions::Opponent opponent) {
  EnvOptions options;
  options.line_game = {.opponent = opponent, .minimax_depth = 4};
  SyncVectorEnv games(find_env("ConnectFour-v0", options), 1, 12'345);
  Score score;
  std::array<int64_t, 1> action{};
  while (score.won + score.drawn + score.lost < kGames) {
    policy.act(games.observations(), action);
    games.step(action);
    if (!games.terminated()[0]) continue;
    const double reward = games.rewards()[0];
    ++(reward > 0 ? score.won : reward < 0 ? score.lost : score.drawn);
  }
  return score;
}

class ConnectFourPreset : public ::testing::TestWithParam<int> {};

TEST_P(ConnectFourPreset, BeatsRandomMovesAndMinimax) {
  RunConfig config = preset("connect-four");
  config.train.seed = GetParam();
  config.eval.final_episodes = 0;
  Trainer trainer(config, find_env(config.env.id, config.env_options));
  while (!trainer.done()) trainer.step();
  const Score random = play_games(trainer.policy(), LineGameOptions::Opponent::kRandom),
              minimax = play_games(trainer.policy(), LineGameOptions::Opponent::kMinimax);
  for (const auto& [name, score] : {std::pair("random", random), std::pair("minimax", minimax)})
    std::printf("seed %d, %s: won %d, drawn %d, lost %d\n", GetParam(), name, score.won, score.drawn, score.lost);
  EXPECT_GE(random.won, 0.99 * kGames);
  EXPECT_GT(minimax.won, 0.5 * kGames);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ConnectFourPreset, ::testing::Range(0, 3));

}  // namespace
}  // namespace deepq
