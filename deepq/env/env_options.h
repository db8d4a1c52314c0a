// Settings of single environments: the keyword arguments that Gymnasium's make() takes, one section each.
#pragma once

#include "deepq/core/fields.h"

namespace deepq {

struct MinAtarOptions {
  double sticky_action_probability = 0.1;
  bool difficulty_ramping = true;
};

struct EnvOptions {
  MinAtarOptions minatar;
};

void visit_fields(EnvOptions& options, FieldVisitor& visitor);

}  // namespace deepq
