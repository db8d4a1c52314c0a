#include "deepq/train/worlds.h"

#include <utility>

namespace deepq {

HistoryOptions history_of(const EnvConfig& config) {
  using ImageChannels = EnvConfig::ImageChannels;
  HistoryOptions options{
      .frame_stack = config.frame_stack, .last_action = config.last_action, .last_reward = config.last_reward};
  if (config.image_channels != ImageChannels::kAuto)
    options.channels_first = config.image_channels == ImageChannels::kFirst;
  return options;
}

EnvFactory worlds_of(const RunConfig& config, EnvFactory make) {
  return with_history(history_of(config.env), worlds_in(config.network.arithmetic, std::move(make)));
}

std::unique_ptr<VectorEnv> worlds_of(const RunConfig& config, std::unique_ptr<VectorEnv> env) {
  return with_history(history_of(config.env), std::move(env));
}

EnvSpec spec_seen(const RunConfig& config, const EnvSpec& world) { return with_history(history_of(config.env), world); }

}  // namespace deepq
