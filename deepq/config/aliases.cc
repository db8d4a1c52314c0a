#include "deepq/config/aliases.h"

#include <algorithm>
#include <cctype>

namespace deepq {
namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    if (!word.empty()) words.emplace_back(word);
    text.remove_prefix(std::min(text.size(), word.size() + 1));
  }
  return words;
}

// "learningrate" of "learning_rate", "learning-rate" and "learningRate".
std::string plain(std::string_view name) {
  std::string text;
  for (const char c : name)
    if (c != '_' && c != '-' && c != ' ') text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

const Alias* find_alias(std::string_view name) {
  const std::string wanted = plain(name);
  for (const Alias& alias : aliases())
    for (const std::string& one : words_of(alias.names))
      if (plain(one) == wanted) return &alias;
  return nullptr;
}

std::string_view last_word(std::string_view name) { return name.substr(name.rfind('.') + 1); }

// The keys that the name is the last word of, or all the words ("agent_gamma"); the first of them where it has a
// section.
std::vector<std::string> keys_like(std::string_view name, const std::vector<std::string>& all_keys) {
  std::vector<std::string> like;
  for (const std::string& key : all_keys) {
    std::string joined = plain(key);
    std::erase(joined, '.');
    // "agent_gamma" and "agentGamma" mean one key and no other.
    if (joined == plain(name)) return {key};
    if (plain(last_word(key)) == plain(last_word(name))) like.push_back(key);
  }
  if (name.find('.') != std::string_view::npos && like.size() > 1) like.resize(1);
  return like;
}

// Of several meanings those of the section that the name has: tabular.lr is not optimizer.learning_rate.
std::vector<std::string> of_section(std::string_view name, const std::vector<std::string>& keys,
                                    const std::vector<std::string>& all_keys) {
  if (name.find('.') == std::string_view::npos) return keys;
  const std::string section(name.substr(0, name.rfind('.') + 1));
  std::vector<std::string> of;
  for (const std::string& key : keys) {
    const std::string there = section + std::string(last_word(key));
    if (std::find(all_keys.begin(), all_keys.end(), there) != all_keys.end()) of.push_back(there);
  }
  return of.empty() ? keys : of;
}

}  // namespace

Meaning meaning_of(std::string_view name, const std::vector<std::string>& all_keys) {
  const bool is_word = name.find('.') == std::string_view::npos;
  const Alias* alias = is_word ? nullptr : find_alias(name);  // target.freq is not eval.freq
  Meaning meaning;
  if (!alias) meaning.keys = keys_like(name, all_keys);
  if (!meaning.keys.empty()) return meaning;
  // "agent.lr": no key of that section ends so, but the word alone is known.
  if (!alias) alias = find_alias(last_word(name));
  if (!alias) return meaning;
  return {.keys = of_section(name, words_of(alias->keys), all_keys),
          .flag = std::string(alias->flag),
          .python = std::string(alias->python),
          .program = std::string(alias->program)};
}

}  // namespace deepq
