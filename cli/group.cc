#include "cli/group.h"

#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "deepq/core/error.h"
#include "deepq/train/files.h"
#include "deepq/train/run_folder.h"

namespace deepq::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string plan_path(const std::string& folder) { return folder + "/group.json"; }

// [{"seeds": 10, "config": TOML of the first seed}, ...], one for each call.
Json read_plans(const std::string& folder) {
  const std::string path = plan_path(folder);
  if (!path_exists(path)) return Json::array();
  Json plans = Json::parse(read_file(path), nullptr, false);
  if (!plans.is_array()) throw Error::of(path, " is not a JSON list of plans");
  return plans;
}

}  // namespace

std::string seed_folder(const std::string& folder, int64_t seed) { return folder + "/seed-" + std::to_string(seed); }

bool is_group(const std::string& folder) {
  if (!is_folder(folder) || path_exists(config_path(folder))) return false;
  return path_exists(plan_path(folder)) || run_folders(folder) != std::vector{folder};
}

void note_plan(const std::string& folder, const RunConfig& config, int64_t count) {
  make_folder(folder);
  const RunLock lock(folder);  // two calls may begin at once
  Json plans = read_plans(folder);
  plans.push_back({{"seeds", count}, {"config", readable_toml(config)}});
  write_file_atomically(plan_path(folder), plans.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::vector<RunConfig> planned_runs(const std::string& folder) {
  std::map<int64_t, RunConfig> by_seed;
  for (const Json& plan : read_plans(folder)) {
    const bool whole = plan.is_object() && plan.contains("seeds") && plan["seeds"].is_number_integer() &&
                       plan.contains("config") && plan["config"].is_string();
    if (!whole) throw Error::of(plan_path(folder), " holds a plan without \"seeds\" and \"config\"");
    RunConfig config = from_toml(plan["config"].get<std::string>(), plan_path(folder));
    constexpr int64_t kMostSeeds = 1'000'000;
    if (plan["seeds"] < 0 || plan["seeds"] > kMostSeeds)
      throw Error::of(plan_path(folder), ": \"seeds\" is ", plan["seeds"].dump(), "; allowed: 0 to ", kMostSeeds);
    const auto seeds = plan["seeds"].get<int64_t>();
    if (const int64_t most = std::numeric_limits<int64_t>::max() - seeds;
        config.train.seed < 0 || config.train.seed > most)
      throw Error::of(plan_path(folder), ": train.seed is ", config.train.seed, "; allowed: 0 to ", most);
    for (int64_t i = 0; i < seeds; ++i, ++config.train.seed) by_seed.insert_or_assign(config.train.seed, config);
  }
  std::vector<RunConfig> configs;
  for (auto& [seed, config] : by_seed) configs.push_back(std::move(config));
  return configs;
}

}  // namespace deepq::cli
