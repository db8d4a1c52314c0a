#include "deepq/export/torch_weights.h"

#include "deepq/core/safetensors.h"
#include "deepq/export/exporter.h"
#include "deepq/export/modules.h"

namespace deepq {

std::string to_safetensors(const Policy& agent) {
  const std::vector<std::vector<Module>> modules =
      torch_modules(export_graph(exported_network(agent), exported_fractions(agent)));
  TensorMap tensors;
  for (const std::vector<Module>& operation : modules)
    for (const Module& module : operation)
      for (const ModuleTensor& t : module.tensors)
        tensors[module.name + "." + t.name] = {Dtype::kF32, t.shape, std::as_bytes(std::span(t.values))};
  Metadata metadata{{"format", "pt"}};  // what the safetensors package writes: tensors of PyTorch
  for (const auto& [key, value] : exported_facts(agent)) metadata[key] = value;
  // The header gives offsets in this order: the tensors' bytes follow in the same.
  std::string file = safetensors_header(tensors, metadata);
  for (const TensorMap::value_type* const named : safetensors_order(tensors)) {
    const auto bytes = named->second.bytes;
    file.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  return file;
}

}  // namespace deepq
