#include "deepq/compare/score_table.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "deepq/compare/csv_fields.h"
#include "deepq/core/error.h"
#include "deepq/record/csv_text.h"

namespace deepq::compare {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::string_view kAlgorithm[]{"algorithm", "algo", "agent", "method"};
constexpr std::string_view kTask[]{"task", "env", "env_id", "environment", "game"};
constexpr std::string_view kSeed[]{"seed", "run", "run_id", "trial"};
constexpr std::string_view kScore[]{"score", "return", "reward", "episode_return"};

struct Places {
  size_t algorithm, task, seed, score, count;  // `count`: there is none
  char separator;
};

Places places_in(std::string_view header, const std::string& source) {
  for (const char separator : {',', ';', '\t'}) {
    std::vector<std::string> columns = csv_fields(header, separator);
    for (std::string& column : columns) column = lower_case(std::move(column));
    // The first of the names that the header has, as in csv_run.cc.
    const auto place = [&](Names names) {
      for (const std::string_view name : names)
        if (const auto found = std::ranges::find(columns, name); found != columns.end())
          return static_cast<size_t>(found - columns.begin());
      return columns.size();
    };
    const Places places{place(kAlgorithm), place(kTask), place(kSeed), place(kScore), columns.size(), separator};
    // The seed may be missing; the other three may not.
    if (std::max({places.algorithm, places.task, places.score}) < places.count) return places;
  }
  throw Error::of(source, ": the columns are '", header,
                  "'; a table of scores has algorithm, task, seed and score (runs with episodes lie in a folder)");
}

template <class Named>
Named& named(std::vector<Named>& all, const std::string& name) {
  const auto found = std::ranges::find_if(all, [&](const Named& one) { return one.name == name; });
  if (found != all.end()) return *found;
  all.emplace_back().name = name;
  return all.back();
}

}  // namespace

std::vector<Group> read_score_table(std::string_view text, const std::string& source) {
  text = csv_text(text, source);
  const std::string_view header = take_line(text);
  const Places places = places_in(header, source);
  std::vector<Group> groups;
  std::set<std::vector<std::string>> seen;
  for (size_t line_number = 2; !text.empty(); ++line_number) {
    const std::string where = source + " line " + std::to_string(line_number);
    const std::vector<std::string> fields = csv_fields(take_line(text), places.separator);
    if (fields == std::vector<std::string>{""}) continue;  // a blank line
    if (fields.size() != places.count)
      throw Error::of(where, " has ", fields.size(), " values; the header names ", places.count);
    const std::string &algorithm = fields[places.algorithm], &task = fields[places.task];
    for (const auto& [name, value] : {std::pair{"algorithm", algorithm}, {"task", task}})
      if (value.empty()) throw Error::of(where, ": the ", name, " is empty; allowed: its name");
    if (places.seed < places.count && !seen.insert({algorithm, task, fields[places.seed]}).second)
      throw Error::of(where, ": seed ", fields[places.seed], " of ", algorithm, " on ", task, " is there twice");
    const double score = csv_number(fields[places.score], places.separator, where, "the score");
    named(named(groups, algorithm).tasks, task)
        .runs.push_back({.source = where, .env = task, .has_episodes = false, .final_evaluation = score});
  }
  if (groups.empty()) throw Error::of(source, " holds no score; a table needs at least one row");
  // By name, as in folders, so that groups can be compared task by task.
  for (Group& group : groups) std::ranges::sort(group.tasks, {}, &Task::name);
  return groups;
}

}  // namespace deepq::compare
