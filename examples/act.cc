// Acts with a trained agent and nothing of the rest of the library (docs/cpp.md, "Acting alone"):
//   act AGENT.safetensors            one greedy action for each line of numbers on the standard input
//   act AGENT.safetensors --sample   the values of 20 made-up observations, to compare machines
#include "deepq/act/act.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

std::vector<char> contents(const char* path) {
  std::vector<char> bytes;
  if (std::FILE* const file = std::fopen(path, "rb")) {
    for (char part[4096]; const std::size_t count = std::fread(part, 1, sizeof(part), file);)
      bytes.insert(bytes.end(), part, part + count);
    std::fclose(file);
  }
  return bytes;
}

// Whole numbers from 0 to 15, the same everywhere.
void make_up(std::vector<float>& observation, std::uint32_t& state) {
  for (float& number : observation) {
    state = state * 1664525u + 1013904223u;
    number = static_cast<float>(state >> 28);
  }
}

bool sample(deepq::Actor& actor) {
  std::vector<float> observation(static_cast<std::size_t>(actor.observation_size()));
  std::uint32_t state = 1;
  for (int i = 0; i < 20; ++i) {
    make_up(observation, state);
    const double* const q = actor.q_values(observation.data(), observation.size());
    if (!q) return false;
    for (std::int64_t a = 0; a < actor.action_count(); ++a) std::printf("%a ", q[a]);
    std::printf("-> %lld\n", static_cast<long long>(actor.act(observation.data(), observation.size())));
  }
  return true;
}

bool act(deepq::Actor& actor) {
  std::vector<float> observation(static_cast<std::size_t>(actor.observation_size()));
  for (;;) {
    for (float& number : observation)
      if (std::scanf("%f", &number) != 1) return true;
    const std::int64_t action = actor.act(observation.data(), observation.size());
    if (action < 0) return false;
    std::printf("%lld\n", static_cast<long long>(actor.first_action() + action));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::puts("usage: act AGENT.safetensors [--sample]"), 2;
  const std::vector<char> file = contents(argv[1]);
  deepq::Actor actor(file.data(), file.size());
  if (!actor.is_loaded() || !(argc > 2 && std::strcmp(argv[2], "--sample") == 0 ? sample(actor) : act(actor))) {
    std::fprintf(stderr, "act: %s\n", actor.error());
    return 2;
  }
  return 0;
}
