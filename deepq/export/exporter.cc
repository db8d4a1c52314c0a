#include "deepq/export/exporter.h"

#include "deepq/core/error.h"
#include "deepq/core/version.h"

namespace deepq {

const Network& exported_network(const Policy& agent, CarriesMemory carries) {
  if (!agent.network())
    throw Error::of("the agent learnt a table (agent.algorithm is ", name_of(agent.config().agent.algorithm),
                    "), and only networks can be exported; allowed: dqn, pqn");
  if (agent.memory_size() > 0 && carries == CarriesMemory::kNo)
    throw Error::of("the agent has a memory (network.recurrent is ", name_of(agent.config().network.recurrent),
                    "), and this format does not carry what it remembers from step to step; allowed: ONNX");
  return *agent.network();
}

std::map<std::string, std::string> exported_facts(const Policy& agent) {
  const RunConfig& config = agent.config();
  std::map<std::string, std::string> facts{{"deepq_version", std::string(version())},
                                           {"environment", config.env.id},
                                           {"algorithm", std::string(name_of(config.agent.algorithm))},
                                           {"values", std::string(name_of(config.agent.value.representation))},
                                           {"action_start", std::to_string(agent.action_start())}};
  // The file has, or wants, an input that says which they are.
  if (const int64_t legal = agent.observation_space().legal_actions(); legal > 0)
    facts["legal_actions"] = std::to_string(legal);
  if (!agent.learnt().is_single()) {
    std::vector<std::string> axes;
    for (const int64_t size : agent.learnt().axes()) axes.push_back(std::to_string(size));
    facts["action_axes"] = "[" + join(axes) + "]";
  }
  const ObservationSpace& space = agent.observation_space();
  // Only of discrete observations: 0 states are observations of numbers.
  if (const int64_t states = space.states(); states > 0) {
    facts["state_count"] = std::to_string(states);
    facts["state_start"] = std::to_string(space.leaf().start);
  }
  for (const ObservationLeaf& leaf : space.seen()) {
    const std::string of_leaf = space.is_single() ? "" : "." + leaf.name;
    if (!space.is_single() && leaf.count > 0) {
      facts["state_count" + of_leaf] = std::to_string(leaf.count);
      facts["state_start" + of_leaf] = std::to_string(leaf.start);
    }
    // The file takes images as this environment gives them; others have their axes the other way round.
    if (!config.network.conv_channels.empty() && leaf.is_picture())
      facts["observation_axes" + of_leaf] =
          leaf.has_channels_first() ? "channels, height, width" : "height, width, channels";
  }
  if (agent.memory_size() > 0) facts["memory_size"] = std::to_string(agent.memory_size());
  if (!config.preset.empty()) facts["preset"] = config.preset;
  return facts;
}

std::vector<float> exported_fractions(const Policy& agent) {
  const ValueConfig& value = agent.config().agent.value;
  // A fixed set of fractions, tau_i = (i + 1/2) / N: an exported agent draws none. Empty for all but implicit values.
  return middle_fractions(value.representation == Representation::kImplicit ? value.action_samples : 0);
}

}  // namespace deepq
