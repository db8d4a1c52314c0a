#include "cli/group.h"

#include <algorithm>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/options.h"
#include "deepq/core/error.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"
#include "deepq/report/report.h"

namespace deepq::cli {
namespace {

using Json = nlohmann::ordered_json;

// [{"seeds": 10, "config": TOML of the first seed}, {"longer": [0, 1, 2], "env_steps": 2000}, ...], one for each call.
Json read_calls(const std::string& folder) {
  const std::string path = group_path(folder);
  if (!path_exists(path)) return Json::array();
  Json calls = Json::parse(read_file(path), nullptr, false);
  // parse() was told not to throw: text that is no JSON comes back as a value that is no array either.
  if (!calls.is_array()) throw Error::of(path, " is not a JSON list of plans");
  return calls;
}

void note_call(const std::string& folder, const Json& call) {
  make_folder(folder);
  const RunLock lock(folder);  // two calls may begin at once
  Json calls = read_calls(folder);
  calls.push_back(call);
  write_file_atomically(group_path(folder), calls.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

bool is_length(const Json& call) {
  const auto whole = [](const Json& value) { return value.is_number_integer() && value >= 0; };
  return call.is_object() && call.contains("longer") && call["longer"].is_array() && call.contains("env_steps") &&
         whole(call["env_steps"]) && std::ranges::all_of(call["longer"], whole);
}

}  // namespace

bool is_group(const std::string& folder) {
  if (!is_folder(folder) || path_exists(config_path(folder))) return false;
  // A group of an older deepq has no group.json, but folders of runs; without any, run_folders() is the folder itself.
  return path_exists(group_path(folder)) || run_folders(folder) != std::vector{folder};
}

void note_plan(const std::string& folder, const RunConfig& config, int64_t count) {
  note_call(folder, {{"seeds", count}, {"config", readable_toml(config)}});
}

void note_length(const std::string& folder, const std::vector<int64_t>& seeds, int64_t env_steps) {
  note_call(folder, {{"longer", seeds}, {"env_steps", env_steps}});
}

GroupPlan read_plan(const std::string& folder) {
  std::map<int64_t, RunConfig> by_seed;
  GroupPlan found;
  for (const Json& plan : read_calls(folder)) {
    if (is_length(plan)) {
      for (const int64_t seed : plan["longer"].get<std::vector<int64_t>>())
        // Calls are in order, so the last length that was asked for stands.
        found.lengths[seed] = plan["env_steps"].get<int64_t>();
      continue;
    }
    const bool whole = plan.is_object() && plan.contains("seeds") && plan["seeds"].is_number_integer() &&
                       plan.contains("config") && plan["config"].is_string();
    if (!whole) throw Error::of(group_path(folder), " holds a plan without \"seeds\" and \"config\"");
    RunConfig config = from_toml(plan["config"].get<std::string>(), group_path(folder));
    // A damaged file must not make a loop of 2^63 configurations.
    constexpr int64_t kMostSeeds = 1'000'000;
    if (plan["seeds"] < 0 || plan["seeds"] > kMostSeeds)
      throw Error::of(group_path(folder), ": \"seeds\" is ", plan["seeds"].dump(), "; allowed: 0 to ", kMostSeeds);
    const auto seeds = plan["seeds"].get<int64_t>();
    if (const int64_t most = std::numeric_limits<int64_t>::max() - seeds;
        config.train.seed < 0 || config.train.seed > most)
      throw Error::of(group_path(folder), ": train.seed is ", config.train.seed, "; allowed: 0 to ", most);
    for (int64_t i = 0; i < seeds; ++i, ++config.train.seed) {
      by_seed.insert_or_assign(config.train.seed, config);
      found.lengths.erase(config.train.seed);  // a length counts that was asked for after the plan
    }
  }
  for (auto& [seed, config] : by_seed) found.runs.push_back(std::move(config));
  return found;
}

void write_group_report(const std::string& folder, const std::string& page) {
  const std::vector<std::string> runs = run_folders(folder);
  ReportOrigin origin{.path = page, .command = command_line()};
  try {
    for (const RunConfig& config : read_plan(folder).runs)
      if (std::ranges::find(runs, seed_folder(folder, config.train.seed)) == runs.end())
        origin.not_begun.push_back(config.train.seed);
  } catch (const Error& error) {  // the runs are whole all the same
    origin.notes.push_back("Whether seeds of this group were not begun is not known: " + std::string(error.what()) +
                           ".");
  }
  write_file_atomically(page, make_report(runs, origin));
}

}  // namespace deepq::cli
