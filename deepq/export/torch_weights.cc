#include "deepq/export/torch_weights.h"

#include <deque>

#include "deepq/agent/acting_facts.h"
#include "deepq/core/safetensors.h"
#include "deepq/export/exporter.h"
#include "deepq/nn/modules.h"

namespace deepq {

std::string to_safetensors(const Policy& agent) {
  const Network& network = exported_network(agent);
  TensorMap tensors;
  std::deque<std::vector<float>> values;
  for (const std::vector<Module>& operation : torch_modules(export_graph(network, exported_fractions(agent))))
    for (const Module& module : operation)
      for (const ModuleTensor& t : module.tensors)
        tensors[module.name + "." + t.name] = {Dtype::kF32, t.shape,
                                               std::as_bytes(std::span(values.emplace_back(t.values())))};
  Metadata metadata = acting_metadata({.observation = agent.observation_space(),
                                       .actions = agent.learnt(),
                                       .action_start = agent.action_start(),
                                       .network = agent.config().network,
                                       .value = agent.config().agent.value});
  metadata["format"] = "pt";  // what the safetensors package writes: tensors of PyTorch
  metadata[std::string(kChecksumKey)] = kNoChecksum;
  for (const auto& [key, value] : exported_facts(agent)) metadata[key] = value;
  // The header gives offsets in this order: the tensors' bytes follow in the same.
  std::string file = safetensors_header(tensors, metadata);
  for (const TensorMap::value_type* const named : safetensors_order(tensors)) {
    const auto bytes = named->second.bytes;
    file.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  add_checksum(file);
  return file;
}

}  // namespace deepq
