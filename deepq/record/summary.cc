#include "deepq/record/summary.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "deepq/core/error.h"
#include "deepq/core/finite.h"
#include "deepq/env/atari_scores.h"

namespace deepq {
namespace {

using Json = nlohmann::ordered_json;

// Reads members of one object, as a visitor of the summary's fields; errors name the source and the key.
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

  template <class Value>
  void operator()(const RecordField& field, Value&& value, bool) const {
    if constexpr (std::is_lvalue_reference_v<Value>) {  // the others are computed
      const auto found = object_.find(field.name);
      if (found == object_.end()) {
        if (field.later) return;
        throw Error::of(source_, " has no \"", field.name, "\"");
      }
      // Null where nothing was measured: the default stays.
      if (!found->is_null() || !field.nullable) read(field.name, *found, value);
    }
  }

 private:
  void read(std::string_view key, const Json& found, std::string& value) const {
    if (!found.is_string()) refuse(key, found, "text");
    value = found.get<std::string>();
  }
  void read(std::string_view key, const Json& found, int64_t& value) const {
    if (!found.is_number_integer()) refuse(key, found, "a whole number");
    value = found.get<int64_t>();
  }
  void read(std::string_view key, const Json& found, uint64_t& value) const {
    if (!found.is_number_unsigned()) refuse(key, found, "a whole number from 0");
    value = found.get<uint64_t>();
  }
  void read(std::string_view key, const Json& found, double& value) const {
    if (!found.is_number() && !found.is_null()) refuse(key, found, "a number or null");
    value = found.is_null() ? kNaN : found.get<double>();
  }
  void read(std::string_view, const Json& found, ConfigHistory& value) const { value = history_of(found.dump()); }

  [[noreturn]] void refuse(std::string_view key, const Json& found, const char* expected) const {
    throw Error::of(source_, ": \"", key, "\" is a JSON ", found.type_name(), "; expected ", expected);
  }

  std::string source_;
  Json object_;
};

Json json_of(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }  // JSON has no NaN
Json json_of(const ConfigHistory& changes) {
  Json list = Json::array();
  for (const ConfigChange& change : changes)
    list.push_back({{"env_steps", change.env_steps}, {"key", change.key}, {"from", change.from}, {"to", change.to}});
  return list;
}
template <class Value>
Json json_of(const Value& value) {
  return value;
}

}  // namespace

double RunSummary::human_normalized_score() const {
  const std::optional<AtariScores> scores = atari_scores(env);
  return scores ? scores->normalized(eval_mean_return) : kNaN;
}

std::string RunSummary::to_json() const {
  RunSummary written = *this;
  if (written.version.empty()) written.version = DEEPQ_VERSION;
  written.eval_planned_episodes = std::max(eval_episodes, eval_planned_episodes);
  Json json;
  visit_fields(std::as_const(written), [&](const RecordField& field, const auto& value, bool applies) {
    // Every key is there, so that readers need ask for none; null says that it does not apply.
    json[std::string(field.name)] = applies ? json_of(value) : Json(nullptr);
  });
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

RunSummary RunSummary::from_json(const std::string& text, const std::string& source) {
  constexpr int64_t kUntold = -1;  // in older files
  RunSummary summary;
  summary.eval_env_steps = summary.eval_planned_episodes = kUntold;
  visit_fields(summary, Reader(text, source));
  const bool evaluated = summary.eval_episodes > 0;
  if (summary.eval_planned_episodes == kUntold) summary.eval_planned_episodes = summary.eval_episodes;
  if (summary.eval_env_steps == kUntold) summary.eval_env_steps = evaluated ? summary.env_steps : 0;
  return summary;
}

}  // namespace deepq
