// The public face of the library: train an agent, load one and act. See examples/.
#pragma once

#include "deepq/config/run_config.h"  // IWYU pragma: export
#include "deepq/core/error.h"         // IWYU pragma: export
#include "deepq/core/version.h"       // IWYU pragma: export
#include "deepq/env/env.h"            // IWYU pragma: export
#include "deepq/env/registry.h"       // IWYU pragma: export
#include "deepq/record/observer.h"    // IWYU pragma: export
#include "deepq/stats/bootstrap.h"    // IWYU pragma: export
#include "deepq/train/policy.h"       // IWYU pragma: export
#include "deepq/train/run.h"          // IWYU pragma: export
#include "deepq/train/session.h"      // IWYU pragma: export
