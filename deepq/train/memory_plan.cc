#include <array>
#include <cstdio>
#include <fstream>

#include "deepq/train/demonstration_files.h"
#include "deepq/train/make_algorithm.h"
#include "deepq/train/policy.h"
#include "deepq/train/run.h"

namespace deepq {
namespace {

// What the program holds already: code, libraries, and whatever it has allocated. Linux tells; elsewhere 0.
int64_t resident_bytes() {
  std::ifstream status("/proc/self/status");
  std::string key;
  // "VmRSS:     12345 kB", among other lines.
  while (status >> key) {
    if (key == "VmRSS:") {
      int64_t kilobytes = 0;
      status >> kilobytes;
      return kilobytes * 1024;
    }
  }
  return 0;
}

std::string megabytes(int64_t bytes) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.1f MB", static_cast<double>(bytes) / 1e6);
  return text.data();
}

}  // namespace

MemoryPlan plan_memory(const RunConfig& config, const EnvSpec& env) {
  // Code that is not yet paged in, log buffers, a checkpoint's header and the report: seen to be 7 to 10 MB for up to
  // 45,000 episodes.
  constexpr int64_t kLater = 8'500'000;
  MemoryPlan plan;
  const AlgorithmShape shape = algorithm_shape(config, env);
  if (config.agent.algorithm == AlgorithmKind::kPqn) {
    plan.parts = {{"network, optimiser and rollout", Pqn::bytes(pqn_settings(config, shape))}};
  } else if (config.agent.algorithm != AlgorithmKind::kDqn) {
    plan.parts = {{"table", Tabular::bytes(tabular_settings(config, shape))}};
  } else {
    // A run never fills more of the replay than it has steps; the rest is never touched.
    int64_t transitions = config.replay.capacity;
    if (config.train.env_steps > 0) transitions = std::min(transitions, config.train.env_steps + config.env.count);
    if (config.train.offline) transitions = 0;
    const DqnConfig dqn = dqn_config(config, shape);
    plan.parts = {{"replay", Dqn::replay_bytes(dqn, transitions)}, {"networks and optimiser", Dqn::learner_bytes(dqn)}};
    if (const auto demonstrations = open_demonstrations(config.replay, env))
      plan.parts.emplace_back("demonstrations", ReplayMemory::bytes_of(*demonstrations, dqn));
  }
  // The games themselves, one more to evaluate on, and the observations before and after a step.
  const int64_t environments = (config.env.count + 1) * env.memory_bytes +
                               config.env.count * 2 * ObservationLayout(env.observation_space).row_bytes();
  // Less than 0.1 MB would show as 0.0 or 0.1.
  if (environments >= 100'000) plan.parts.emplace_back("environments", environments);
  if (config.eval.keep_best)
    plan.parts.emplace_back("best agent", Policy::bytes(config, shape.observation, env.actions()));
  plan.parts.emplace_back("program", resident_bytes() + kLater);
  return plan;
}

int64_t largest_capacity(const RunConfig& config, const EnvSpec& env, int64_t bytes) {
  int64_t fits = 0, too_large = config.replay.capacity + 1;  // by halves: the plan grows with the capacity
  while (too_large - fits > 1) {
    RunConfig smaller = config;
    smaller.replay.capacity = fits + (too_large - fits) / 2;
    (plan_memory(smaller, env).total() <= bytes ? fits : too_large) = smaller.replay.capacity;
  }
  return fits;
}

int64_t MemoryPlan::total() const {
  int64_t sum = 0;
  for (const auto& [name, bytes] : parts) sum += bytes;
  return sum;
}

std::string MemoryPlan::text() const {
  std::string list;
  for (const auto& [name, bytes] : parts) list += (list.empty() ? "" : ", ") + name + " " + megabytes(bytes);
  return "memory: " + megabytes(total()) + " (" + list + ")";
}

}  // namespace deepq
