// What random play and a professional human tester score in the 57 Atari games, to normalise by:
// (score - random) / (human - random). Both after up to 30 no-op actions, from the tables of Wang et al. 2016 ("Dueling
// Network Architectures for Deep Reinforcement Learning"), as DQN Zoo lists them (dqn_zoo/atari_data.py). The human
// scores of Mnih et al. 2015 are others; never mix the two.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace deepq {

struct AtariScores {
  double random, human;

  double normalized(double score) const { return (score - random) / (human - random); }
};

// By the environment's id ("ALE/SpaceInvaders-v5", "SpaceInvadersNoFrameskip-v4") or the game's name, in any case, with
// or without underscores; nothing for other environments ("MinAtar/SpaceInvaders-v1").
std::optional<AtariScores> atari_scores(std::string_view env);

// "ALE/Pong-v5" for all that names the game: "PongNoFrameskip-v4", "Pong-ram-v0", "pong"; "" for what names none.
std::string atari_id(std::string_view env);

}  // namespace deepq
