#include "deepq/env/env.h"

namespace deepq {

bool Env::serialize(Archive&) { return false; }

}  // namespace deepq
