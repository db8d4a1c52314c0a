#include "deepq/config/active_keys.h"

#include <algorithm>

#include "deepq/core/error.h"
#include "deepq/env/registry.h"

namespace deepq {
namespace {

// What the rules ask for.
struct Facts {
  const RunConfig& config;
  std::string_view section;  // that the environment reads

  const AgentConfig& agent() const { return config.agent; }
  bool is(AlgorithmKind algorithm) const { return config.agent.algorithm == algorithm; }
  bool is(Representation representation) const { return config.agent.value.representation == representation; }
  bool reads(std::string_view name) const { return section == name; }
  bool plays(std::string_view game) const { return config.env.id.find(game) != std::string::npos; }
  bool epsilon_falls() const { return config.exploration.epsilon_end < config.exploration.epsilon_start; }
  bool falls_by_update() const { return config.exploration.schedule == EpsilonSchedule::kExponential; }

  // Whether the target network may be another than the online one when it is asked. Noise and fractions are drawn for
  // each of the two.
  bool target_differs() const {
    // A target network that is copied whole after every update is the online one whenever it is asked.
    const TargetConfig& target = config.target;
    const TrainConfig& train = config.train;
    if (target.tau < 1 || config.network.noisy || is(Representation::kImplicit)) return true;
    if (target.sync_every_updates > 0) return target.sync_every_updates > 1;
    // Copied by environment steps, it is the online one where a copy follows every update.
    const bool one_by_one = train.updates_per_round == 1 && config.env.count <= train.update_every_env_steps;
    return !one_by_one || train.update_every_env_steps % target.sync_every_env_steps != 0;
  }

