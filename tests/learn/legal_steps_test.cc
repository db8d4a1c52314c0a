// In ten million steps of training no illegal action is taken, whatever learns. The worlds know their own rules: the
// games throw where nothing is free, the taxi here where nothing changes.
#include <gtest/gtest.h>

#include "deepq/core/error.h"
#include "deepq/env/line_game.h"
#include "deepq/env/taxi.h"
#include "deepq/train/trainer.h"

namespace deepq {
namespace {

int64_t steps_taken = 0;

// Counts the steps that its world has taken.
template <class World>
class Counted : public Env {
 public:
  explicit Counted(World world) : world_(std::move(world)) {}
  const EnvSpec& spec() const override { return world_.spec(); }
  std::span<const float> reset(std::optional<uint64_t> seed) override { return world_.reset(seed); }
  ObservationRow typed_observation() const override { return world_.typed_observation(); }
  LegalActions legal_actions() const override { return world_.legal_actions(); }
  Step step(int64_t action) override {
    const Step step = take(action);
    ++steps_taken;
    return step;
  }

 private:
  Step take(int64_t action) {
    if constexpr (std::is_same_v<World, Taxi>) {
      const int64_t before = world_.state();
      const Step step = world_.step(action);
      if (!step.terminated && world_.state() == before)
        throw Error::of("action ", action, " is illegal in state ", before, ": it changes nothing");
      return step;
    } else {
      return world_.step(action);
    }
  }

  World world_;
};

RunConfig config_for(AlgorithmKind algorithm, int64_t env_steps) {
  RunConfig config;
  config.agent.algorithm = algorithm;
  config.env.count = 16;
  config.network.hidden_sizes = {32};
  config.replay.capacity = 10'000;
  config.train.env_steps = env_steps;
  config.train.update_every_env_steps = 32;
  config.pqn = {.rollout_steps = 16, .epochs = 1, .minibatches = 4};
  config.exploration.schedule = EpsilonSchedule::kLinear;
  config.exploration.epsilon_end = 0.1;
  config.exploration.anneal_env_steps = env_steps / 2;
  config.eval.final_episodes = 0;
  return config;
}

template <class World>
void train(const RunConfig& config, const World& world) {
  Trainer trainer(config, [&] { return std::make_unique<Counted<World>>(world); });
  while (!trainer.done()) trainer.step();
}

TEST(LegalActions, AloneAreTakenInTenMillionSteps) {
  using enum AlgorithmKind;
  const Taxi taxi({.action_mask = true});
  for (const AlgorithmKind tabular : {kQLearning, kSarsa, kExpectedSarsa, kDoubleQLearning})
    train(config_for(tabular, 1'000'000), taxi);
  for (const AlgorithmKind deep : {kDqn, kPqn}) {
    train(config_for(deep, 1'000'000), taxi);
    train(config_for(deep, 1'000'000), TicTacToe());
    train(config_for(deep, 1'000'000), ConnectFour());
  }
  EXPECT_GE(steps_taken, 10'000'000);
}

}  // namespace
}  // namespace deepq
