#include "deepq/train/make_algorithm.h"

#include <utility>

#include "deepq/core/error.h"

namespace deepq {
namespace {

bool has_channels_first(const RunConfig& config, const EnvSpec& env, const ObservationLeaf& leaf) {
  using ImageChannels = EnvConfig::ImageChannels;
  const ImageChannels said = config.env.image_channels;
  const bool frames = leaf.kind == ObservationKind::kFrames;
  if (frames && said == ImageChannels::kLast)
    throw Error::of("env.image_channels is last; allowed for ", env.id,
                    ", whose observations are stacks of frames: auto, first");
  // Only three dimensions can be a picture with channels.
  if (!leaf.is_picture()) return false;
  if (config.env.frame_stack > 1) return leaf.has_channels_first();  // by what was stacked
  return said == ImageChannels::kAuto ? frames || leaf.has_fewer_channels_first() : said == ImageChannels::kFirst;
}

// Rewards that are divided by their returns' deviation are the same at any scale, and so that not even their last bits
// differ they have none.
AgentConfig learnt_by(AgentConfig agent) {
  if (agent.normalize_rewards) agent.reward_scale = 1;
  return agent;
}

}  // namespace

AlgorithmShape algorithm_shape(const RunConfig& config, const EnvSpec& env) {
  ObservationSpace observation = env.observation_space;
  const ActionSpace all = env.actions();
  if (config.agent.flatten_actions && !all.is_single() && observation.legal_actions() > 0)
    throw Error::of("agent.flatten_actions is true, and ", env.id,
                    " says which choices are legal, not which combinations; allowed: false");
  if (observation.frames_in_stack() > 0 && action_width_of(all) == ActionWidth::k64)
    throw Error::of("stacks of frames with ", all.text(), ": no replay keeps both; allowed: up to 2^31 combinations");
  for (ObservationLeaf& leaf : observation.seen()) leaf.channels_first = has_channels_first(config, env, leaf);
  return {.observation = std::move(observation),
          .actions = learnt_actions(config.agent, env.actions()),
          .env_count = config.env.count};
}

DqnConfig dqn_config(const RunConfig& config, const AlgorithmShape& shape) {
  return {.shape = shape,
          .network = config.network,
          .agent = learnt_by(config.agent),
          .target = config.target,
          .replay = config.replay,
          .exploration = config.exploration,
          .learning_starts_env_steps = config.train.learning_starts_env_steps,
          .update_every_env_steps = config.train.update_every_env_steps,
          .updates_per_round = config.train.updates_per_round,
          .pretrain_updates = config.train.pretrain_updates,
          .offline = config.train.offline,
          .seed = static_cast<uint64_t>(config.train.seed)};
}

PqnSettings pqn_settings(const RunConfig& config, const AlgorithmShape& shape) {
  return {.shape = shape,
          .network = config.network,
          .agent = learnt_by(config.agent),
          .pqn = config.pqn,
          .exploration = config.exploration,
          .seed = static_cast<uint64_t>(config.train.seed)};
}

TabularSettings tabular_settings(const RunConfig& config, const AlgorithmShape& shape) {
  return {.shape = shape,
          .agent = config.agent,
          .tabular = config.tabular,
          .exploration = config.exploration,
          .arithmetic = config.network.arithmetic,
          .seed = static_cast<uint64_t>(config.train.seed)};
}

std::unique_ptr<Algorithm> make_algorithm(const RunConfig& config, const EnvSpec& env,
                                          const Demonstrations* demonstrations) {
  const AlgorithmShape shape = algorithm_shape(config, env);
  switch (config.agent.algorithm) {
    case AlgorithmKind::kDqn:
      return std::make_unique<Dqn>(dqn_config(config, shape), demonstrations);
    case AlgorithmKind::kPqn:
      return std::make_unique<Pqn>(pqn_settings(config, shape));
    // The four tabular algorithms, which are one class.
    default:
      return std::make_unique<Tabular>(tabular_settings(config, shape));
  }
}

}  // namespace deepq
