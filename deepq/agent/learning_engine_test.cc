// The seam of nn/learning_engine.h: an engine that counts what it is asked for and leaves the work to another one. DQN
// and PQN learn through it alone.
#include "deepq/nn/learning_engine.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

#include "deepq/agent/learner.h"
#include "deepq/agent/pqn.h"

namespace deepq {
namespace {

using Counts = std::map<std::string, int>;

class CountingEngine final : public LearningEngine {
 public:
  CountingEngine(const EngineSpec& spec, Counts& counts) : engine_(make_engine(spec)), counts_(counts) {}

  void initialize(Random& random) override { count("initialize"), engine_->initialize(random); }
  int64_t output_size() const override { return engine_->output_size(); }
  bool noisy() const override { return engine_->noisy(); }
  int64_t memory_size() const override { return engine_->memory_size(); }
  Rows forward(ParameterCopy copy, Rows input, int64_t rows, std::span<const float> fractions,
               const Sequences& sequences) override {
    count("forward", copy);
    return engine_->forward(copy, input, rows, fractions, sequences);
  }
  Rows output(ParameterCopy copy) override { return count("output", copy), engine_->output(copy); }
  void sample_noise(ParameterCopy copy, Random& random) override {
    count("sample_noise", copy), engine_->sample_noise(copy, random);
  }
  void mute_noise() override { count("mute_noise"), engine_->mute_noise(); }
  Rows output_gradient() override { return count("output_gradient"), engine_->output_gradient(); }
  void backward() override { count("backward"), engine_->backward(); }
  double step(double learning_rate) override { return count("step"), engine_->step(learning_rate); }
  int64_t steps() const override { return engine_->steps(); }
  void set_input_statistics(std::span<const float> mean, std::span<const float> scale) override {
    count("set_input_statistics"), engine_->set_input_statistics(mean, scale);
  }
  void sync_target(double tau) override { count("sync_target"), engine_->sync_target(tau); }
  void take_parameters(const Network& from, NetworkPart part) override {
    count("take_parameters"), engine_->take_parameters(from, part);
  }
  const Network& network(ParameterCopy copy) const override { return count("network", copy), engine_->network(copy); }
  void serialize(Archive& archive) override { count("serialize"), engine_->serialize(archive); }

 private:
  void count(const std::string& call) const { ++counts_[call]; }
  void count(const std::string& call, ParameterCopy copy) const {
    count(call + (copy == ParameterCopy::kOnline ? " online" : " target"));
  }

  std::unique_ptr<LearningEngine> engine_;
  Counts& counts_;
};

EngineFactory counting(Counts& counts) {
  return [&counts](const EngineSpec& spec) { return std::make_unique<CountingEngine>(spec, counts); };
}

constexpr int64_t kActions = 3;
const LearnerShape kShape{ObservationSpace::real({4}), kActions, 1};

Learner make_learner(const AgentConfig& agent, const EngineFactory& make) {
  Random random(7);
  return Learner(kShape, {.hidden_sizes = {12}}, agent, {.tau = 0.5}, random, make);
}

void fill(Learner& learner, const AgentConfig& agent, Random& random) {
  const BatchBuffers batch = learner.batch();
  for (int64_t i = 0; i < agent.batch_size; ++i) {
    for (int64_t k = 0; k < 4; ++k) {
      batch.observations.data[i * batch.observations.stride + k] = static_cast<float>(random.uniform(-1, 1));
      batch.next_observations.data[i * batch.next_observations.stride + k] = static_cast<float>(random.uniform(-1, 1));
    }
    batch.actions[static_cast<size_t>(i)] = static_cast<int32_t>(random.below(kActions));
    batch.rewards[static_cast<size_t>(i)] = 1;
    batch.discounts[static_cast<size_t>(i)] = 0.9f;
  }
}

TEST(LearningEngineSeam, AnUpdateIsTwoOrThreePassesAndOneStep) {
  for (const bool twice : {false, true}) {
    AgentConfig agent;
    agent.batch_size = 8;
    agent.double_q = twice;
    Counts counts;
    Learner learner = make_learner(agent, counting(counts));
    EXPECT_EQ(std::exchange(counts, {}), (Counts{{"initialize", 1}}));
    Random random(1);
    fill(learner, agent, random);
    learner.update(1e-3);
    Counts wanted{{"sample_noise online", 1},
                  {"sample_noise target", 1},
                  {"forward target", 1},
                  {"forward online", 1},
                  {"output_gradient", 1},
                  {"backward", 1},
                  {"step", 1}};
    if (twice)
      wanted["forward online"] = 2;
    else
      wanted["output target"] = 1;  // what the next actions were chosen by
    EXPECT_EQ(std::exchange(counts, {}), wanted) << twice;
    learner.sync_target();
    EXPECT_EQ(counts, (Counts{{"sync_target", 1}}));
  }
}

TEST(LearningEngineSeam, LearningThroughItGivesTheSameBits) {
  AgentConfig agent;
  agent.batch_size = 8;
  Counts counts;
  Learner direct = make_learner(agent, make_engine), counted = make_learner(agent, counting(counts));
  for (Learner* const learner : {&direct, &counted}) {
    Random random(2);
    for (int update = 0; update < 5; ++update) {
      fill(*learner, agent, random);
      learner->update(1e-2);
      learner->sync_target();
    }
  }
  EXPECT_EQ(counts["step"], 5);
  EXPECT_EQ(direct.weights_sha256(), counted.weights_sha256());
}

TEST(LearningEngineSeam, PqnHasNoTargetNetwork) {
  PqnSettings settings;
  settings.shape.observation = ObservationSpace::real({4});
  settings.shape.actions = kActions;
  settings.shape.env_count = 2;
  settings.network.hidden_sizes = {12};
  settings.pqn.rollout_steps = 4;
  settings.pqn.minibatches = 2;
  Counts counts;
  int64_t target_rows = -1;
  Pqn pqn(settings, [&](const EngineSpec& spec) {
    target_rows = spec.target_rows;
    return counting(counts)(spec);
  });
  EXPECT_EQ(target_rows, 0);
  const std::vector<float> observation{0, 1, 2, 3};
  pqn.q_values(observation);
  EXPECT_EQ(std::exchange(counts, {}), (Counts{{"initialize", 1}, {"forward online", 1}}));

  // Whole rollouts, with an end, a time limit and the updates after them: the online network alone, never the target's.
  struct Ignore final : UpdateListener {
    void on_update(const LearnStats& /*stats*/) override {}
  } ignore;
  const std::vector<float> rows{0, 1, 2, 3, 4, 5, 6, 7};
  const std::vector<double> rewards{1, -1};
  std::vector<int64_t> actions(2);
  for (uint8_t step = 0; step < 8; ++step) {
    const std::vector<uint8_t> terminated{step == 2, 0}, truncated{0, step == 1};
    pqn.act(rows, {step * 2}, actions);
    pqn.observe({.actions = actions,
                 .rewards = rewards,
                 .terminated = terminated,
                 .truncated = truncated,
                 .next_observations = rows},
                {step * 2 + 2, 0, step * 2});
    pqn.update({step * 2 + 2, 0, step * 2}, ignore);
  }
  EXPECT_EQ(counts["step"], 2 * settings.pqn.epochs * settings.pqn.minibatches);
  for (const auto& [call, count] : counts) EXPECT_EQ(call.find("target"), std::string::npos) << call << " " << count;
}

}  // namespace
}  // namespace deepq
