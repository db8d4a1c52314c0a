#include "cli/machine.h"

#include <algorithm>
#include <fstream>

#include "deepq/core/system.h"
#include "deepq/nn/kernels/kernels.h"

namespace deepq::cli {

std::string cpu_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    // "model name\t: AMD EPYC ...": the name begins two places behind the colon.
    if (line.starts_with("model name")) return line.substr(std::min(line.size(), line.find(':') + 2));
  return "unknown";
}

std::string kernels_text(Numerics numerics) {
  const std::string name(kernels_for(numerics).name);
  // docs/platforms.md: how they were measured.
  if (name == "plain") return "plain loops: an update takes about 19 times as long as with AVX-512";
  if (name == "baseline")
    return "baseline, as this processor has no AVX2: an update takes about 3 times as long as with AVX-512";
  return name;
}

std::string kernels_text(const RunConfig& config) {
  return config.agent.learns_table() ? "" : kernels_text(config.network.numerics());
}

int64_t core_count() { return system::core_count(); }

int64_t memory_bytes() {
  const int64_t physical = system::physical_memory();
  // The limit of a container (cgroup v2).
  int64_t limit = 0;  // stays 0 for "max", or outside a container
  std::ifstream("/sys/fs/cgroup/memory.max") >> limit;
  return limit > 0 ? std::min(physical, limit) : physical;
}

}  // namespace deepq::cli
