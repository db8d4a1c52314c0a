#include "deepq/compare/folder_names.h"

#include <regex>

#include "deepq/env/atari_scores.h"

namespace deepq::compare {

std::string task_in_name(const std::string& folder_name) {
  static const std::regex only_a_number("(seed|run|trial|rep|replicate|exp|experiment|s|r)?[-_ .=]?[0-9]+",
                                        std::regex::icase);
  static const std::regex cleanrl("(.+?)__.+__[0-9]+__[0-9]+"), numbered("(.+)_[0-9]+"), versioned(".+-v[0-9]+");
  std::smatch parts;
  if (std::regex_match(folder_name, only_a_number)) return "";
  if (std::regex_match(folder_name, parts, cleanrl)) return parts[1];
  if (!std::regex_match(folder_name, parts, numbered)) return folder_name;
  const std::string before = parts[1];
  return std::regex_match(before, versioned) || atari_scores(before) ? before : "";
}

}  // namespace deepq::compare
