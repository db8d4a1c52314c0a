#include "deepq/train/agent.h"

#include <algorithm>
#include <filesystem>

#include "deepq/agent/exploration.h"
#include "deepq/core/error.h"
#include "deepq/train/checkpoint.h"
#include "deepq/train/run_folder.h"

namespace deepq {
namespace {

CheckpointFile open_checkpoint(const std::string& path) {
  if (!std::filesystem::is_directory(path)) return CheckpointFile(path);
  require_run_folder(path);
  std::vector<std::string> set_aside;
  return newest_checkpoint(path + "/checkpoints", set_aside);
}

}  // namespace

Agent::Agent(RunConfig config, int64_t observation_size, int64_t action_count)
    : config_(std::move(config)),
      network_(observation_size, config_.network, action_count, 1, Trainable::kNo),
      input_(1, observation_size) {}

Agent Agent::load(const std::string& path) {
  const CheckpointFile checkpoint = open_checkpoint(path);
  const auto text = [&](const char* key) {
    const auto found = checkpoint.metadata().find(key);
    if (found == checkpoint.metadata().end())
      throw Error::of(checkpoint.path(), " says no '", key, "' in its metadata");
    return found->second;
  };
  RunConfig config = from_toml(text("config"), checkpoint.path());
  Archive archive(checkpoint.tensors());
  const auto trainer = archive.scope("trainer");
  int64_t observation_size = 0, action_count = 0;
  archive.value("observation_size", observation_size);
  archive.value("action_count", action_count);
  if (observation_size < 1 || action_count < 1) throw Error::of(checkpoint.path(), " describes no network");
  Agent agent(std::move(config), observation_size, action_count);
  const auto online = archive.scope("online");
  agent.network_.serialize(archive, agent.network_.parameters());
  agent.network_.parameters_changed();
  return agent;
}

std::span<const float> Agent::q_values(std::span<const float> observation) {
  if (static_cast<int64_t>(observation.size()) != observation_size())
    throw Error::of("the observation has ", observation.size(), " numbers; the agent was trained on ",
                    observation_size());
  std::copy(observation.begin(), observation.end(), input_.rows()[0]);
  return {network_.forward(input_.rows(), 1)[0], static_cast<size_t>(action_count())};
}

int64_t Agent::act(std::span<const float> observation) { return greedy_action(q_values(observation)); }

}  // namespace deepq
