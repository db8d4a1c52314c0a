#include "deepq/nn/ops/cosine_embedding.h"

#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "deepq/core/math.h"
#include "deepq/nn/layout_builder.h"
#include "deepq/nn/lowering.h"
#include "deepq/nn/pass.h"

namespace deepq {

// A polynomial of eight terms for each cosine.
int64_t CosineEmbedding::cost(const NetworkLayout& layout) const { return 8 * layout.activations[to].columns; }

void CosineEmbedding::forward(const Pass& pass) const {
  const Activation& cosines = pass.activation(to);
  pass.kernels->cosines(static_cast<int64_t>(pass.fractions.size()), cosines.columns, cosines.stride,
                        pass.fractions.data(), pass.value(to));
}

// The fractions are always the same: so are the cosines.
void CosineEmbedding::lower(Lowering& lowering) const {
  std::vector<float> cosines;
  for (const float fraction : lowering.result.fractions)
    for (int64_t k = 0; k < lowering.layout.activations[to].columns; ++k)
      cosines.push_back(static_cast<float>(Math{}.cos(std::numbers::pi * static_cast<double>(k) * fraction)));
  lowering.add(graph::Constant{to, "cosines", std::move(cosines)});
}

size_t add_cosine_embedding(LayoutBuilder& builder) {
  constexpr int64_t kCosines = 64;  // Dabney, Ostrovski et al. 2018, section 4
  const size_t to = builder.add_activation(
      {.columns = kCosines, .stride = padded_size(kCosines), .per_fraction = true, .needs_gradient = false});
  builder.layout.operations.push_back(CosineEmbedding{to});
  return to;
}

}  // namespace deepq
