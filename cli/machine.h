// What the machine has, as far as a run cares.
#pragma once

#include <cstdint>
#include <string>

#include "deepq/config/run_config.h"

namespace deepq::cli {

std::string cpu_name();  // "unknown" where the system does not say
int64_t core_count();    // that this process may use

// What the kernels are, and where they are not the fastest what that costs: "plain loops: an update takes about 13
// times as long as with AVX-512". "" of a run without a network.
std::string kernels_text(Numerics numerics);
std::string kernels_text(const RunConfig& config);

int64_t memory_bytes();  // physical, or the container's limit when that is lower

}  // namespace deepq::cli
