// RunSummary (run.h) as summary.json and back.
#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "deepq/core/error.h"
#include "deepq/env/atari_scores.h"
#include "deepq/train/run.h"

namespace deepq {
namespace {

using Json = nlohmann::ordered_json;

// JSON has no NaN: what was never measured is null.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

// Reads members of one object; errors name the source and the key.
class Reader {
 public:
  Reader(const std::string& text, const std::string& source) : source_(source) {
    try {
      object_ = Json::parse(text);
    } catch (const Json::parse_error& error) {
      throw Error::of(source, " is not valid JSON: wrong at byte ", error.byte);
    }
    if (!object_.is_object()) throw Error::of(source, " is not a JSON object");
  }

  void read(const char* key, std::string& value) const {
    const Json& found = at(key);
    if (!found.is_string()) refuse(key, found, "text");
    value = found.get<std::string>();
  }
  void read(const char* key, int64_t& value) const {
    const Json& found = at(key);
    if (!found.is_number_integer()) refuse(key, found, "a whole number");
    value = found.get<int64_t>();
  }
  void read(const char* key, uint64_t& value) const {
    const Json& found = at(key);
    if (!found.is_number_unsigned()) refuse(key, found, "a whole number from 0");
    value = found.get<uint64_t>();
  }
  void read(const char* key, double& value) const {
    const Json& found = at(key);
    if (!found.is_number() && !found.is_null()) refuse(key, found, "a number or null");
    value = found.is_null() ? std::numeric_limits<double>::quiet_NaN() : found.get<double>();
  }
  std::string text_of(const char* key) const { return at(key).dump(); }
  bool has(const char* key) const { return object_.contains(key); }
  bool is_null(const char* key) const { return at(key).is_null(); }

 private:
  const Json& at(const char* key) const {
    const auto found = object_.find(key);
    if (found == object_.end()) throw Error::of(source_, " has no \"", key, "\"");
    return *found;
  }
  [[noreturn]] void refuse(const char* key, const Json& found, const char* expected) const {
    throw Error::of(source_, ": \"", key, "\" is a JSON ", found.type_name(), "; expected ", expected);
  }

  std::string source_;
  Json object_;
};

}  // namespace

double RunSummary::human_normalized_score() const {
  const std::optional<AtariScores> scores = atari_scores(env);
  return scores ? scores->normalized(eval_mean_return) : std::numeric_limits<double>::quiet_NaN();
}

std::string RunSummary::to_json() const {
  Json json;
  json["deepq_version"] = version.empty() ? DEEPQ_VERSION : version;
  json["env"] = env;
  json["preset"] = preset;
  json["seed"] = seed;
  json["env_steps"] = env_steps;
  json["episodes"] = episodes;
  json["updates"] = updates;
  json["seconds"] = number(seconds);
  json["env_steps_per_second"] = number(env_steps_per_second);
  json["best_100_mean_return"] = number(best_100_mean_return);
  json["last_100_mean_return"] = number(last_100_mean_return);
  json["solved_return"] = number(solved_return);
  json["first_episode_solved"] = first_episode_solved > 0 ? Json(first_episode_solved) : Json(nullptr);
  json["eval_mean_return"] = number(eval_mean_return);
  const bool evaluated = eval_episodes > 0;
  json["eval_episodes"] = eval_episodes;
  json["eval_planned_episodes"] = evaluated ? Json(std::max(eval_episodes, eval_planned_episodes)) : Json(nullptr);
  json["eval_max_env_steps"] = evaluated ? Json(eval_max_env_steps) : Json(nullptr);
  json["eval_env_steps"] = evaluated ? Json(eval_env_steps) : Json(nullptr);
  const bool told_how = evaluated && !eval_agent.empty();
  json["eval_epsilon"] = number(eval_epsilon);
  json["eval_agent"] = told_how ? Json(eval_agent) : Json(nullptr);
  json["eval_max_episode_steps"] = told_how ? Json(eval_max_episode_steps) : Json(nullptr);
  json["eval_seed"] = told_how ? Json(eval_seed) : Json(nullptr);
  json["human_normalized_score"] = number(human_normalized_score());
  json["parameter_count"] = parameter_count;
  json["weights_sha256"] = weights_sha256;
  json["changes"] = Json::parse(history_text(changes));
  json["stopped_by"] = stopped_by;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

RunSummary RunSummary::from_json(const std::string& text, const std::string& source) {
  const Reader reader(text, source);
  RunSummary summary;
  if (reader.has("deepq_version")) reader.read("deepq_version", summary.version);
  reader.read("env", summary.env);
  reader.read("preset", summary.preset);
  reader.read("seed", summary.seed);
  reader.read("env_steps", summary.env_steps);
  reader.read("episodes", summary.episodes);
  reader.read("updates", summary.updates);
  reader.read("seconds", summary.seconds);
  reader.read("env_steps_per_second", summary.env_steps_per_second);
  reader.read("best_100_mean_return", summary.best_100_mean_return);
  reader.read("last_100_mean_return", summary.last_100_mean_return);
  if (reader.has("solved_return")) reader.read("solved_return", summary.solved_return);  // not in files of before
  if (!reader.is_null("first_episode_solved")) reader.read("first_episode_solved", summary.first_episode_solved);
  reader.read("eval_mean_return", summary.eval_mean_return);
  reader.read("eval_episodes", summary.eval_episodes);
  if (summary.eval_episodes > 0) {
    summary.eval_planned_episodes = summary.eval_episodes;
    if (reader.has("eval_planned_episodes")) {  // nor these
      reader.read("eval_planned_episodes", summary.eval_planned_episodes);
      reader.read("eval_max_env_steps", summary.eval_max_env_steps);
    }
    summary.eval_env_steps = summary.env_steps;  // the same
    if (reader.has("eval_env_steps")) reader.read("eval_env_steps", summary.eval_env_steps);
    if (reader.has("eval_epsilon")) reader.read("eval_epsilon", summary.eval_epsilon);
    if (reader.has("eval_agent") && !reader.is_null("eval_agent")) {
      reader.read("eval_agent", summary.eval_agent);
      reader.read("eval_max_episode_steps", summary.eval_max_episode_steps);
      reader.read("eval_seed", summary.eval_seed);
    }
  }
  reader.read("parameter_count", summary.parameter_count);
  reader.read("weights_sha256", summary.weights_sha256);
  if (reader.has("changes")) summary.changes = history_of(reader.text_of("changes"));
  reader.read("stopped_by", summary.stopped_by);
  return summary;
}

}  // namespace deepq
