// What the machine has, as far as a run cares.
#pragma once

#include <cstdint>
#include <string>

namespace deepq::cli {

std::string cpu_name();  // "unknown" where the system does not say
int64_t core_count();    // that this process may use
int64_t memory_bytes();  // physical, or the container's limit when that is lower

}  // namespace deepq::cli
