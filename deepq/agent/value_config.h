// How an action's value is represented: a number, or the distribution of its return.
#pragma once

#include <cstdint>
#include <vector>

#include "deepq/core/fields.h"

namespace deepq {

enum class Representation { kScalar, kCategorical, kQuantile, kImplicit };

struct ValueConfig {
  Representation representation = Representation::kScalar;
  int64_t atoms = 51;
  double v_min = -10;
  double v_max = 10;
  int64_t quantiles = 50;
  int64_t samples = 8;
  int64_t target_samples = 8;
  int64_t action_samples = 32;
  bool rescale = false;
  double rescale_epsilon = 1e-3;
};

// The atoms of categorical values: `atoms` returns, evenly spaced from v_min to v_max.
std::vector<float> categorical_atoms(const ValueConfig& config);

void visit_fields(ValueConfig& config, FieldVisitor& visitor);

}  // namespace deepq
