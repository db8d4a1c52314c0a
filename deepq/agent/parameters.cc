#include "deepq/agent/parameters.h"

#include <cmath>
#include <vector>

#include "deepq/core/divergence.h"
#include "deepq/core/error.h"
#include "deepq/core/finite.h"
#include "deepq/core/sha256.h"

namespace deepq {

void step_checked(LearningEngine& engine, double learning_rate, LearnStats& stats) {
  const int64_t update = engine.steps() + 1;
  stats.grad_norm = kNaN;
  if (std::isfinite(stats.loss))  // an infinite loss can have a finite gradient
    stats.grad_norm = engine.step(learning_rate);
  if (!std::isfinite(stats.grad_norm))
    throw Divergence(
        Error::of("update ", update, ": the loss is ", stats.loss, " and the gradient's norm ", stats.grad_norm,
                  "; both must be finite (a smaller optimizer.learning_rate or optimizer.max_grad_norm may help)")
            .what());
}

std::string parameters_sha256(const Archive& archive) {
  std::vector<std::byte> bytes;
  for (const auto& [name, tensor] : archive.tensors())
    bytes.insert(bytes.end(), tensor.bytes.begin(), tensor.bytes.end());
  return sha256_hex(bytes);
}

std::string parameters_sha256(const Network& network) {
  Archive archive;  // saves: the values are read alone
  const std::span<const float> values = network.parameters();
  network.serialize(archive, {const_cast<float*>(values.data()), values.size()});
  return parameters_sha256(archive);
}

}  // namespace deepq
