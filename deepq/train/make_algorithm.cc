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
  // Channels are few, pixels are many: the smaller of first and last dimension is taken for the channels.
  return said == ImageChannels::kAuto ? frames || leaf.shape[0] < leaf.shape[2] : said == ImageChannels::kFirst;
}

}  // namespace

AlgorithmShape algorithm_shape(const RunConfig& config, const EnvSpec& env) {
  ObservationSpace observation = env.observation_space;
  for (ObservationLeaf& leaf : observation.seen()) leaf.channels_first = has_channels_first(config, env, leaf);
  return {.observation = std::move(observation), .action_count = env.action_count, .env_count = config.env.count};
}

DqnConfig dqn_config(const RunConfig& config, const AlgorithmShape& shape) {
  return {.shape = shape,
          .network = config.network,
          .agent = config.agent,
          .target = config.target,
          .replay = config.replay,
          .exploration = config.exploration,
          .learning_starts_env_steps = config.train.learning_starts_env_steps,
          .update_every_env_steps = config.train.update_every_env_steps,
          .updates_per_round = config.train.updates_per_round,
          .seed = static_cast<uint64_t>(config.train.seed)};
}

PqnSettings pqn_settings(const RunConfig& config, const AlgorithmShape& shape) {
  return {.shape = shape,
          .network = config.network,
          .agent = config.agent,
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

std::unique_ptr<Algorithm> make_algorithm(const RunConfig& config, const EnvSpec& env) {
  const AlgorithmShape shape = algorithm_shape(config, env);
  switch (config.agent.algorithm) {
    case AlgorithmKind::kDqn:
      return std::make_unique<Dqn>(dqn_config(config, shape));
    case AlgorithmKind::kPqn:
      return std::make_unique<Pqn>(pqn_settings(config, shape));
    // The four tabular algorithms, which are one class.
    default:
      return std::make_unique<Tabular>(tabular_settings(config, shape));
  }
}

}  // namespace deepq
