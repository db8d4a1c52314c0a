#include "deepq/record/run_notes.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "deepq/config/flat_toml.h"
#include "deepq/config/run_config.h"
#include "deepq/core/error.h"
#include "deepq/core/sha256.h"
#include "deepq/env/registry.h"

namespace deepq {
namespace {

const FlatToml& defaults() {
  static const FlatToml kDefaults = flat_toml(to_toml(RunConfig{}), "the defaults");
  return kDefaults;
}

std::string value_of(const FlatToml& config, const std::string& key) {
  if (const auto found = config.find(key); found != config.end()) return found->second;
  const auto otherwise = defaults().find(key);
  return otherwise == defaults().end() ? "" : otherwise->second;
}

// A list of walls may be long; what is cut off still tells values apart.
std::string shown(const std::string& value) {
  constexpr size_t kLongest = 40;
  if (value.empty()) return "''";
  if (value.size() <= kLongest) return value;
  return value.substr(0, kLongest / 2) + "... #" + sha256_hex(std::as_bytes(std::span(value))).substr(0, 8);
}

std::string section_of(const std::string& env) {
  if (is_env_id(env)) return std::string(env_section(env));
  return env.starts_with("ALE/") ? "atari" : "gymnasium";
}

bool decides_world(const std::string& key, const std::string& section) {
  if (section.empty() || !key.starts_with(section + ".")) return false;
  // How many threads step a world, and how long is waited for it, change no episode.
  return !key.ends_with(".threads") && !key.ends_with(".step_timeout");
}

// JSON has its names in any order.
std::string as_world(const std::string& key, const std::string& value) {
  if (key != "gymnasium.kwargs") return value;
  const auto names = nlohmann::json::parse(value, nullptr, false);
  return names.is_object() ? names.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) : value;
}

// The time limit, where it is not the environment's own.
std::string time_limit(const FlatToml& config, const std::string& section) {
  const std::string key = "env.max_episode_steps", limit = value_of(config, key), env = value_of(config, "env.id");
  const bool in_section = !section.empty() && defaults().contains(section + ".max_episode_steps");
  // Of a world of somewhere else the own limit is not known; a limit in the section is compared with its key.
  if (!is_env_id(env) || in_section) return limit;
  return limit == std::to_string(find_env(env)()->spec().max_episode_steps) ? value_of({}, key) : limit;
}

// Keys that change no episode of training, or only where it ends.
bool leaves_training_alone(const std::string& key) {
  for (const char* section : {"log.", "checkpoint.", "eval."})
    if (key.starts_with(section)) return true;
  static const std::set<std::string> kOthers{"train.env_steps", "train.episodes", "network.threads", "preset",
                                             "version"};
  return kOthers.contains(key) || key.ends_with(".threads") || key.ends_with(".step_timeout");
}

std::set<std::string> keys_of(const FlatToml& a, const FlatToml& b) {
  std::set<std::string> keys;
  for (const FlatToml* settings : {&a, &b})
    for (const auto& [key, value] : *settings) keys.insert(key);
  return keys;
}

bool is_copy(const RunFacts& a, const RunFacts& b) {
  // Without settings nothing says that they are copies.
  if (a.config.empty() || b.config.empty()) return false;
  const std::set<std::string> keys = keys_of(a.config, b.config);
  return std::all_of(keys.begin(), keys.end(), [&](const std::string& key) {
    return leaves_training_alone(key) || value_of(a.config, key) == value_of(b.config, key);
  });
}

// Keys in which the runs differ, the seed aside.
std::set<std::string> differing_keys(const std::vector<RunFacts>& runs) {
  std::set<std::string> differing;
  for (const RunFacts& run : runs) {
    for (const std::string& key : keys_of(run.config, runs[0].config)) {
      if (key != "train.seed" && value_of(run.config, key) != value_of(runs[0].config, key)) differing.insert(key);
    }
  }
  return differing;
}

// Runs that were not trained with the settings that they end with.
void note_changes(const std::vector<RunFacts>& runs, const std::string& of, std::vector<std::string>& notes) {
  std::vector<std::string> changed;
  for (const RunFacts& run : runs) {
    if (config_repeats(run.config, run.history)) continue;
    std::vector<std::string> changes;
    for (const ConfigChange& change : run.history) changes.push_back(describe(change));
    changed.push_back(run.source + ", " + join(changes, " and "));
  }
  if (changed.empty()) return;
  notes.push_back("Of the " + std::to_string(runs.size()) + " runs" + of + " " + std::to_string(changed.size()) +
                  (changed.size() == 1 ? " was" : " were") + " changed while training: " + join(changed, "; ") + ".");
}

std::string count_of(size_t count, const std::vector<RunFacts>& runs, const std::string& of) {
  return std::to_string(count) + " of the " + std::to_string(runs.size()) + " runs" + of;
}

}  // namespace

FlatToml world_of(const FlatToml& config) {
  const std::string env = value_of(config, "env.id"), section = section_of(env);
  FlatToml world{{"env.id", env}, {"env.max_episode_steps", time_limit(config, section)}};
  for (const auto& [key, value] : defaults())
    if (decides_world(key, section)) world[key] = as_world(key, value_of(config, key));
  return world;
}

