#include "deepq/env/env_options.h"

namespace deepq {

void visit_fields(EnvOptions&, FieldVisitor&) {}

}  // namespace deepq
