// The lines of `deepq bench --signature --strict`, for machines without the program: of the presets that are named, or
// of all and the hash over them.
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <vector>

#include "deepq/config/run_config.h"
#include "deepq/core/sha256.h"
#include "deepq/env/registry.h"
#include "deepq/train/bench.h"

int main(int argc, char** argv) try {
  const std::vector<std::string> asked(argv + 1, argv + argc);
  std::string lines;
  for (const std::string& name : asked.empty() ? deepq::preset_names() : asked) {
    if (!deepq::is_env_id(deepq::preset(name).env.id)) continue;
    const std::string line =
        name + " strict  " + deepq::signature(name, {deepq::Engine::kAuto, deepq::Arithmetic::kStrict}) + "\n";
    std::fputs(line.c_str(), stdout);
    std::fflush(stdout);
    lines += line;
  }
  if (asked.empty()) std::printf("strict signature %s\n", deepq::sha256_hex(std::as_bytes(std::span(lines))).c_str());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
