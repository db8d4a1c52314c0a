#include "deepq/agent/learner.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "deepq/core/error.h"
#include "tests/closeness.h"
#include "tests/golden.h"

namespace deepq {
namespace {

using test::all_close;

// Ten whole updates as stored by tools/golden/update.py.
struct Case {
  std::string name;
  int64_t input, actions;
  std::vector<int64_t> hidden;
  AgentConfig agent;
  TargetConfig target;
};

std::vector<Case> cases() {
  AgentConfig chapter;
  AgentConfig soft;
  soft.batch_size = 32;
  soft.loss = Loss::kHuber;
  soft.optimizer = {.kind = OptimizerKind::kRmsProp,
                    .learning_rate = 1e-3,
                    .epsilon = 1e-8,
                    .rmsprop_decay = 0.99,
                    .max_grad_norm = 0.1};
  AgentConfig twice;
  twice.batch_size = 16;
  twice.double_q = true;
  twice.optimizer.learning_rate = 1e-2;
  return {{"chapter", 4, 2, {64, 64}, chapter, {.sync_every_updates = 3}},
          {"soft_huber_clip", 6, 3, {32, 16}, soft, {.tau = 0.05, .sync_every_updates = 1}},
          {"double", 5, 4, {24, 24}, twice, {.sync_every_updates = 4}}};
}

// The golden tensors "CASE.PREFIX.0.weight" under the names that Learner::serialize gives them.
void add_network(const test::Golden& golden, const std::string& prefix, const std::string& name, size_t layers,
                 TensorMap& to) {
  for (size_t i = 0; i < layers; ++i)
    for (const std::string kind : {"weight", "bias"})
      to[name + "/" + std::to_string(i) + "/" + kind] =
          golden.tensors().at(prefix + "." + std::to_string(i) + "." + kind);
}

void load_initial(Learner& learner, const test::Golden& golden, const Case& c) {
  Archive saved;
  learner.serialize(saved);
  TensorMap tensors = saved.tensors();
  for (const char* network : {"online", "target"})
    add_network(golden, c.name + ".initial", network, c.hidden.size() + 1, tensors);
  Archive archive(tensors);
  learner.serialize(archive);
}

void fill_batch(const BatchBuffers& to, const test::Golden& golden, const std::string& key, int64_t input) {
  const auto rows = to.actions.size();
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < static_cast<size_t>(input); ++c) {
      const size_t at = r * static_cast<size_t>(to.observation_stride) + c;
      to.observations[at] = golden.floats(key + ".observations")[r * static_cast<size_t>(input) + c];
      to.next_observations[at] = golden.floats(key + ".next_observations")[r * static_cast<size_t>(input) + c];
    }
    to.actions[r] = golden.ints(key + ".actions")[r];
    to.rewards[r] = golden.floats(key + ".rewards")[r];
    to.discounts[r] = golden.floats(key + ".discounts")[r];
  }
}

void expect_network(Learner& learner, const test::Golden& golden, const std::string& prefix, const std::string& network,
                    size_t layers) {
  Archive archive;
  learner.serialize(archive);
  TensorMap expected;
  add_network(golden, prefix, network, layers, expected);
  for (const auto& [name, tensor] : expected) {
    const TensorView& actual = archive.tensors().at(name);
    const auto floats = [](const TensorView& view) {
      return std::span<const float>(reinterpret_cast<const float*>(view.bytes.data()), view.bytes.size() / 4);
    };
    EXPECT_TRUE(all_close(floats(actual), floats(tensor), 2e-6)) << prefix << " " << name;
  }
}

class LearnerTest : public ::testing::TestWithParam<Engine> {};

TEST_P(LearnerTest, TenWholeUpdatesEqualPyTorch) {
  const test::Golden golden("update.safetensors");
  for (const Case& c : cases()) {
    Random random(1);
    Learner learner({c.input, c.actions, 1}, {c.hidden, GetParam()}, c.agent, c.target, random);
    load_initial(learner, golden, c);
    for (int64_t u = 0; u < 10; ++u) {
      const std::string key = c.name + "." + std::to_string(u);
      fill_batch(learner.batch(), golden, key, c.input);
      const LearnStats stats = learner.update(c.agent.optimizer.learning_rate);
      EXPECT_NEAR(stats.loss, golden.floats(key + ".loss")[0], 1e-5 * std::max(1.0, stats.loss)) << key;
      EXPECT_NEAR(stats.mean_q, golden.floats(key + ".mean_q")[0], 1e-5) << key;
      EXPECT_NEAR(stats.grad_norm, golden.floats(key + ".grad_norm")[0], 1e-5 * std::max(1.0, stats.grad_norm)) << key;
      if (learner.updates() % c.target.sync_every_updates == 0) learner.sync_target();
      if (u == 0 || u == 4 || u == 9) expect_network(learner, golden, key + ".online", "online", c.hidden.size() + 1);
    }
    expect_network(learner, golden, c.name + ".9.target", "target", c.hidden.size() + 1);
  }
}

TEST_P(LearnerTest, TheNetworksStartEqual) {
  Random random(1);
  Learner learner({3, 2, 1}, {{8}, GetParam()}, {}, {}, random);
  Archive archive;
  learner.serialize(archive);
  int compared = 0;
  for (const auto& [name, tensor] : archive.tensors()) {
    if (!name.starts_with("online/")) continue;
    const TensorView& twin = archive.tensors().at("target/" + name.substr(7));
    EXPECT_TRUE(std::equal(tensor.bytes.begin(), tensor.bytes.end(), twin.bytes.begin())) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 4);
}

TEST_P(LearnerTest, ANaNIsRefusedAndChangesNothing) {
  Random random(1);
  AgentConfig agent;
  agent.batch_size = 4;
  for (const bool at_end : {false, true}) {
    Learner learner({2, 2, 1}, {{32}, GetParam()}, agent, {}, random);
    const std::string before = learner.weights_sha256();
    const BatchBuffers batch = learner.batch();
    std::fill(batch.rewards.begin(), batch.rewards.end(), 1.0f);
    std::fill(batch.discounts.begin(), batch.discounts.end(), at_end ? 0.0f : 0.9f);
    batch.observations[0] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_THROW(learner.update(1e-3), Error);
    EXPECT_EQ(learner.weights_sha256(), before);
    EXPECT_EQ(learner.updates(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, LearnerTest, ::testing::Values(Engine::kAuto, Engine::kPlain),
                         [](const auto& engine) { return engine.param == Engine::kAuto ? "auto" : "plain"; });

}  // namespace
}  // namespace deepq
