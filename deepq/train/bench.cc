#include "deepq/train/bench.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

#include "deepq/agent/learner.h"
#include "deepq/core/error.h"
#include "deepq/core/hash.h"
#include "deepq/env/registry.h"
#include "deepq/replay/replay_store.h"
#include "deepq/replay/sampler.h"
#include "deepq/train/run.h"

namespace deepq {
namespace {

constexpr int64_t kObservationSize = 4, kActionCount = 2, kTransitions = 10'000;

void fill(ReplayStore& replay, Random& random) {
  std::array<float, kObservationSize> from{}, to{};
  for (int64_t i = 0; i < replay.capacity(); ++i) {
    for (float& value : from) value = static_cast<float>(random.uniform(-1, 1));
    for (float& value : to) value = static_cast<float>(random.uniform(-1, 1));
    replay.push({from, static_cast<int64_t>(random.below(kActionCount)), 1.0f, i % 20 == 0 ? 0.0f : 0.99f, to});
  }
}

UpdateTiming time_update(const std::vector<int64_t>& hidden_sizes, int64_t batch_size) {
  Random random(1);
  AgentConfig agent;
  agent.batch_size = batch_size;
  Learner learner({kObservationSize, kActionCount, 1}, {.hidden_sizes = hidden_sizes}, agent, {}, random);
  ReplayStore replay(kTransitions, kObservationSize);
  fill(replay, random);
  UniformSampler sampler(batch_size, false);
  std::vector<int64_t> indices(static_cast<size_t>(batch_size));
  std::vector<float> weights(indices.size());

  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::milliseconds(700);
  constexpr int kUpdatesPerReading = 50;
  std::vector<double> readings;
  while (Clock::now() < deadline) {
    const auto start = Clock::now();
    for (int i = 0; i < kUpdatesPerReading; ++i) {
      sampler.sample(replay.size(), 0, random, indices, weights);
      replay.gather(indices, learner.batch());
      learner.update(1e-4);
    }
    readings.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count() / kUpdatesPerReading);
  }
  std::sort(readings.begin(), readings.end());
  return {hidden_sizes, batch_size, readings[readings.size() / 2], readings.front()};
}

// Remembers every return, so that the signature covers the whole course of a run.
class ReturnLog : public Observer {
 public:
  void on_episode(const EpisodeRecord& record) override { values.push_back(record.episode_return); }
  void on_evaluation(const EvaluationRecord& record) override { values.push_back(record.mean_return); }
  std::vector<double> values;
};

}  // namespace

std::vector<UpdateTiming> time_updates() {
  return {time_update({64, 64}, 64), time_update({120, 84}, 128), time_update({256, 256}, 64)};
}

std::string signature(const std::string& preset_name) {
  constexpr int64_t kEnvSteps = 1'000;
  RunConfig config = preset(preset_name);
  config.network.engine = Engine::kPlain;
  config.train.episodes = 0;
  config.train.env_steps = kEnvSteps;
  config.train.learning_starts_env_steps = std::min(config.train.learning_starts_env_steps, kEnvSteps / 2);
  config.eval.final_episodes = 2;
  ReturnLog log;
  const RunSummary summary = start_run(config, {.observers = {&log}});
  std::string text = preset_name + " " + summary.weights_sha256 + " " + std::to_string(summary.updates);
  for (const double value : log.values) text += " " + number_text(value);
  return sha256_hex(std::as_bytes(std::span(text)));
}

}  // namespace deepq
