// The header's name before 0.2: what acts is Policy, and Agent its other name.
#pragma once

#include "deepq/train/policy.h"  // IWYU pragma: export