FlatToml protocol_of(const FlatToml& config) {
  FlatToml protocol;
  for (const char* key : {"train.env_steps", "train.episodes", "eval.final_episodes", "eval.final_max_env_steps",
                          "eval.epsilon", "eval.keep_best", "eval.max_episode_steps"})
    protocol[key] = value_of(config, key);
  return protocol;
}

std::string world_name(const FlatToml& config) {
  std::vector<std::string> others;
  for (const auto& [key, value] : world_of(config))
    if (key != "env.id" && value != value_of({}, key)) others.push_back(key + " = " + shown(value));
  return value_of(config, "env.id") + (others.empty() ? "" : " (" + join(others) + ")");
}

std::string setting_differences(const FlatToml& a, const FlatToml& b, const std::string& name_a,
                                const std::string& name_b) {
  std::vector<std::string> found;
  for (const std::string& key : keys_of(a, b)) {
    const std::string of_a = value_of(a, key), of_b = value_of(b, key);
    if (of_a == of_b) continue;
    found.push_back(key + " is " + shown(of_a) + " in " + name_a + ", " + shown(of_b) + " in " + name_b);
  }
  return join(found, "; ");
}

std::vector<size_t> originals(const std::vector<RunFacts>& runs) {
  std::vector<size_t> counts(runs.size());
  for (size_t i = 0; i < runs.size(); ++i) {
    counts[i] = i;
    for (size_t j = 0; j < runs.size(); ++j) {
      if (j == i || !is_copy(runs[i], runs[j])) continue;
      const RunFacts &other = runs[j], &chosen = runs[counts[i]];
      // The finished one counts, else the first: which is the same for whoever asks.
      if (other.finished > chosen.finished || (other.finished == chosen.finished && j < counts[i])) counts[i] = j;
    }
  }
  return counts;
}

std::vector<std::string> notes_on(const std::vector<RunFacts>& runs, const std::string& group) {
  const std::string of = group.empty() ? "" : " of " + group;
  std::vector<std::string> notes;
  const std::vector<size_t> counts = originals(runs);
  std::vector<RunFacts> counted;
  std::set<std::string> seeds_of_copies, seeds, algorithms;
  for (size_t i = 0; i < runs.size(); ++i) {
    // Copies are told of by their seed and then left alone.
    if (counts[i] == i) {
      counted.push_back(runs[i]);
    } else {
      seeds_of_copies.insert(value_of(runs[i].config, "train.seed"));
    }
  }
  if (counted.size() < runs.size()) {
    notes.push_back(count_of(runs.size() - counted.size(), runs, of) + " are copies (seed " +
                    join({seeds_of_copies.begin(), seeds_of_copies.end()}) + "): each seed counts once.");
  }
  size_t unfinished = 0, with_config = 0;
  std::set<std::string> reasons;
  for (const RunFacts& run : counted) {
    unfinished += run.finished ? 0 : 1;
    if (!run.finished && !run.reason.empty()) reasons.insert(run.reason);
    // What does not say its settings cannot be compared, and is told of below.
    if (run.config.empty()) continue;
    ++with_config;
    seeds.insert(value_of(run.config, "train.seed"));
    algorithms.insert(value_of(run.config, "agent.algorithm"));
  }
  const std::string why = reasons.empty() ? "" : " (" + join({reasons.begin(), reasons.end()}, "; ") + ")";
  if (unfinished > 0 && counted.size() == 1 && group.empty()) {
    notes.push_back("The run has not finished" + why + ". The figures are those so far.");
  } else if (unfinished > 0) {
    notes.push_back(count_of(unfinished, counted, of) + " have not finished" + why +
                    ": they count as far as they have come.");
  }
  for (const RunFacts& run : counted)
    if (run.first_episode > 1)
      notes.push_back("The episodes before number " + std::to_string(run.first_episode) + " of seed " +
                      value_of(run.config, "train.seed") + of + " are not in its episodes.csv any more.");
  // Copies are gone from here on: equal seeds are runs that differ in something else.
  if (seeds.size() < with_config) {
    notes.push_back("Some runs" + of + " share a seed, so they are not independent and the intervals are too narrow.");
  }
  if (algorithms.size() > 1) {
    notes.push_back("The runs" + of + " are of several algorithms: " + join({algorithms.begin(), algorithms.end()}) +
                    ". Their average is no agent's.");
  }
  if (with_config > 0 && with_config < counted.size()) {
    notes.push_back(count_of(counted.size() - with_config, counted, of) +
                    " do not say their settings: whether they differ from the others in more than the seed is not "
                    "known.");
  }
  if (runs.size() > 1 || !group.empty()) note_changes(counted, of, notes);
  // From here on only runs that say their settings.
  std::erase_if(counted, [](const RunFacts& run) { return run.config.empty(); });
  if (const std::set<std::string> keys = differing_keys(counted); !keys.empty()) {
    notes.push_back("The runs" + of + " differ in more than the seed: " + join({keys.begin(), keys.end()}) + ".");
  }
  return notes;
}

}  // namespace deepq
