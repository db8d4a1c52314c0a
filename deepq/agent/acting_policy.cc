#include "deepq/agent/acting_policy.h"

#include <string>
#include <vector>

#include "deepq/agent/choose.h"
#include "deepq/core/error.h"
#include "deepq/nn/layout.h"
#include "deepq/nn/modules.h"

namespace deepq {
namespace {

NetworkShape shape_of(const ActingFacts& facts) {
  return network_shape(facts.value, network_for(facts.observation, facts.actions));
}

// The network that the file describes, one thread's, once it is known that the file holds as many numbers.
Network sound_network(const ActingFacts& facts, const TensorMap& tensors) {
  const NetworkShape shape = shape_of(facts);
  size_t described = 0, held = 0;
  for (const ParameterTensor& tensor : make_layout(facts.network, shape, 1).tensors)
    described += static_cast<size_t>(tensor.size());
  for (const auto& [name, tensor] : tensors) held += tensor.bytes.size() / sizeof(float);
  if (described != held)
    throw Error::of("the file holds ", held, " weights; the network that it describes has ", described);
  NetworkConfig config = facts.network;
  config.threads = 1;
  return Network(config, shape, 1, Trainable::kNo);
}

AgentConfig agent_of(const ActingFacts& facts) {
  AgentConfig config;
  config.value = facts.value;
  return config;
}

Safetensors verified(std::span<const std::byte> file) {
  Safetensors contents = parse_safetensors(file);
  verify_checksum(file);
  return contents;
}

}  // namespace

ActingPolicy::ActingPolicy(std::span<const std::byte> file) : ActingPolicy(verified(file)) {}

ActingPolicy::ActingPolicy(const Safetensors& contents)
    : facts_(acting_facts(contents.metadata)),
      network_(sound_network(facts_, contents.tensors)),
      values_(&network_, facts_.observation, agent_of(facts_), facts_.network.numerics(), facts_.actions.values(), 1),
      intake_(facts_.observation, 1) {
  // The names do not depend on the fractions: one stands for all.
  take_modules(network_, std::vector<float>(facts_.value.representation == Representation::kImplicit ? 1 : 0, 0.5f),
               contents.tensors);
}

std::span<const double> ActingPolicy::q_values(const ObservationRows& observation) {
  if (const int64_t numbers = observation.numbers(); numbers != observation_size())
    throw Error::of("the observation has ", numbers, " numbers; the agent was trained on ", observation_size());
  return values_.values(intake_(observation));
}

int64_t ActingPolicy::act(const ObservationRows& observation) {
  require_legal_actions(observation, 1, facts_.observation, facts_.actions);
  return greedy_action(q_values(observation), facts_.actions, observation.legal(0));
}

}  // namespace deepq
