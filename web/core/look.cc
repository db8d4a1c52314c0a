// What a page shows of a run, as JSON.
#include <vector>

#include "deepq/agent/choose.h"
#include "deepq/agent/dqn.h"
#include "deepq/core/finite.h"
#include "deepq/env/grid_world.h"
#include "deepq/env/registry.h"
#include "web/core/exact.h"
#include "web/core/json_writer.h"
#include "web/core/run.h"

namespace deepq::web {
namespace {

template <class Record>
JsonObject object_of(const Record& record) {
  JsonObject object;
  visit_fields(record, [&](const RecordField& field, const auto& value) { object.add(field.name, value); });
  return object;
}

template <class Record>
JsonText taken(std::vector<Record>& records) {
  std::vector<JsonObject> list;
  for (const Record& record : records) list.push_back(object_of(record));
  records.clear();
  return json_of(list);
}

JsonObject grid_json(const GridWorld& grid, const GridWorldOptions& options) {
  std::vector<int64_t> walls, goals;
  for (int64_t cell = 0; cell < grid.cell_count(); ++cell) {
    if (grid.is_wall(cell)) walls.push_back(cell);
    if (grid.is_goal(cell)) goals.push_back(cell);
  }
  JsonObject json;
  json.add("rows", options.rows).add("columns", options.columns).add("walls", walls).add("goals", goals);
  return json.add("starts", grid.starts());
}

}  // namespace

std::string Run::news() {
  JsonObject json;
  json.add("episodes", taken(episodes_)).add("metrics", taken(metrics_)).add("evaluations", taken(evaluations_));
  return json.text();
}

std::string Run::look() {
  Algorithm& algorithm = trainer_.algorithm();
  const VectorEnv& worlds = trainer_.worlds();
  const ObservationLayout& layout = worlds.observations().layout();
  const ObservationRow first = worlds.observations()[0];
  std::vector<float> observation(static_cast<size_t>(layout.size()));  // a page's numbers, whatever the world's are
  layout.put_numbers(first, observation);
  const ObservationRows row(layout, first.bytes());
  const std::span<const double> q = trainer_.policy().q_values(row);
  JsonObject json;
  json.add("env_steps", trainer_.env_steps()).add("episodes", trainer_.episodes()).add("updates", algorithm.updates());
  json.add("seconds", trainer_.seconds()).add("done", trainer_.done());
  json.add("epsilon", trainer_.epsilon()).add("learning_rate", trainer_.learning_rate());
  json.add("episode_return", worlds.episode_return(0)).add("episode_length", worlds.episode_length(0));
  json.add("observation", observation).add("q", q).add("action", greedy_action(q, row.legal(0)));
  if (const auto* dqn = dynamic_cast<const Dqn*>(&algorithm)) json.add("stored", dqn->stored());
  return json.text();
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
  const int64_t best = greedy_action(q, ended ? LegalActions() : rows.legal(0));
  shown_action_ = ended ? std::nullopt : std::optional(best);
  JsonObject json;
  json.add("observation", observation).add("q", q).add("action", best);
  json.add("episode_return", moves ? shown_->episode_return(0) : 0.0);
  json.add("episode_length", moves ? shown_->episode_length(0) : 0).add("ended", ended);
  return json.text();
}

std::string Run::world() const {
  const RunConfig& config = trainer_.config();
  const EnvSpec& spec = trainer_.env_spec();
  JsonObject json;
  json.add("id", spec.id).add("action_count", spec.action_count);
  json.add("observation_shape", spec.observation_space.shape()).add("state_count", spec.observation_space.states());
  json.add("max_episode_steps", spec.max_episode_steps);
  json.add("solved_return", spec.has_solved_return ? spec.solved_return : kNaN);
  const std::unique_ptr<Env> env = find_env(config.env.id, config.env_options)();
  if (const auto* grid = dynamic_cast<const GridWorld*>(env.get()))
    json.add("grid", grid_json(*grid, config.env_options.grid_world));
  // What cannot end, at gamma 1, has no exact values.
  if (config.agent.gamma < 1) {
    const std::vector<double> exact = exact_values(*env, config.agent.gamma);
    if (!exact.empty()) json.add("q_star", exact);
  }
  return json.add("picture", env->render_text()).text();
}

}  // namespace deepq::web
