// What must be remembered is learnt: the side of a T-maze's goal, shown at its start alone, by every variant that has a
// memory, and by none without.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "deepq/env/registry.h"
#include "deepq/train/trainer.h"

namespace deepq {
namespace {

RunConfig t_maze(Memory memory) {
  RunConfig config;
  config.env.id = "TMaze-v0";
  config.env_options.t_maze.length = 4;
  config.network.hidden_sizes = {16};
  config.network.recurrent = memory;
  config.network.recurrent_size = 16;
  config.agent.batch_size = 16;
  config.agent.gamma = 0.95;
  config.agent.optimizer.learning_rate = 3e-3;
  config.agent.value.v_min = -2, config.agent.value.v_max = 5, config.agent.value.atoms = 21;
  config.agent.value.quantiles = 8;
  config.agent.value.samples = config.agent.value.target_samples = config.agent.value.action_samples = 8;
  config.target.sync_every_updates = 50;
  config.replay.capacity = 4'000;
  config.replay.sequence_length = 8;
  config.replay.burn_in = config.replay.sequence_overlap = 4;
  config.exploration = {.schedule = EpsilonSchedule::kLinear, .epsilon_end = 0.1, .anneal_env_steps = 3'000};
  config.train.env_steps = 10'000;
  config.train.learning_starts_env_steps = 500;
  config.train.update_every_env_steps = 8;
  config.eval.final_episodes = 0;
  return config;
}

double mean_return(const RunConfig& config) {
  Trainer trainer(config, find_env(config.env.id, config.env_options));
  while (!trainer.done()) trainer.step();
  return evaluate(trainer.policy(), trainer.evaluation_env(), evaluation_plan(config, 0, {.episodes = 64})).mean_return;
}

struct Variant {
  std::string name;
  std::function<void(RunConfig&)> change;
};

class RemembersTest : public ::testing::TestWithParam<Variant> {};

TEST_P(RemembersTest, TheSideOfTheGoal) {
  for (const Memory memory : {Memory::kGru, Memory::kLstm}) {
    RunConfig config = t_maze(memory);
    GetParam().change(config);
    EXPECT_GT(mean_return(config), 3.9) << name_of(memory);
  }
}

const Variant kVariants[] = {
    {"plain", [](RunConfig&) {}},
    {"double", [](RunConfig& c) { c.agent.double_q = true; }},
    {"dueling", [](RunConfig& c) { c.network.dueling = true; }},
    {"n_step", [](RunConfig& c) { c.agent.n_step = 3; }},
    {"prioritized", [](RunConfig& c) { c.replay.prioritized = true; }},
    {"noisy", [](RunConfig& c) { c.network.noisy = true; }},
    {"rescaled", [](RunConfig& c) { c.agent.value.rescale = true; }},
    {"zero_state", [](RunConfig& c) { c.replay.stored_state = false, c.replay.burn_in = 8; }},
    // Cross entropy takes its time.
    {"categorical",
     [](RunConfig& c) {
       c.agent.value.representation = Representation::kCategorical;
       c.agent.optimizer.learning_rate = 1e-2;
       c.train.env_steps = 20'000;
     }},
    {"quantile", [](RunConfig& c) { c.agent.value.representation = Representation::kQuantile; }},
    {"implicit", [](RunConfig& c) { c.agent.value.representation = Representation::kImplicit; }},
    {"munchausen", [](RunConfig& c) { c.agent.munchausen = true; }},
};

INSTANTIATE_TEST_SUITE_P(Variants, RemembersTest, ::testing::ValuesIn(kVariants),
                         [](const auto& variant) { return variant.param.name; });

// One of the two sides always, or none: half of 4 and -0.1 at most.
TEST(Remembers, NothingWithoutMemory) { EXPECT_LT(mean_return(t_maze(Memory::kNone)), 3); }

}  // namespace
}  // namespace deepq
