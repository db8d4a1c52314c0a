// Settings of single environments: the keyword arguments that Gymnasium's make() takes, one section each.
#pragma once

#include "deepq/core/fields.h"

namespace deepq {

struct EnvOptions {};

void visit_fields(EnvOptions& options, FieldVisitor& visitor);

}  // namespace deepq
