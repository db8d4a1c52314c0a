#include "deepq/env/atari_scores.h"

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

namespace deepq {
namespace {

// By name; random and human.
constexpr std::pair<std::string_view, AtariScores> kGames[] = {
    {"Alien", {227.8, 7127.7}},
    {"Amidar", {5.8, 1719.5}},
    {"Assault", {222.4, 742}},
    {"Asterix", {210, 8503.3}},
    {"Asteroids", {719.1, 47388.7}},
    {"Atlantis", {12850, 29028.1}},
    {"BankHeist", {14.2, 753.1}},
    {"BattleZone", {2360, 37187.5}},
    {"BeamRider", {363.9, 16926.5}},
    {"Berzerk", {123.7, 2630.4}},
    {"Bowling", {23.1, 160.7}},
    {"Boxing", {0.1, 12.1}},
    {"Breakout", {1.7, 30.5}},
    {"Centipede", {2090.9, 12017}},
    {"ChopperCommand", {811, 7387.8}},
    {"CrazyClimber", {10780.5, 35829.4}},
    {"Defender", {2874.5, 18688.9}},
    {"DemonAttack", {152.1, 1971}},
    {"DoubleDunk", {-18.6, -16.4}},
    {"Enduro", {0, 860.5}},
    {"FishingDerby", {-91.7, -38.7}},
    {"Freeway", {0, 29.6}},
    {"Frostbite", {65.2, 4334.7}},
    {"Gopher", {257.6, 2412.5}},
    {"Gravitar", {173, 3351.4}},
    {"Hero", {1027, 30826.4}},
    {"IceHockey", {-11.2, 0.9}},
    {"Jamesbond", {29, 302.8}},
    {"Kangaroo", {52, 3035}},
    {"Krull", {1598, 2665.5}},
    {"KungFuMaster", {258.5, 22736.3}},
    {"MontezumaRevenge", {0, 4753.3}},
    {"MsPacman", {307.3, 6951.6}},
    {"NameThisGame", {2292.3, 8049}},
    {"Phoenix", {761.4, 7242.6}},
    {"Pitfall", {-229.4, 6463.7}},
    {"Pong", {-20.7, 14.6}},
    {"PrivateEye", {24.9, 69571.3}},
    {"Qbert", {163.9, 13455}},
    {"Riverraid", {1338.5, 17118}},
    {"RoadRunner", {11.5, 7845}},
    {"Robotank", {2.2, 11.9}},
    {"Seaquest", {68.4, 42054.7}},
    {"Skiing", {-17098.1, -4336.9}},
    {"Solaris", {1236.3, 12326.7}},
    {"SpaceInvaders", {148, 1668.7}},
    {"StarGunner", {664, 10250}},
    {"Surround", {-10, 6.5}},
    {"Tennis", {-23.8, -8.3}},
    {"TimePilot", {3568, 5229.2}},
    {"Tutankham", {11.4, 167.6}},
    {"UpNDown", {533.4, 11693.2}},
    {"Venture", {0, 1187.5}},
    {"VideoPinball", {16256.9, 17667.9}},
    {"WizardOfWor", {563.5, 4756.5}},
    {"YarsRevenge", {3092.9, 54576.9}},
    {"Zaxxon", {32.5, 9173.3}},
};

constexpr std::string_view kNamespace = "ALE/";

// "BankHeist", "bank_heist" and "BANKHEIST" are one.
std::string letters(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c != '_') out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

// "ALE/BankHeist-v5" -> "BankHeist", "BankHeist-ramNoFrameskip-v4" -> "BankHeist".
std::string_view game_of(std::string_view env) {
  if (env.starts_with(kNamespace)) env.remove_prefix(kNamespace.size());
  const size_t version = env.rfind("-v");
  if (version != std::string_view::npos) env = env.substr(0, version);
  for (const std::string_view ending : {"NoFrameskip", "Deterministic", "-ram"}) {
    if (env.ends_with(ending)) env.remove_suffix(ending.size());
  }
  return env;
}

}  // namespace

std::optional<AtariScores> atari_scores(std::string_view env) {
  const std::string game = letters(game_of(env));
  for (const auto& [name, scores] : kGames) {
    if (letters(name) == game) return scores;
  }
  return std::nullopt;
}

std::string atari_id(std::string_view env) {
  const std::string_view game = game_of(env);
  std::string name;
  for (const auto& [known, scores] : kGames)
    if (letters(known) == letters(game)) name = known;
  const bool has_ending = env.starts_with(kNamespace) || game.size() < env.substr(0, env.rfind("-v")).size();
  if (name.empty() && has_ending) name = game;  // of a game without scores
  return name.empty() ? "" : std::string(kNamespace) + name + "-v5";
}

}  // namespace deepq
