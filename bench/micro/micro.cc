// How long the pieces take: build/dev/bench/micro/deepq_micro [--benchmark_filter=...]. Figures are in
// docs/performance.md.
#include <benchmark/benchmark.h>

#include <array>
#include <vector>

#include "deepq/agent/learner.h"
#include "deepq/agent/value_function.h"
#include "deepq/env/registry.h"
#include "deepq/env/sync_vector_env.h"
#include "deepq/replay/prioritized_sampler.h"
#include "deepq/replay/replay_store.h"
#include "deepq/replay/sampler.h"
#include "deepq/train/trainer.h"

namespace deepq {
namespace {

void fill(ReplayStore& replay, Random& random) {
  std::array<float, 4> from{}, to{};
  for (int64_t i = 0; i < replay.capacity(); ++i) {
    for (float& value : from) value = static_cast<float>(random.uniform(-1, 1));
    replay.push({from, static_cast<int64_t>(random.below(2)), 1.0f, 0.99f, to});
  }
}

// The chapter's whole update: {hidden, batch}.
void update(benchmark::State& state) {
  Random random(1);
  AgentConfig agent;
  agent.batch_size = state.range(1);
  NetworkConfig network;
  network.hidden_sizes = {state.range(0), state.range(0)};
  Learner learner({ObservationSpace::real({4}), 2, 1}, network, agent, {}, random);
  ReplayStore replay(10'000, ObservationSpace::real({4}));
  fill(replay, random);
  UniformSampler sampler(agent.batch_size, false);
  std::vector<int64_t> indices(static_cast<size_t>(agent.batch_size));
  std::vector<float> weights(indices.size());
  for (auto _ : state) {
    sampler.sample(replay.size(), 0, random, indices, weights);
    replay.gather(indices, learner.batch());
    learner.update(1e-4);
  }
}
BENCHMARK(update)->Args({64, 64})->Args({128, 64})->Args({256, 64})->Unit(benchmark::kMicrosecond);

// A whole update of a network with memory: 64 units, sequences of 80 learnt steps, batch 32; {Memory}. PyTorch's is
// bench/compare/pytorch_recurrent.py.
void recurrent_update(benchmark::State& state) {
  constexpr int64_t kLength = 80, kSequences = 256;
  Random random(1);
  AgentConfig agent;
  agent.batch_size = 32;
  NetworkConfig network;
  network.hidden_sizes = {};
  network.recurrent = static_cast<Memory>(state.range(0));
  const SequenceShape shape{.length = kLength, .memory_size = memory_size_of(network)};
  const SequenceFormat format(shape, ObservationSpace::real({4}));
  Learner learner({ObservationSpace::real({4}), 2, 1, shape.steps(), kLength}, network, agent, {}, random);
  SequenceStore store(kSequences * kLength, format);
  std::vector<std::byte> record(static_cast<size_t>(format.bytes()));
  for (int64_t s = 0; s < kSequences; ++s) {
    format.head(record.data()) = {0, kLength};
    for (int64_t i = 0; i < kLength; ++i)
      format.step(record.data(), i) = {static_cast<int64_t>(random.below(2)), 1, 1.0f, 0.99f};
    for (int64_t i = 0; i <= kLength; ++i)
      for (size_t c = 0; c < 4; ++c)
        reinterpret_cast<float*>(format.observation_bytes(record.data(), i))[c] =
            static_cast<float>(random.uniform(-1, 1));
    store.push(record);
  }
  UniformSampler sampler(agent.batch_size, false);
  std::vector<int64_t> indices(static_cast<size_t>(agent.batch_size));
  std::vector<float> weights(indices.size());
  for (auto _ : state) {
    sampler.sample(store.size(), 0, random, indices, weights);
    learner.set_learnt_steps(store.gather(indices, learner.sequences()));
    learner.update(1e-4);
  }
}
BENCHMARK(recurrent_update)
    ->Arg(static_cast<int64_t>(Memory::kGru))
    ->Arg(static_cast<int64_t>(Memory::kLstm))
    ->Unit(benchmark::kMicrosecond);

// Drawing and gathering a batch of 64 without replacement from that many transitions.
void sample(benchmark::State& state) {
  Random random(1);
  Learner learner({ObservationSpace::real({4}), 2, 1}, {}, {}, {}, random);
  ReplayStore replay(state.range(0), ObservationSpace::real({4}));
  fill(replay, random);
  UniformSampler sampler(64, false);
  std::vector<int64_t> indices(64);
  std::vector<float> weights(indices.size());
  for (auto _ : state) {
    sampler.sample(replay.size(), 0, random, indices, weights);
    replay.gather(indices, learner.batch());
  }
}
BENCHMARK(sample)->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

// Drawing a batch of 64 by priority from that many transitions, and giving each its new priority.
void prioritized(benchmark::State& state) {
  Random random(1);
  ReplayConfig config;
  config.capacity = state.range(0);
  PrioritizedSampler sampler(config, 64);
  std::vector<int64_t> indices(64);
  std::vector<float> weights(indices.size()), errors(1 << 16);
  for (float& error : errors) error = static_cast<float>(random.uniform(-1, 1));
  for (int64_t i = 0; i < config.capacity; ++i) {
    sampler.on_push(i);
    sampler.update({&i, 1}, {&errors[static_cast<size_t>(i) % errors.size()], 1});
  }
  size_t next = 0;
  for (auto _ : state) {
    sampler.sample(config.capacity, 0.4, random, indices, weights);
    sampler.update(indices, std::span(errors).subspan(next, 64));
    next = (next + 64) % errors.size();
  }
}
BENCHMARK(prioritized)->Arg(10'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

// Greedy action values of one observation.
void act(benchmark::State& state) {
  Random random(1);
  NetworkConfig network;
  network.hidden_sizes = {state.range(0), state.range(0)};
  Learner learner({ObservationSpace::real({4}), 2, 1}, network, {}, {}, random);
  NetworkValues values(&learner.engine(), ObservationSpace::real({4}), {}, network.numerics(), 2, 1);
  for (auto _ : state) benchmark::DoNotOptimize(values.values(std::array<float, 4>{})[0]);
}
BENCHMARK(act)->Arg(64)->Arg(256)->Unit(benchmark::kNanosecond);

void cartpole_step(benchmark::State& state) {
  SyncVectorEnv env(find_env("CartPole-v1"), 1, 0);
  Random random(1);
  std::array<int64_t, 1> action{};
  for (auto _ : state) {
    action[0] = static_cast<int64_t>(random.below(2));
    env.step(action);
  }
}
BENCHMARK(cartpole_step)->Unit(benchmark::kNanosecond);

// One whole step of training with the preset: act, step, store, update.
void train_step(benchmark::State& state) {
  RunConfig config = preset("chapter");
  config.train.episodes = 0;
  config.train.env_steps = int64_t{1} << 40;
  Trainer trainer(config, find_env(config.env.id));
  for (auto _ : state) trainer.step();
}
BENCHMARK(train_step)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace deepq