  // Of the library's own environments it is known whether a time limit ends episodes.
  bool truncates() const {
    if (config.env.max_episode_steps > 0 || !is_env_id(config.env.id)) return true;
    return find_env(config.env.id, config.env_options)()->spec().max_episode_steps > 0;
  }
};

// `keys` act only where `holds` does. Not here: what validate() refuses to be anything but off ("allowed with
// agent.algorithm pqn: false"), for that may be said of what a preset has on.
struct Rule {
  std::string_view keys;  // names, or sections that end in a point, with blanks between them
  std::string_view needs, why;
  bool (*holds)(const Facts&);
};

constexpr Rule kRules[] = {
    // Environments.
    {"cartpole.", "env.id CartPole-v1", "no other environment reads it",
     [](const Facts& f) { return f.reads("cartpole"); }},
    {"t_maze.", "env.id TMaze-v0", "no other environment reads it", [](const Facts& f) { return f.reads("t_maze"); }},
    {"frozen_lake.", "env.id FrozenLake-v1 or FrozenLake8x8-v1", "no other environment reads it",
     [](const Facts& f) { return f.reads("frozen_lake"); }},
    {"frozen_lake.map", "env.id FrozenLake-v1", "FrozenLake8x8-v1 is always 8x8",
     [](const Facts& f) { return f.config.env.id != "FrozenLake8x8-v1"; }},
    {"frozen_lake.success_rate", "frozen_lake.is_slippery true", "nothing slips otherwise",
     [](const Facts& f) { return f.config.env_options.frozen_lake.is_slippery; }},
    {"cliff_walking.", "env.id CliffWalking-v1", "no other environment reads it",
     [](const Facts& f) { return f.reads("cliff_walking") && f.config.env.id != "CliffWalkingSlippery-v1"; }},
    {"taxi.", "env.id Taxi-v4", "no other environment reads it", [](const Facts& f) { return f.reads("taxi"); }},
    {"taxi.rainy_probability", "taxi.is_rainy true", "it is the rain's",
     [](const Facts& f) { return f.config.env_options.taxi.is_rainy; }},
    {"taxi.fickle_probability", "taxi.fickle_passenger true", "it is that passenger's",
     [](const Facts& f) { return f.config.env_options.taxi.fickle_passenger; }},
    {"grid_world.", "env.id GridWorld-v0", "no other environment reads it",
     [](const Facts& f) { return f.reads("grid_world"); }},
    {"grid_world.max_episode_steps", "env.max_episode_steps 0", "which replaces it otherwise",
     [](const Facts& f) { return f.config.env.max_episode_steps == 0; }},
    {"line_game.", "env.id TicTacToe-v0 or ConnectFour-v0", "no other environment reads it",
     [](const Facts& f) { return f.reads("line_game"); }},
    {"line_game.minimax_depth", "line_game.opponent minimax", "the other looks nowhere",
     [](const Facts& f) { return f.config.env_options.line_game.opponent == LineGameOptions::Opponent::kMinimax; }},
    {"line_game.random_moves", "line_game.opponent minimax", "the other's all are",
     [](const Facts& f) { return f.config.env_options.line_game.opponent == LineGameOptions::Opponent::kMinimax; }},
    {"minatar.", "a MinAtar game", "no other environment reads it", [](const Facts& f) { return f.reads("minatar"); }},
    {"minatar.difficulty_ramping", "env.id Asterix, Seaquest or SpaceInvaders",
     "the other games stay as hard as they are",
     [](const Facts& f) { return !f.plays("Breakout") && !f.plays("Freeway"); }},
    {"atari.", "an Atari game", "no other environment reads it", [](const Facts& f) { return f.reads("atari"); }},
    {"gymnasium.", "an environment of Gymnasium or one's own (gymnasium:ID where the library has it too)",
     "the library's environments have sections of their own, and never hang",
     [](const Facts& f) { return f.reads("gymnasium"); }},
    {"env.image_channels", "network.conv_channels other than []", "only convolutions tell channels from pixels",
     [](const Facts& f) { return !f.agent().learns_table() && !f.config.network.conv_channels.empty(); }},
    {"env.image_channels", "no Atari game", "the stacks of frames are always read as channels",
     [](const Facts& f) { return !f.reads("atari"); }},
    // What there is to learn with.
    {"network.hidden_sizes network.recurrent_size network.engine network.threads network.dueling network.layer_norm "
     "network.input_divisor "
     "network.encoder network.conv_channels network.conv_kernels network.conv_strides agent.loss optimizer.optimizer "
     "optimizer.learning_rate "
     "optimizer.epsilon optimizer.adam_beta1 optimizer.adam_beta2 optimizer.rmsprop_decay optimizer.rmsprop_centered "
     "optimizer.rmsprop_epsilon_inside_root optimizer.max_grad_norm",
     "agent.algorithm dqn or pqn", "a table has no network and no optimiser; its step size is tabular.learning_rate",
     [](const Facts& f) { return !f.agent().learns_table(); }},
    {"network.normalize_observations network.observation_clip", "agent.algorithm dqn or pqn",
     "a table's states are no numbers to normalise", [](const Facts& f) { return !f.agent().learns_table(); }},
    {"agent.normalize_rewards agent.normalized_reward_clip", "agent.algorithm dqn or pqn",
     "a table learns alike from rewards of any scale", [](const Facts& f) { return !f.agent().learns_table(); }},
    {"agent.batch_size train.learning_starts_env_steps train.update_every_env_steps train.updates_per_round "
     "replay.capacity replay.sequence_length replay.burn_in replay.sequence_overlap replay.stored_state "
     "replay.priority_mix replay.with_replacement replay.priority_alpha replay.priority_epsilon replay.importance_beta "
     "replay.importance_beta_end replay.importance_beta_anneal_env_steps target.",
     "agent.algorithm dqn", "pqn learns from rollouts and tables from single steps, without replay and target network",
     [](const Facts& f) { return f.is(AlgorithmKind::kDqn); }},
    {"pqn.", "agent.algorithm pqn", "no other algorithm reads it",
     [](const Facts& f) { return f.is(AlgorithmKind::kPqn); }},
    {"tabular.", "a tabular agent.algorithm", "no other algorithm has a table",
     [](const Facts& f) { return f.agent().learns_table(); }},
    {"agent.flatten_actions", "actions on several axes (MultiDiscrete, MultiBinary)", "there is nothing to combine",
     [](const Facts& f) { return f.reads("gymnasium"); }},
    {"agent.flatten_actions", "agent.algorithm dqn or pqn", "a table has an entry for each combination always",
     [](const Facts& f) { return !f.agent().learns_table(); }},
    // What is learnt from beside what the agent does.
    {"replay.demonstrations_sha256 replay.demonstration_fraction agent.margin agent.margin_weight",
     "replay.demonstrations other than none", "they are the demonstrations'",
     [](const Facts& f) { return !f.config.replay.demonstrations.empty(); }},
    {"env.count exploration. replay.capacity replay.demonstration_fraction agent.margin agent.margin_weight "
     "train.learning_starts_env_steps train.update_every_env_steps train.updates_per_round train.overlap "
     "train.pretrain_updates train.episodes",
     "train.offline false", "nothing acts, and every step is an update on demonstrations that may be anyone's",
     [](const Facts& f) { return !f.config.train.offline; }},
    {"replay.demonstrations agent.margin agent.margin_weight",
     "replay.demonstration_fraction or train.pretrain_updates above 0, or train.offline true",
     "nothing is drawn from them otherwise",
     [](const Facts& f) {
       return f.config.replay.demonstration_fraction > 0 || f.config.train.pretrain_updates > 0 ||
              f.config.train.offline;
     }},
    {"agent.margin", "agent.margin_weight above 0", "the loss that it is in is left out otherwise",
     [](const Facts& f) { return f.agent().margin_weight > 0; }},
    {"train.start_part train.start_replay", "train.start_from other than none", "nothing else is begun with",
     [](const Facts& f) { return !f.config.train.start_from.empty(); }},
    // The network.
    {"network.noisy_sigma exploration.noise_steps", "network.noisy true", "there is no noise otherwise",
     [](const Facts& f) { return f.config.network.noisy; }},
    {"network.layer_norm", "network.hidden_sizes other than []", "only fully connected hidden layers are normalised",
     [](const Facts& f) { return !f.config.network.hidden_sizes.empty(); }},
    {"network.encoder", "network.conv_channels other than []", "it says what becomes of each of them",
     [](const Facts& f) { return !f.config.network.conv_channels.empty(); }},
    {"network.conv_kernels network.conv_strides", "network.encoder convolutions",
     "the kernels of residual stages are 3 x 3",
     [](const Facts& f) { return f.config.network.encoder == Encoder::kConvolutions; }},
    {"network.observation_clip", "network.normalize_observations true", "only what is normalised is cut",
     [](const Facts& f) { return f.config.network.normalize_observations; }},
    {"network.recurrent_size replay.sequence_length replay.burn_in replay.sequence_overlap replay.stored_state "
     "replay.priority_mix",
     "network.recurrent gru or lstm", "only networks with memory learn from sequences",
     [](const Facts& f) { return f.config.network.recurrent != Memory::kNone; }},
    // The update.
    {"agent.normalized_reward_clip", "agent.normalize_rewards true", "agent.reward_clip cuts rewards as they are",
     [](const Facts& f) { return f.agent().normalize_rewards; }},
    {"agent.reward_scale", "agent.normalize_rewards false", "rewards are divided by their returns' deviation otherwise",
     [](const Facts& f) { return !f.agent().normalize_rewards; }},
    {"agent.loss", "value.representation scalar", "distributions have losses of their own",
     [](const Facts& f) { return f.is(Representation::kScalar); }},
    {"agent.munchausen_alpha agent.munchausen_temperature agent.munchausen_clip", "agent.munchausen true",
     "it is Munchausen's", [](const Facts& f) { return f.agent().munchausen; }},
    {"agent.munchausen_clip", "agent.munchausen_alpha above 0", "nothing is added otherwise",
     [](const Facts& f) { return f.agent().munchausen_alpha > 0; }},
    {"target. agent.double agent.munchausen_temperature",
     "agent.gamma above 0, or agent.munchausen_alpha with Munchausen", "nothing that follows counts otherwise",
     [](const Facts& f) { return f.agent().gamma > 0 || (f.agent().munchausen && f.agent().munchausen_alpha > 0); }},
    {"agent.double", "target.sync_every_updates above 1, or target.tau below 1",
     "both networks choose the same action otherwise", [](const Facts& f) { return f.target_differs(); }},
    {"agent.bootstrap_at_truncation pqn.lambda", "agent.gamma above 0", "nothing that follows counts otherwise",
     [](const Facts& f) { return f.agent().gamma > 0 || f.is(AlgorithmKind::kSarsa); }},  // which draws all the same
    {"agent.bootstrap_at_truncation", "a time limit (env.max_episode_steps)", "no episode is truncated otherwise",
     [](const Facts& f) { return f.truncates(); }},
    {"pqn.lambda", "pqn.rollout_steps above 1", "there is one return otherwise",
     [](const Facts& f) { return f.config.pqn.rollout_steps > 1; }},
    {"optimizer.adam_beta1 optimizer.adam_beta2", "optimizer.optimizer adam or radam", "rmsprop has no such decay",
     [](const Facts& f) { return f.agent().optimizer.kind != OptimizerKind::kRmsProp; }},
    {"optimizer.rmsprop_decay optimizer.rmsprop_centered optimizer.rmsprop_epsilon_inside_root",
     "optimizer.optimizer rmsprop", "no other optimiser reads it",
     [](const Facts& f) { return f.agent().optimizer.kind == OptimizerKind::kRmsProp; }},
    {"optimizer.learning_rate_schedule", "optimizer.final_learning_rate_fraction below 1",
     "the step size is constant otherwise",
     [](const Facts& f) { return f.agent().optimizer.final_learning_rate_fraction < 1; }},
    {"value.rescale_epsilon", "value.rescale true", "nothing is rescaled otherwise",
     [](const Facts& f) { return f.agent().value.rescale; }},
    {"value.atoms value.v_min value.v_max", "value.representation categorical", "no other representation has atoms",
     [](const Facts& f) { return f.is(Representation::kCategorical); }},
    {"value.quantiles", "value.representation quantile", "no other representation has them",
     [](const Facts& f) { return f.is(Representation::kQuantile); }},
    {"value.samples value.target_samples value.action_samples", "value.representation implicit",
     "no other representation draws fractions", [](const Facts& f) { return f.is(Representation::kImplicit); }},
    // Replay.
    {"replay.with_replacement", "replay.prioritized false", "draws by priority always may repeat one",
     [](const Facts& f) { return !f.config.replay.prioritized; }},
    {"replay.with_replacement", "agent.batch_size above 1", "a batch of one repeats nothing",
     [](const Facts& f) { return f.agent().batch_size > 1; }},
    {"replay.priority_alpha replay.priority_epsilon replay.importance_beta replay.importance_beta_end "
     "replay.importance_beta_anneal_env_steps",
     "replay.prioritized true", "all are drawn alike otherwise",
     [](const Facts& f) { return f.config.replay.prioritized; }},
    {"replay.priority_mix", "replay.prioritized true", "all are drawn alike otherwise",
     [](const Facts& f) { return f.config.replay.prioritized; }},
    {"replay.priority_mix", "replay.sequence_length above 1", "the mean of one is the largest",
     [](const Facts& f) { return f.config.replay.sequence_length > 1; }},
    {"replay.priority_mix replay.priority_epsilon replay.importance_beta replay.importance_beta_end "
     "replay.importance_beta_anneal_env_steps",
     "replay.priority_alpha above 0", "all are drawn alike otherwise",
     [](const Facts& f) { return f.config.replay.priority_alpha > 0; }},
    {"replay.importance_beta replay.importance_beta_end replay.importance_beta_anneal_env_steps",
     "agent.batch_size above 1", "weights are relative to the batch's largest",
     [](const Facts& f) { return f.agent().batch_size > 1; }},
    {"replay.importance_beta_anneal_env_steps", "replay.importance_beta other than replay.importance_beta_end",
     "it stays the same otherwise",
     [](const Facts& f) { return f.config.replay.importance_beta != f.config.replay.importance_beta_end; }},
    // Exploration.
    {"exploration.schedule exploration.epsilon_start exploration.epsilon_end exploration.decay_per_update "
     "exploration.anneal_env_steps",
     "network.noisy false", "a noisy network explores by its noise",
     [](const Facts& f) { return !f.config.network.noisy; }},
    {"exploration.schedule exploration.decay_per_update exploration.anneal_env_steps",
     "exploration.epsilon_end below exploration.epsilon_start", "epsilon is constant otherwise",
     [](const Facts& f) { return f.epsilon_falls(); }},
    {"exploration.decay_per_update", "exploration.schedule exponential", "linear falls by environment steps",
     [](const Facts& f) { return f.falls_by_update(); }},
    {"exploration.anneal_env_steps", "exploration.schedule linear", "exponential falls by updates",
     [](const Facts& f) { return !f.falls_by_update(); }},
    {"exploration.epsilon_end", "exploration.decay_per_update below 1", "epsilon never falls otherwise",
     [](const Facts& f) { return !f.falls_by_update() || f.config.exploration.decay_per_update < 1; }},
    // Evaluation.
    {"eval.episodes", "eval.every_env_steps above 0", "there are no evaluations during training otherwise",
     [](const Facts& f) { return f.config.eval.every_env_steps > 0; }},
    {"eval.stop_without_improvement", "eval.every_env_steps above 0",
     "there are no evaluations during training otherwise",
     [](const Facts& f) { return f.config.eval.every_env_steps > 0; }},
    {"eval.solved_mean_return", "eval.stop_when_solved true", "it is what training ends at",
     [](const Facts& f) { return f.config.eval.stop_when_solved; }},
};

// What a key changes, where that is not what is learnt.
struct Change {
  std::string_view keys, what;
  bool is_preset_s = false;  // another value makes another agent of a preset
};

constexpr Change kChanges[] = {
    {"version", "what is read"},
    {"preset", "the other keys, see above"},
    {"env.id", "the environment"},
    {"train.seed", "every random number"},
    {"train.env_steps train.episodes", "the length of training"},
    {"replay.demonstrations_sha256", "which files are refused"},
    {"train.start_from train.start_part train.start_replay", "what training begins with", true},
    {"atari.protocol atari.actions", "the environment", true},
    {"gymnasium.kwargs gymnasium.action_masks gymnasium.observation_keys", "the environment"},
    {"agent.flatten_actions", "what an action is, of several axes"},
    {"network.threads atari.threads", "time"},
    {"network.engine train.arithmetic", "time, and results by rounding"},
    {"replay.capacity", "memory; what is learnt, once it is full", true},
    {"atari.step_timeout gymnasium.step_timeout", "when a run is given up"},
    {"eval.stop_when_solved eval.solved_mean_return eval.stop_without_improvement train.stop_at_mean_return",
     "when training ends", true},
    {"eval.keep_best", "which network the agent is", true},
    {"eval.", "evaluations"},
    {"eval.epsilon eval.max_episode_steps", "evaluations, those of `deepq eval` too"},
    {"checkpoint.", "files"},
    {"log.console_every_episodes", "the console"},
    {"log.metrics_every_updates log.tensorboard_tags", "files"},
};

bool names(std::string_view keys, std::string_view key) {
  while (!keys.empty()) {
    const std::string_view one = keys.substr(0, keys.find(' '));
    // A section, "target.", stands for all its keys.
    if (one == key || (one.ends_with('.') && key.starts_with(one))) return true;
    keys.remove_prefix(std::min(keys.size(), one.size() + 1));
  }
  return false;
}

// "`target.*`, `agent.double`"
std::string in_code(std::string_view keys) {
  std::string text;
  for (const char c : keys) text += c == ' ' ? "`, `" : std::string(1, c);
  // A section is shown with an asterisk: `target.*`. Three characters on, the search is behind what it has put in.
  for (size_t at = 0; (at = text.find(".`", at)) != std::string::npos; at += 3) text.insert(at + 1, "*");
  if (text.ends_with('.')) text += "*";
  return "`" + text + "`";
}

// The line with the key's own name, or else its section's.
const Change* change_of(std::string_view key) {
  const Change* of_section = nullptr;
  for (const Change& change : kChanges) {
    if (!names(change.keys, key)) continue;
    if (!change.keys.ends_with('.')) return &change;
    of_section = &change;
  }
  return of_section;
}

bool is_preset(const std::string& name) {
  const std::vector<std::string> names = preset_names();
  return std::ranges::find(names, name) != names.end();
}

// What a run of `config` was made from.
RunConfig origin_of(const RunConfig& config) { return is_preset(config.preset) ? preset(config.preset) : RunConfig{}; }

std::vector<FieldText> changed_fields(const RunConfig& config) {
  const std::vector<FieldText> now = field_texts(config), before = field_texts(origin_of(config));
  std::vector<FieldText> changed;
  // Both lists have every key, in the order of visit_fields().
  for (size_t i = 0; i < now.size(); ++i)
    if (now[i].value != before[i].value) changed.push_back(now[i]);
  return changed;
}

}  // namespace

std::string_view section_read_by(const std::string& env_id) {
  if (is_env_id(env_id)) return env_section(env_id);
  return env_id.starts_with("ALE/") ? "atari" : "gymnasium";
}

std::string what_is_missing(const RunConfig& config, std::string_view key, std::string_view env_section) {
  const Facts facts{config, env_section};
  for (const Rule& rule : kRules)
    if (names(rule.keys, key) && !rule.holds(facts))
      // Rules go from the general to the particular: the first that fails is what is missing first.
      return std::string(rule.needs) + " (" + std::string(rule.why) + ")";
  return "";
}

std::string_view changes(std::string_view key) {
  const Change* const change = change_of(key);
  return change ? change->what : "";
}

std::string active_keys_markdown() {
  std::string text = "\n| only with | because | act |\n|---|---|---|\n";
  for (const Rule& rule : kRules)
    text += "| " + std::string(rule.needs) + " | " + std::string(rule.why) + " | " + in_code(rule.keys) + " |\n";
  text += "\n| changes | not what is learnt, or not that alone |\n|---|---|\n";
  for (const Change& change : kChanges) text += "| " + std::string(change.what) + " | " + in_code(change.keys) + " |\n";
  return text;
}

void require_effect(const RunConfig& config, const std::vector<GivenKey>& given, std::string_view env_section) {
  const auto require = [&](const std::string& key, const std::string& where) {
    const std::string missing = what_is_missing(config, key, env_section);
    if (!missing.empty()) throw Error::of(where, key, " has no effect here; it needs ", missing);
  };
  for (const GivenKey& one : given)
    if (!one.in_file) require(one.key, one.where);
  // Also what a file or code changed, named or not: there a value that is the default or the preset's asks for nothing.
  for (const FieldText& field : changed_fields(config)) {
    const auto said = std::ranges::find(given, field.key, &GivenKey::key);
    require(field.key, said == given.end() ? "" : said->where);
  }
}

std::string preset_label(const RunConfig& config) {
  if (!is_preset(config.preset)) return config.preset;
  // A key of kChanges is another run of the same agent (its seed, its length, its files), unless it says that it is
  // not.
  const int64_t count = std::ranges::count_if(changed_fields(config), [](const FieldText& field) {
    const Change* const change = change_of(field.key);
    return !change || change->is_preset_s;
  });
  if (count == 0) return config.preset;
  return config.preset + " with " + std::to_string(count) + (count == 1 ? " setting changed" : " settings changed");
}

}  // namespace deepq
