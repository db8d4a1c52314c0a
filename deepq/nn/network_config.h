// The Q-network's shape: fully connected layers with ReLU between them (Mnih et al. 2015 use the same head on pixels).
#pragma once

#include <array>
#include <string_view>

#include "deepq/core/fields.h"

namespace deepq {

enum class Engine { kAuto, kPlain };  // auto: the best vector kernels this CPU has; plain: portable C++ loops

struct NetworkConfig {
  std::vector<int64_t> hidden_sizes = {64, 64};
  Engine engine = Engine::kAuto;
};

inline void visit_fields(NetworkConfig& config, FieldVisitor& visitor) {
  static constexpr std::array<std::string_view, 2> kEngines{"auto", "plain"};
  visitor.integers("hidden_sizes", config.hidden_sizes, Range::between(1, 65536),
                   "units of each hidden layer; [] gives a linear network");
  visitor.choice("engine", config.engine, kEngines, "auto: this CPU's vector kernels; plain: portable loops");
}

}  // namespace deepq
