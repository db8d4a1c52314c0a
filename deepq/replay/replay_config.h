// How past transitions are stored and drawn (Lin 1992; Mnih et al. 2015).
#pragma once

#include "deepq/core/fields.h"

namespace deepq {

struct ReplayConfig {
  int64_t capacity = 10'000;
  bool with_replacement = false;
};

inline void visit_fields(ReplayConfig& config, FieldVisitor& visitor) {
  visitor.integer("capacity", config.capacity, Range::between(1, 1e12), "transitions kept; the oldest are overwritten");
  visitor.flag("with_replacement", config.with_replacement, "whether one batch may hold a transition twice");
}

}  // namespace deepq
