// What other libraries call a setting: the names of Stable-Baselines3, RL Zoo, CleanRL, Tianshou, RLlib, Dopamine,
// keras-rl and d3rlpy, and common short names. The one table behind every message on a name that deepq does not know:
// of --set, of TOML files, of the program's flags and of Python's keywords.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace deepq {

struct Alias {
  std::string_view names;         // with blanks between them, in lower case; dashes and underscores are not told apart
  std::string_view keys = {};     // that it may mean, with blanks between them; "" where it is no setting
  std::string_view flag = {};     // of the program, that says it
  std::string_view python = {};   // what a Python user is told, where that is not the keyword of `keys`
  std::string_view program = {};  // what a user of the program is told, where that is not `keys` or `flag`
};

const std::vector<Alias>& aliases();

// What an unknown name means: "lr" and "agent.lr" (no key of that section) the alias, "gamma" the keys that end so.
struct Meaning {
  std::vector<std::string> keys;
  std::string flag, python, program;

  bool empty() const { return keys.empty() && flag.empty() && python.empty() && program.empty(); }
};
Meaning meaning_of(std::string_view name, const std::vector<std::string>& all_keys);

// Every key of the configuration, in order: "agent.gamma".
std::vector<std::string> config_keys();

// What is said of a key that does not exist: "; did you mean 'optimizer.learning_rate'?" of agent.lr, or what is typed
// instead where it is no setting, or else the sections.
std::string advice_on_key(const std::string& unknown);

}  // namespace deepq
