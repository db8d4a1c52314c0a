#include "deepq/core/version.h"

namespace deepq {

std::string_view version() { return DEEPQ_VERSION; }

}  // namespace deepq
