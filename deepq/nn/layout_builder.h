// A NetworkLayout that is being put together: hands out activations, tensors and names to the operations' add_...
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "deepq/nn/layout.h"

namespace deepq {

class LayoutBuilder {
 public:
  LayoutBuilder(const NetworkConfig& network_config, const NetworkShape& network_shape, int64_t rows)
      : config(network_config), shape(network_shape), max_rows(rows) {}

  const NetworkConfig& config;
  const NetworkShape& shape;
  const int64_t max_rows;
  NetworkLayout layout;

  size_t add_activation(Activation activation) {
    const int64_t fractions = activation.per_fraction ? shape.max_fractions : 1;
    activation.begin = layout.intermediate;
    layout.intermediate += whole_registers(max_rows * activation.positions * fractions * activation.stride);
    layout.activations.push_back(activation);
    return layout.activations.size() - 1;
  }

  size_t add_tensor(std::string name, std::vector<int64_t> dimensions, Init init, int64_t fan_in) {
    ParameterTensor tensor{std::move(name), std::move(dimensions), init, fan_in, layout.parameters};
    layout.parameters += whole_registers(tensor.size());
    layout.tensors.push_back(std::move(tensor));
    return layout.tensors.size() - 1;
  }

  // A tensor that no optimiser changes: behind all others in the arena (place_statistics).
  size_t add_statistics(std::string name, int64_t columns, Init init) {
    layout.tensors.push_back(
        {.name = std::move(name), .shape = {columns}, .init = init, .fan_in = 1, .trained = false});
    return layout.tensors.size() - 1;
  }
  void place_statistics() {
    layout.trained = layout.parameters;
    for (ParameterTensor& tensor : layout.tensors) {
      if (tensor.trained) continue;
      tensor.begin = layout.parameters;
      layout.parameters += whole_registers(tensor.size());
    }
  }

  // Names the next layer: with "", by the next number.
  const std::string& name_layer(const std::string& name) {
    return name_ = name.empty() ? std::to_string(next_number_++) : name;
  }
  const std::string& last_name() const { return name_; }

 private:
  int64_t next_number_ = 0;
  std::string name_;
};

}  // namespace deepq
