#include "deepq/train/summarize.h"

#include "deepq/config/active_keys.h"
#include "deepq/core/error.h"
#include "deepq/core/finite.h"

namespace deepq {

RunSummary summarize(Trainer& trainer, bool stopped) {
  const RunConfig& config = trainer.config();
  const EvaluationRecord* const evaluation = trainer.final_evaluation();
  const bool by_episodes = config.train.episodes > 0 && trainer.episodes() >= config.train.episodes;
  const double seconds = trainer.seconds();
  const EnvSpec& spec = trainer.env_spec();
  // NaN, 0 and "" stand for what was not measured: there may be no evaluation, or no episode.
  return {.env = spec.id,
          .preset = preset_label(config),
          .seed = config.train.seed,
          .env_steps = trainer.env_steps(),
          .episodes = trainer.episodes(),
          .updates = trainer.algorithm().updates(),
          .seconds = seconds,
          .env_steps_per_second = seconds > 0 ? static_cast<double>(trainer.env_steps()) / seconds : 0,
          .best_100_mean_return = trainer.returns().best_mean(),
          .last_100_mean_return = trainer.returns().last_mean(),
          .solved_return = spec.has_solved_return ? spec.solved_return : kNaN,
          .first_episode_solved = trainer.returns().first_episode_solved(),
          .eval_mean_return = evaluation ? evaluation->mean_return : kNaN,
          .eval_episodes = evaluation ? evaluation->episodes : 0,
          .eval_planned_episodes = evaluation ? evaluation->planned_episodes : 0,
          .eval_max_env_steps = evaluation ? evaluation->max_env_steps : 0,
          .eval_env_steps = evaluation ? evaluation->agent_env_steps : 0,
          .eval_epsilon = evaluation ? evaluation->epsilon : kNaN,
          .eval_agent = !evaluation              ? ""
                        : evaluation->best_agent ? "best"
                                                 : "last",
          .eval_max_episode_steps = evaluation ? evaluation->max_episode_steps : 0,
          .eval_seed = evaluation ? evaluation->streams.run_seed : 0,
          .parameter_count = trainer.algorithm().parameter_count(),
          .weights_sha256 = trainer.algorithm().weights_sha256(),
          .changes = trainer.history(),
          .stopped_by = stopped                         ? "signal"
                        : !trainer.early_stop().empty() ? std::string(trainer.early_stop())
                        : by_episodes                   ? "episodes"
                                                        : "env_steps"};
}

Metadata run_metadata(const Trainer& trainer, const std::string& config_toml) {
  Metadata metadata{{"config", config_toml}};
  if (!trainer.history().empty()) metadata["history"] = history_text(trainer.history());
  return metadata;
}

ConfigHistory history_in(const Metadata& metadata) {
  const auto found = metadata.find("history");
  return found == metadata.end() ? ConfigHistory{} : history_of(found->second);
}

void require_finite(const Trainer& trainer) {
  if (!trainer.algorithm().parameters_are_finite())
    throw Error::of("environment step ", trainer.env_steps(),
                    ": the weights are no longer finite; no checkpoint is written");
}

}  // namespace deepq
