#include "deepq/train/bench.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

#include "deepq/agent/choose.h"
#include "deepq/agent/learner.h"
#include "deepq/core/error.h"
#include "deepq/core/sha256.h"
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
    // Every 20th transition ends an episode: a discount of 0.
    replay.push({from, static_cast<int64_t>(random.below(kActionCount)), 1.0f, i % 20 == 0 ? 0.0f : 0.99f, to});
  }
}

struct Variant {
  std::string name;
  NetworkConfig network;
  AgentConfig agent;
  ReplayConfig replay;
};

UpdateTiming time_update(Variant variant, Arithmetic arithmetic, const std::vector<int64_t>& hidden_sizes,
                         int64_t batch_size) {
  Random random(1);
  variant.network.hidden_sizes = hidden_sizes;
  variant.network.arithmetic = arithmetic;
  variant.agent.batch_size = batch_size;
  Learner learner({ObservationSpace::real({kObservationSize}), kActionCount, 1}, variant.network, variant.agent, {},
                  random);
  ReplayStore replay(kTransitions, ObservationSpace::real({kObservationSize}));
  fill(replay, random);
  variant.replay.capacity = kTransitions;
  const auto sampler = make_sampler(variant.replay, batch_size, arithmetic);
  for (int64_t i = 0; i < kTransitions; ++i) sampler->on_push(i);
  std::vector<int64_t> indices(static_cast<size_t>(batch_size));

  using Clock = std::chrono::steady_clock;
  // Three timings in about two seconds, as bench.h says.
  const auto deadline = Clock::now() + std::chrono::milliseconds(700);
  constexpr int kUpdatesPerReading = 10;  // short, so that the median reading is one that nothing interrupted
  std::vector<double> readings;
  while (Clock::now() < deadline) {
    const auto start = Clock::now();
    for (int i = 0; i < kUpdatesPerReading; ++i) {
      // beta 0.5 and, below, a learning rate of 1e-4: neither changes what an update costs.
      sampler->sample(replay.size(), 0.5, random, indices, learner.weights());
      replay.gather(indices, learner.batch());
      learner.update(1e-4);
      sampler->update(indices, learner.errors());
    }
    readings.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count() / kUpdatesPerReading);
  }
  std::sort(readings.begin(), readings.end());
  return {variant.name, hidden_sizes, batch_size, readings[readings.size() / 2], readings.front()};
}

std::vector<Variant> variants() {
  std::vector<Variant> all;
  const auto add = [&](const std::string& name) -> Variant& { return all.emplace_back(Variant{name, {}, {}, {}}); };
  add("double").agent.double_q = true;
  add("dueling").network.dueling = true;
  add("prioritized").replay.prioritized = true;
  add("noisy").network.noisy = true;
  add("layer_norm").network.layer_norm = true;
  add("radam").agent.optimizer.kind = OptimizerKind::kRAdam;
  add("munchausen").agent.munchausen = true;
  add("categorical").agent.value.representation = Representation::kCategorical;
  add("quantile").agent.value.representation = Representation::kQuantile;
  add("implicit").agent.value.representation = Representation::kImplicit;
  // All but n-step returns, which cost the update nothing: they are made in the accumulator.
  Variant& rainbow = add("rainbow");
  rainbow.agent.double_q = rainbow.network.dueling = rainbow.network.noisy = rainbow.replay.prioritized = true;
  rainbow.agent.value.representation = Representation::kCategorical;
  return all;
}

// `wanted`, or the next one that is legal.
int64_t next_legal(const Env& env, int64_t wanted) {
  const LegalActions legal = env.legal_actions();
  while (!legal(static_cast<size_t>(wanted))) wanted = (wanted + 1) % env.spec().action_count;
  return wanted;
}

