#include "deepq/env/near_ids.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include "deepq/core/error.h"
#include "deepq/env/atari_scores.h"

namespace deepq {
namespace {

// Of Gymnasium's, those that the library lacks, by their newest versions.
constexpr std::array<std::string_view, 1> kGymnasium{"LunarLander-v3"};
constexpr std::array<std::string_view, 17> kContinuous{"Ant-v5",
                                                       "BipedalWalker-v3",
                                                       "BipedalWalkerHardcore-v3",
                                                       "CarRacing-v3",
                                                       "HalfCheetah-v5",
                                                       "Hopper-v5",
                                                       "Humanoid-v5",
                                                       "HumanoidStandup-v5",
                                                       "InvertedDoublePendulum-v5",
                                                       "InvertedPendulum-v5",
                                                       "LunarLanderContinuous-v3",
                                                       "MountainCarContinuous-v0",
                                                       "Pendulum-v1",
                                                       "Pusher-v5",
                                                       "Reacher-v5",
                                                       "Swimmer-v5",
                                                       "Walker2d-v5"};

std::string_view without_version(std::string_view id) {
  const size_t version = id.rfind("-v");
  const std::string_view digits = version == std::string_view::npos ? "" : id.substr(version + 2);
  const bool is_version = !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
  return is_version ? id.substr(0, version) : id;
}

int version_of(std::string_view id) {
  const std::string_view digits = id.substr(without_version(id).size());
  return digits.size() > 2 ? std::atoi(std::string(digits.substr(2)).c_str()) : -1;
}

// "frozenlake" of "FrozenLake-v1", "frozen_lake" and "gymnasium:Frozen-Lake".
std::string plain_name(std::string_view id) {
  const std::string_view name = without_version(id);
  std::string text;
  for (const char c : name.substr(name.find_last_of("/:") + 1))
    if (c != '_' && c != '-' && c != ' ') text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string_view space_of(std::string_view id) { return id.substr(0, id.rfind('/') + 1); }

// The ids of the same name; the newest version of each, and those of the same namespace where there are such.
template <class Ids>
std::vector<std::string> same_name(std::string_view id, const Ids& ids) {
  std::vector<std::string> same;
  for (const std::string_view one : ids) {
    if (plain_name(one) != plain_name(id) || plain_name(id).empty()) continue;  // "-v1" alone is no name
    const auto older = [&](const std::string& other) { return without_version(other) == without_version(one); };
    const auto found = std::ranges::find_if(same, older);
    if (found == same.end()) {
      same.emplace_back(one);
    } else if (version_of(*found) < version_of(one)) {
      *found = one;
    }
  }
  const auto of_space = [&](const std::string& one) { return space_of(one) == space_of(id); };
  if (std::ranges::any_of(same, of_space)) std::erase_if(same, [&](const std::string& one) { return !of_space(one); });
  return same;
}

std::string question(const std::vector<std::string>& ids) {
  std::vector<std::string> quoted;
  for (const std::string& id : ids) quoted.push_back("'" + id + "'");
  return "; did you mean " + join(quoted, " or ") + "?";
}

std::string from_python(const std::string& id) {
  return "; " + id + " comes with the Python package: python -m deepq in place of deepq, see docs/python.md";
}

// Of what the library lacks; "" where the id is none of it.
std::string advice_on_others(std::string_view id) {
  if (const std::vector<std::string> continuous = same_name(id, kContinuous); !continuous.empty())
    return "; the actions of " + continuous.front() + " are continuous, and deepq learns among a number of them";
  if (const std::vector<std::string> others = same_name(id, kGymnasium); !others.empty())
    return from_python(others.front());
  return "";
}

}  // namespace

std::string advice_on_env(std::string_view id, const std::vector<std::string>& known, bool has_source) {
  std::vector<std::string> same = same_name(id, known);
  const std::string game = atari_id(id);
  const bool is_known = std::ranges::find(known, game) != known.end();
  if (is_known && std::ranges::find(same, game) == same.end()) same.insert(same.begin(), game);
  std::string advice = same.empty() ? "" : question(same);
  if (has_source) {
    const bool plays_atari = std::ranges::any_of(known, [](const std::string& one) { return one.starts_with("ALE/"); });
    if (advice.empty() && !game.empty() && !plays_atari) return question({game});  // which says what it needs
    return advice.empty() ? did_you_mean(id, known) : advice;
  }
  // What a run of Python's calls its world: another than the library's own of that id.
  const std::string_view prefix = "gymnasium:";
  const std::string_view rest = id.substr(std::min(prefix.size(), id.size()));
  if (id.starts_with(prefix) && std::ranges::find(known, rest) != known.end()) return from_python(std::string(id));
  if (!game.empty() && !is_known) return advice + from_python(game);
  if (advice.empty()) advice = advice_on_others(id);
  if (advice.empty()) advice = did_you_mean(id, known);
  const bool may_be_gymnasiums = without_version(id) != id || id.find(':') != std::string_view::npos;
  if (!advice.empty() || !may_be_gymnasiums) return advice;
  return "; Gymnasium's environments and one's own come with the Python package: python -m deepq in place of deepq, "
         "see docs/python.md";
}

}  // namespace deepq
