// What a network with memory remembers while it acts, and that its replay is handed what it remembered.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "deepq/agent/dqn.h"

namespace deepq {
namespace {

constexpr int64_t kEnvs = 3;

DqnConfig config_of_three(Memory memory) {
  DqnConfig config;
  config.shape = {.observation = ObservationSpace::real({1}), .actions = 2, .env_count = kEnvs};
  config.network.hidden_sizes = {8};
  config.network.recurrent = memory;
  config.network.recurrent_size = 6;
  config.agent.batch_size = 2;
  config.replay.sequence_length = 4;
  config.replay.burn_in = 2;
  config.replay.sequence_overlap = 0;
  config.replay.capacity = 64;
  return config;
}

class ActingWithMemory : public ::testing::TestWithParam<Memory> {
 protected:
  std::vector<float> remembered() const { return {actor_.remembered().begin(), actor_.remembered().end()}; }
  std::vector<float> of_env(size_t env) const {
    const std::vector<float> all = remembered();
    const size_t size = all.size() / kEnvs;
    return {all.begin() + static_cast<int64_t>(env * size), all.begin() + static_cast<int64_t>((env + 1) * size)};
  }
  void act(float x) {
    const std::array<float, kEnvs> observations{x, x, x};
    actor_.act(observations, {.env_steps = kEnvs * ++steps_, .env_steps_before = 0}, 0, actions_);
  }
  void end(std::array<uint8_t, kEnvs> terminated, std::array<uint8_t, kEnvs> truncated,
           std::array<uint8_t, kEnvs> skipped = {}) {
    StepResult result{
        .actions = actions_, .rewards = {}, .terminated = terminated, .truncated = truncated, .next_observations = {}};
    result.skipped = skipped;
    actor_.end_episodes(result);
  }

  DqnConfig config_ = config_of_three(GetParam());
  ReplayLearner learning_{config_};
  DqnActor actor_{config_, learning_.learner()};
  std::array<int64_t, kEnvs> actions_{};
  int64_t steps_ = 0;
};

TEST_P(ActingWithMemory, EachEnvironmentForgetsAtItsOwnEnd) {
  const std::vector<float> nothing(static_cast<size_t>(memory_size_of(config_.network)), 0.0f);
  act(0.3f);
  EXPECT_EQ(of_env(0), nothing);
  end({}, {});
  act(0.5f);
  const std::vector<float> after_one = of_env(0);
  EXPECT_NE(after_one, nothing);
  EXPECT_EQ(of_env(1), after_one);
  end({0, 1, 0}, {0, 0, 1});
  act(0.3f);
  EXPECT_NE(of_env(0), after_one);
  EXPECT_NE(of_env(0), nothing);
  EXPECT_EQ(of_env(1), nothing) << "terminated";
  EXPECT_EQ(of_env(2), nothing) << "truncated";
  end({}, {}, {1, 0, 0});
  act(0.5f);
  EXPECT_EQ(of_env(0), nothing) << "the step only began an episode";
  EXPECT_EQ(of_env(1), after_one);
  actor_.forget();
  act(0.1f);
  for (size_t env = 0; env < kEnvs; ++env) EXPECT_EQ(of_env(env), nothing);
}

TEST_P(ActingWithMemory, AskingForValuesLeavesItAsItIs) {
  act(0.3f);
  const std::array<float, 2> others{0.9f, -0.9f};
  actor_.values().values(ObservationRows(others));
  std::vector<float> own(2 * static_cast<size_t>(memory_size_of(config_.network)));
  actor_.values().values(ObservationRows(others), nullptr, own);
  EXPECT_NE(own, std::vector<float>(own.size()));
  act(0.5f);
  const std::vector<float> disturbed = remembered();
  actor_.forget();
  act(0.3f), act(0.5f);
  EXPECT_EQ(remembered(), disturbed);
}

// Each environment's sequences begin with what the network remembered of that environment at their first step.
TEST_P(ActingWithMemory, SequencesAreStoredWithWhatWasRemembered) {
  std::vector<std::vector<float>> before;  // [step * kEnvs + env]
  const std::array<double, kEnvs> rewards{};
  const std::array<uint8_t, kEnvs> no{};
  for (int step = 0; step < 8; ++step) {
    const auto x = static_cast<float>(step);
    const std::array<float, kEnvs> observations{x, x + 0.25f, x + 0.5f};
    actor_.act(observations, {.env_steps = kEnvs * ++steps_, .env_steps_before = 0}, 0, actions_);
    for (size_t env = 0; env < kEnvs; ++env) before.push_back(of_env(env));
    const StepResult result{
        .actions = actions_, .rewards = rewards, .terminated = no, .truncated = no, .next_observations = observations};
    learning_.observe(actor_.acted_on(), actor_.remembered(), result, {.env_steps = kEnvs * steps_});
  }
  ASSERT_EQ(learning_.stored(), 2 * kEnvs);
  Archive archive;
  learning_.serialize(archive);
  const SequenceFormat format(sequence_shape(config_.replay, 1, memory_size_of(config_.network)),
                              config_.shape.observation);
  const std::byte* record = archive.tensors().at("replay/sequences").bytes.data();
  // Four steps each, the second with the two before it.
  for (const size_t first : {0u, 2u})
    for (size_t env = 0; env < kEnvs; ++env, record += format.bytes()) {
      const std::vector<float>& expected = before[first * kEnvs + env];
      EXPECT_EQ(std::vector<float>(format.memory(record), format.memory(record) + expected.size()), expected);
      EXPECT_EQ(format.observation(record, 0).as<float>()[0],
                static_cast<float>(first) + 0.25f * static_cast<float>(env));
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, ActingWithMemory, ::testing::Values(Memory::kGru, Memory::kLstm),
                         [](const auto& kind) { return std::string(name_of(kind.param)); });

}  // namespace
}  // namespace deepq