EnvTiming time_env(const std::string& id) {
  constexpr size_t kStepsPerReading = 10'000;  // a few milliseconds at most, as above
  const std::unique_ptr<Env> env = find_env(id)();
  const EnvSpec& spec = env->spec();
  const bool masked = spec.observation_space.legal_actions() > 0;
  Random random(1);
  std::vector<int64_t> actions(kStepsPerReading);
  env->reset(1);
  int64_t episode_steps = 0;

  using Clock = std::chrono::steady_clock;
  const auto deadline = Clock::now() + std::chrono::milliseconds(200);
  std::vector<double> readings;
  while (readings.empty() || Clock::now() < deadline) {
    // Drawn before the clock starts: only steps and resets are timed, and the search for a legal action where one may
    // not be.
    for (int64_t& action : actions) action = random_action(spec.action_count, random);
    const auto start = Clock::now();
    for (const int64_t action : actions) {
      const Step step = env->step(masked ? next_legal(*env, action) : action);
      ++episode_steps;
      // A bare Env has no time limit: that is the vector environment's, so it is kept here.
      if (!step.terminated && !step.truncated && episode_steps != spec.max_episode_steps) continue;
      env->reset(std::nullopt);
      episode_steps = 0;
    }
    readings.push_back(kStepsPerReading / std::chrono::duration<double>(Clock::now() - start).count());
  }
  std::sort(readings.begin(), readings.end());
  return {id, readings[readings.size() / 2], readings.back()};
}

// Remembers every return, so that the signature covers the whole course of a run.
class ReturnLog : public Observer {
 public:
  void on_episode(const EpisodeRecord& record) override { values.push_back(record.episode_return); }
  void on_evaluation(const EvaluationRecord& record) override { values.push_back(record.mean_return); }
  std::vector<double> values;
};

}  // namespace

std::vector<UpdateTiming> time_updates(Arithmetic arithmetic) {
  const Variant plain{"plain", {}, {}, {}};
  return {time_update(plain, arithmetic, {64, 64}, 64), time_update(plain, arithmetic, {120, 84}, 128),
          time_update(plain, arithmetic, {256, 256}, 64)};
}

std::vector<UpdateTiming> time_variants(Arithmetic arithmetic) {
  std::vector<UpdateTiming> timings;
  for (const Variant& variant : variants())
    for (const int64_t size : {64, 256}) timings.push_back(time_update(variant, arithmetic, {size, size}, 64));
  return timings;
}

std::vector<EnvTiming> time_envs() {
  std::vector<EnvTiming> timings;
  for (const std::string& id : env_ids()) timings.push_back(time_env(id));
  return timings;
}

std::string signature(const std::string& preset_name, Numerics numerics) {
  constexpr int64_t kEnvSteps = 1'000, kPythonTransitions = 2'000;
  RunConfig config = preset(preset_name);
  // PQN learns from whole rollouts: as many steps as two of them take, so that the second is played by what was learnt.
  const int64_t rollouts =
      config.agent.algorithm == AlgorithmKind::kPqn ? 2 * config.pqn.rollout_steps * config.env.count : 0;
  config.network.engine = numerics.engine;
  config.network.arithmetic = numerics.arithmetic;
  config.train.episodes = 0;
  config.train.env_steps = std::max(kEnvSteps, rollouts);
  // Half of the steps at least are learnt from, whatever the preset waits for.
  config.train.learning_starts_env_steps = std::min(config.train.learning_starts_env_steps, kEnvSteps / 2);
  config.eval.final_episodes = 2;
  if (config.eval.every_env_steps > config.train.env_steps)  // none is played that they could go by
    config.eval.keep_best = config.eval.stop_when_solved = false;
  if (!is_env_id(config.env.id)) {  // games: a replay of gigabytes, episodes of minutes
    config.replay.capacity = std::min(config.replay.capacity, kPythonTransitions);
    config.eval.keep_best = false;
    config.eval.every_env_steps = config.eval.final_episodes = 0;
  }
  ReturnLog log;
  const RunSummary summary = start_run(config, {.observers = {&log}});
  std::string text = preset_name + " " + summary.weights_sha256 + " " + std::to_string(summary.updates);
  for (const double value : log.values) text += " " + number_text(value);
  return sha256_hex(std::as_bytes(std::span(text)));
}

}  // namespace deepq
