#include "deepq/compare/folder_names.h"

#include <regex>

#include "deepq/env/atari_scores.h"

namespace deepq::compare {

std::string task_in_name(const std::string& folder_name, size_t runs) {
  static const std::regex kOnlyANumber("(seed|run|trial|rep|replicate|exp|experiment|s|r)?[-_ .=]?[0-9]+",
                                       std::regex::icase);
  static const std::regex kCleanRl("(.+?)__.+__[0-9]+__[0-9]+"), kNumbered("(.+)_[0-9]+"), kVersioned(".+-v[0-9]+");
  std::smatch parts;
  // "seed-3", "run_1", "7": no task in it.
  if (std::regex_match(folder_name, kOnlyANumber)) return "";
  // CleanRL: environment__experiment__seed__time.
  if (std::regex_match(folder_name, parts, kCleanRl)) return parts[1];
  if (!std::regex_match(folder_name, parts, kNumbered)) return folder_name;
  // "CartPole-v1_1" and "Pong_1": Stable-Baselines3 and RL Zoo number their folders.
  const std::string before = parts[1];
  if (std::regex_match(before, kVersioned) || atari_scores(before)) return before;
  return runs == 1 ? "" : folder_name;  // several runs of "maze_1" are of a maze of that name
}

}  // namespace deepq::compare
