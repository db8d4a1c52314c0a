// Time limits: what is stored and learnt of an episode that was cut off, and evaluation's own.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "deepq/agent/dqn.h"
#include "deepq/env/registry.h"
#include "deepq/train/trainer.h"
#include "tests/repro/small_config.h"
#include "tests/test_support.h"
#include "tests/toy_envs.h"

namespace deepq {
namespace {

using test::small_config;

// CartPole without a limit of its own, which may go on where it was when it is reset before the pole has fallen. It
// writes down what its steps lead to.
class LimitedFromOutside : public Env {
 public:
  explicit LimitedFromOutside(bool goes_on, std::vector<float>* reached = nullptr)
      : spec_(cartpole_->spec()), goes_on_(goes_on), all_reached_(reached) {
    spec_.max_episode_steps = 0;
  }
  const EnvSpec& spec() const override { return spec_; }
  std::span<const float> reset(std::optional<uint64_t> seed) override {
    if (seed || fallen_ || !goes_on_) take(cartpole_->reset(seed));
    fallen_ = false;
    return reached_;
  }
  Step step(int64_t action) override {
    Step step = cartpole_->step(action);
    take(step.observation);
    if (all_reached_) all_reached_->insert(all_reached_->end(), reached_.begin(), reached_.end());
    fallen_ = step.terminated;
    step.observation = reached_;
    return step;
  }

 private:
  void take(std::span<const float> observation) { reached_.assign(observation.begin(), observation.end()); }

  std::unique_ptr<Env> cartpole_ = find_env("CartPole-v1")();
  EnvSpec spec_;
  bool goes_on_, fallen_ = true;
  std::vector<float> reached_, *all_reached_;
};

RunConfig with_limit(int64_t limit, bool bootstrap) {
  RunConfig config = small_config();
  config.env.max_episode_steps = limit;
  config.agent.bootstrap_at_truncation = bootstrap;
  return config;
}

TEST(Trainer, ATruncationIsStoredWithTheObservationReachedAndGamma) {
  constexpr int64_t kSteps = 70;  // 10 episodes of 7 steps: too few to fall
  std::vector<float> reached;
  Trainer trainer(with_limit(7, true), [&] { return std::make_unique<LimitedFromOutside>(false, &reached); });
  while (trainer.env_steps() < kSteps) trainer.step();
  ASSERT_EQ(trainer.episodes(), 10);
  std::vector<int64_t> indices(kSteps);
  std::iota(indices.begin(), indices.end(), 0);
  std::vector<float> from(4 * kSteps), to(4 * kSteps), rewards(kSteps), discounts(kSteps);
  std::vector<int64_t> actions(kSteps);
  dynamic_cast<const Dqn&>(trainer.algorithm())
      .gather(indices, {{from.data(), 4}, {to.data(), 4}, actions, rewards, discounts});
  EXPECT_EQ(to, reached);
  EXPECT_EQ(discounts, std::vector<float>(kSteps, 0.99f));
}

std::vector<float> values_with_limit(int64_t limit, bool bootstrap) {
  Trainer trainer(with_limit(limit, bootstrap), [] { return std::make_unique<LimitedFromOutside>(true); });
  while (!trainer.done()) trainer.step();
  const auto q = trainer.policy().q_values(std::vector<float>{0.1f, -0.2f, 0.05f, 0.3f});
  return {q.begin(), q.end()};
}

// What is stored at a limit that is bootstrapped through is what would be stored without it. So where the world goes on
// after it, every bit of the run is the same.
TEST(Trainer, ALimitThatTheWorldGoesOnAfterChangesNothing) {
  const std::vector<float> unlimited = values_with_limit(0, true);
  EXPECT_EQ(values_with_limit(7, true), unlimited);
  EXPECT_NE(values_with_limit(7, false), unlimited);
}

TEST(Trainer, EvaluationHasItsOwnTimeLimitWhereAsked) {
  struct : Observer {
    void on_evaluation(const EvaluationRecord& record) override { longest = std::max(longest, record.mean_length); }
    double longest = 0;
  } lengths;
  for (const int64_t limit : {0, 8}) {
    RunConfig config = with_limit(7, true);
    config.eval.every_env_steps = 500;
    config.eval.max_episode_steps = limit;
    lengths.longest = 0;
    Trainer trainer(config, [] { return std::make_unique<LimitedFromOutside>(false); });
    trainer.add_observer(lengths);
    while (!trainer.done()) trainer.step();
    EXPECT_EQ(lengths.longest, limit > 0 ? 8 : 7);  // too few to fall
  }
}

// Both ends of the mask: with bootstrapping a cut-off chain still has its value; without, the time limit is learnt as
// the end.
TEST(Trainer, TruncationIsAnEndOnlyWhenAskedFor) {
  for (const bool bootstrap : {true, false}) {
    RunConfig config = small_config();
    config.agent.bootstrap_at_truncation = bootstrap;
    config.agent.batch_size = 8;
    Trainer trainer(config, [] { return std::make_unique<test::IdentityEnv>(3, 5); });
    while (!trainer.done()) trainer.step();
    Archive archive;
    trainer.serialize(archive);
    const TensorView& records = archive.tensors().at("trainer/replay/records");
    int ends = 0;
    for (int64_t i = 0; i < records.shape[0]; ++i)
      ends += reinterpret_cast<const float*>(records.bytes.data())[i * records.shape[1] + 2] == 0;
    EXPECT_EQ(ends, bootstrap ? 0 : records.shape[0] / 5);
  }
}

}  // namespace
}  // namespace deepq
