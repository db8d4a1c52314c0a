// What a page shows of a run, as JSON.
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "deepq/agent/choose.h"
#include "deepq/agent/dqn.h"
#include "deepq/env/grid_world.h"
#include "deepq/env/registry.h"
#include "web/core/exact.h"
#include "web/core/run.h"

namespace deepq::web {
namespace {

using Json = nlohmann::ordered_json;

// JSON has no NaN and no infinity: null, as in summary.json.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

template <class Record>
Json object_of(const Record& record) {
  Json object = Json::object();
  visit_fields(record, [&](const RecordField& field, const auto& value) {
    if constexpr (std::is_floating_point_v<std::decay_t<decltype(value)>>)
      object[std::string(field.name)] = number(value);
    else
      object[std::string(field.name)] = value;
  });
  return object;
}

template <class Record>
Json taken(std::vector<Record>& records) {
  Json array = Json::array();
  for (const Record& record : records) array.push_back(object_of(record));
  records.clear();
  return array;
}

Json numbers(std::span<const double> values) {
  Json array = Json::array();
  for (const double value : values) array.push_back(number(value));
  return array;
}

Json grid_json(const GridWorld& grid, const GridWorldOptions& options) {
  Json walls = Json::array(), goals = Json::array();
  for (int64_t cell = 0; cell < grid.cell_count(); ++cell) {
    if (grid.is_wall(cell)) walls.push_back(cell);
    if (grid.is_goal(cell)) goals.push_back(cell);
  }
  return {{"rows", options.rows},
          {"columns", options.columns},
          {"walls", walls},
          {"goals", goals},
          {"starts", grid.starts()}};
}

}  // namespace

std::string Run::news() {
  return Json{{"episodes", taken(episodes_)}, {"metrics", taken(metrics_)}, {"evaluations", taken(evaluations_)}}
      .dump();
}

std::string Run::look() {
  Algorithm& algorithm = trainer_.algorithm();
  const VectorEnv& worlds = trainer_.worlds();
  const ObservationLayout& layout = worlds.observations().layout();
  const ObservationRow first = worlds.observations()[0];
  std::vector<float> observation(static_cast<size_t>(layout.size()));  // a page's numbers, whatever the world's are
  layout.put_numbers(first, observation);
  const std::span<const double> q = trainer_.policy().q_values({layout, first.bytes()});
  Json json{{"env_steps", trainer_.env_steps()},
            {"episodes", trainer_.episodes()},
            {"updates", algorithm.updates()},
            {"seconds", trainer_.seconds()},
            {"done", trainer_.done()},
            {"epsilon", number(trainer_.epsilon())},
            {"learning_rate", number(trainer_.learning_rate())},
            {"episode_return", worlds.episode_return(0)},
            {"episode_length", worlds.episode_length(0)},
            {"observation", observation},
            {"q", numbers(q)},
            {"action", greedy_action(q)}};
  if (const auto* dqn = dynamic_cast<const Dqn*>(&algorithm)) json["stored"] = dqn->stored();
  return json.dump();
}

std::string Run::show() {
  const RunConfig& config = trainer_.config();
  if (!shown_)
    shown_ = make_vector_env(config.env.id, config.env_options,
                             {.count = 1,
                              .run_seed = probe_streams(config.train.seed).world_seed(0, SeedWidth::k64),
                              .max_episode_steps = config.env.max_episode_steps,
                              .arithmetic = config.network.arithmetic});
  const bool moves = shown_action_.has_value();
  if (moves) shown_->step({&*shown_action_, 1});
  const bool ended = moves && shown_->ended(0);
  const ObservationRows rows = ended ? shown_->next_observations() : shown_->observations();
  std::vector<float> observation(static_cast<size_t>(rows.layout().size()));
  rows.layout().put_numbers(rows[0], observation);
  const std::span<const double> q = trainer_.policy().q_values({rows.layout(), rows[0].bytes()});
  shown_action_ = ended ? std::nullopt : std::optional(greedy_action(q));
  return Json{{"observation", observation},
              {"q", numbers(q)},
              {"action", greedy_action(q)},
              {"episode_return", moves ? shown_->episode_return(0) : 0},
              {"episode_length", moves ? shown_->episode_length(0) : 0},
              {"ended", ended}}
      .dump();
}

std::string Run::world() const {
  const RunConfig& config = trainer_.config();
  const EnvSpec& spec = trainer_.env_spec();
  Json json{{"id", spec.id},
            {"action_count", spec.action_count},
            {"observation_shape", spec.observation_space.shape()},
            {"state_count", spec.observation_space.states()},
            {"max_episode_steps", spec.max_episode_steps},
            {"solved_return", spec.has_solved_return ? Json(spec.solved_return) : Json(nullptr)}};
  const std::unique_ptr<Env> env = find_env(config.env.id, config.env_options)();
  if (const auto* grid = dynamic_cast<const GridWorld*>(env.get()))
    json["grid"] = grid_json(*grid, config.env_options.grid_world);
  // What cannot end, at gamma 1, has no exact values.
  if (config.agent.gamma < 1) {
    const std::vector<double> exact = exact_values(*env, config.agent.gamma);
    if (!exact.empty()) json["q_star"] = numbers(exact);
  }
  json["picture"] = env->render_text();
  return json.dump();
}

}  // namespace deepq::web
