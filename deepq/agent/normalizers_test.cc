// The running statistics themselves, and what DQN and PQN make of them.
#include "deepq/agent/normalizers.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <memory>

#include "deepq/agent/dqn.h"
#include "deepq/agent/pqn.h"
#include "deepq/nn/layout.h"

namespace deepq {
namespace {

TEST(RunningMoments, AreTheMeanAndVarianceOfAllThatCame) {
  Random random(1);
  RunningMoments moments(3);
  const std::array<double, 3> centers{0, -4e5, 1e-3}, widths{1, 7, 1e-4};
  std::vector<std::array<double, 3>> rows(1000);
  for (auto& row : rows) {
    for (size_t i = 0; i < 3; ++i) row[i] = centers[i] + widths[i] * random.normal(Math(Arithmetic::kFast));
    moments.next();
    moments.add(0, std::span<const double>(row).first(1));
    moments.add(1, std::span<const double>(row).last(2));
  }
  EXPECT_EQ(moments.count(), 1000);
  for (size_t i = 0; i < 3; ++i) {
    double mean = 0, square = 0;
    for (const auto& row : rows) mean += row[i] / 1000;
    for (const auto& row : rows) square += (row[i] - mean) * (row[i] - mean) / 1000;
    EXPECT_NEAR(moments.mean(i), mean, 1e-9 * std::abs(mean) + 1e-9);
    EXPECT_NEAR(moments.variance(i), square, 1e-9 * square) << i;
  }
}

TEST(RunningMoments, OfANumberThatStaysTheSameAreExact) {
  RunningMoments moments(1);
  for (int i = 0; i < 1000; ++i) {
    const std::array<float, 1> number{0.1f};
    moments.next();
    moments.add(0, std::span<const float>(number));
  }
  EXPECT_EQ(moments.mean(0), double{0.1f});
  EXPECT_EQ(moments.variance(0), 0);
  EXPECT_EQ(moments.scale(0), 1 / std::sqrt(1e-8));
}

struct NoListener : UpdateListener {
  void on_update(const LearnStats&) override {}
};

constexpr int64_t kEnvs = 3;

// Steps of three environments: what was acted on, and what came of it.
struct Steps {
  Steps() {
    Random random(9);
    for (int t = 0; t < 60; ++t) {
      for (float& number : rows.emplace_back()) number = static_cast<float>(random.uniform(-100, 300));
      for (double& reward : rewards.emplace_back()) reward = random.uniform(-3, 5);
      auto& end = ends.emplace_back();
      for (size_t i = 0; i < kEnvs; ++i) end[i] = random.below(9) == 0, cut.push_back(0), skip.push_back(0);
    }
  }
  std::vector<std::array<float, 2 * kEnvs>> rows;
  std::vector<std::array<double, kEnvs>> rewards;
  std::vector<std::array<uint8_t, kEnvs>> ends;
  std::vector<uint8_t> cut, skip;
};

const ObservationSpace kPair = ObservationSpace::real({2});

DqnConfig dqn_config() {
  DqnConfig config;
  config.shape = {.observation = kPair, .actions = 2, .env_count = kEnvs};
  config.network.hidden_sizes = {8};
  config.network.normalize_observations = true;
  config.agent.normalize_rewards = true;
  config.agent.batch_size = 4;
  config.target = {.tau = 0.1, .sync_every_updates = 1};
  config.replay.capacity = 256;
  return config;
}

PqnSettings pqn_settings() {
  const DqnConfig dqn = dqn_config();
  PqnSettings settings;
  settings.shape = dqn.shape;
  settings.network = dqn.network;
  settings.agent = dqn.agent;
  settings.pqn = {.rollout_steps = 4, .minibatches = 2};
  return settings;
}

// Goes through the steps from `first` on, up to `last`.
void play(Algorithm& algorithm, const Steps& steps, size_t first, size_t last) {
  NoListener listener;
  for (size_t t = first; t < last; ++t) {
    std::array<int64_t, kEnvs> actions{};
    const auto at = static_cast<int64_t>(t) * kEnvs;
    algorithm.act(steps.rows[t], {.env_steps = at, .env_steps_before = std::max<int64_t>(0, at - kEnvs)}, actions);
    const Progress now{.env_steps = at + kEnvs, .env_steps_before = at};
    algorithm.observe({.actions = actions,
                       .rewards = steps.rewards[t],
                       .terminated = steps.ends[t],
                       .truncated = std::span(steps.cut).subspan(t * kEnvs, kEnvs),
                       .next_observations = steps.rows[(t + 1) % steps.rows.size()],
                       .skipped = std::span(steps.skip).subspan(t * kEnvs, kEnvs)},
                      now);
    algorithm.update(now, listener);
  }
}

std::vector<double> saved(Algorithm& algorithm, const std::string& name) {
  Archive archive;
  algorithm.serialize(archive);
  const TensorView& tensor = archive.tensors().at(name);
  std::vector<double> numbers;
  for (size_t i = 0; i < tensor.bytes.size() / (tensor.dtype == Dtype::kF32 ? 4 : 8); ++i) {
    float single = 0;
    double number = 0;
    if (tensor.dtype == Dtype::kF32)
      std::memcpy(&single, &tensor.bytes[4 * i], 4), number = single;
    else
      std::memcpy(&number, &tensor.bytes[8 * i], 8);
    numbers.push_back(number);
  }
  return numbers;
}

void expect_statistics(Algorithm& algorithm, const Steps& steps, size_t count,
                       const std::vector<std::string>& networks) {
  std::vector<double> mean(2), square(2);
  double n = 0;
  for (size_t t = 0; t < count; ++t)
    for (size_t env = 0; env < kEnvs; ++env) n += steps.skip[t * kEnvs + env] == 0;
  const auto over_all = [&](const auto& visit) {
    for (size_t t = 0; t < count; ++t)
      for (size_t env = 0; env < kEnvs; ++env)
        for (size_t i = 0; i < 2; ++i)
          if (!steps.skip[t * kEnvs + env]) visit(i, double{steps.rows[t][2 * env + i]});
  };
  over_all([&](size_t i, double x) { mean[i] += x / n; });
  over_all([&](size_t i, double x) { square[i] += (x - mean[i]) * (x - mean[i]) / n; });
  for (const std::string& network : networks)
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_NEAR(saved(algorithm, network + "/observations/mean")[i], mean[i], 1e-6 * std::abs(mean[i]));
      EXPECT_NEAR(saved(algorithm, network + "/observations/scale")[i], 1 / std::sqrt(square[i] + 1e-8), 1e-6);
    }
}

TEST(Normalizers, OneSetCountsTheStepsOfAllCopies) {
  Steps steps;
  for (size_t i = 0; i < steps.skip.size(); i += 7) steps.skip[i] = 1;
  Dqn dqn(dqn_config());
  play(dqn, steps, 0, 40);
  expect_statistics(dqn, steps, 40, {"online", "target"});
  std::ranges::fill(steps.skip, 0);
  Pqn pqn(pqn_settings());
  play(pqn, steps, 0, 42);
  expect_statistics(pqn, steps, 42, {"online"});
}

// What acts without learning, as evaluations do, leaves them alone.
TEST(Normalizers, ValuesThatAreAskedForChangeNothing) {
  const Steps steps;
  Dqn dqn(dqn_config());
  play(dqn, steps, 0, 20);
  const std::vector<double> count = saved(dqn, "observation_statistics/mean"),
                            mean = saved(dqn, "online/observations/mean");
  for (const auto& rows : steps.rows) dqn.value_function().values(rows);
  EXPECT_EQ(saved(dqn, "observation_statistics/mean"), count);
  EXPECT_EQ(saved(dqn, "online/observations/mean"), mean);
}

// R <- gamma R + r, 0 after an end, of each environment; counted in before it is set back.
double deviation_of_returns(const Steps& steps, size_t count, const AgentConfig& agent) {
  std::vector<double> all;
  std::array<double, kEnvs> open{};
  for (size_t t = 0; t < count; ++t)
    for (size_t env = 0; env < kEnvs; ++env) {
      const size_t at = t * kEnvs + env;
      if (steps.skip[at]) continue;
      open[env] = agent.gamma * open[env] + agent.training_reward(steps.rewards[t][env]);
      all.push_back(open[env]);
      if (steps.ends[t][env] || steps.cut[at]) open[env] = 0;
    }
  double mean = 0, square = 0;
  for (const double one : all) mean += one / static_cast<double>(all.size());
  for (const double one : all) square += (one - mean) * (one - mean) / static_cast<double>(all.size());
  return std::sqrt(square + 1e-8);
}

TEST(RewardNormalizer, DividesByTheDeviationOfDiscountedReturns) {
  Steps steps;
  for (size_t i = 0; i < steps.skip.size(); i += 7) steps.skip[i] = 1, steps.cut[(i + 3) % steps.cut.size()] = 1;
  AgentConfig agent;
  agent.gamma = 0.9;
  agent.reward_clip = 4;
  agent.normalized_reward_clip = 0.5;
  RewardNormalizer normalizer(kEnvs, agent);
  std::vector<float> before{1, -2};
  normalizer.normalize(before);
  EXPECT_EQ(before, (std::vector<float>{1, -2})) << "nothing is known yet";
  const std::array<int64_t, kEnvs> actions{};
  for (size_t t = 0; t < 60; ++t)
    normalizer.observe({.actions = actions,
                        .rewards = steps.rewards[t],
                        .terminated = steps.ends[t],
                        .truncated = std::span(steps.cut).subspan(t * kEnvs, kEnvs),
                        .next_observations = {},
                        .skipped = std::span(steps.skip).subspan(t * kEnvs, kEnvs)});
  const double deviation = deviation_of_returns(steps, 60, agent);
  std::vector<float> rewards{0, 1, -0.5f, 100, -100};
  normalizer.normalize(rewards);
  EXPECT_NEAR(rewards[1], 1 / deviation, 1e-6);
  EXPECT_NEAR(rewards[2], -0.5 / deviation, 1e-6);
  EXPECT_EQ(rewards[0], 0);
  EXPECT_EQ(rewards[3], 0.5f);
  EXPECT_EQ(rewards[4], -0.5f);
}

// Rewards a million times as large are the same to what learns; their scale is that of now, so that old ones follow.
TEST(Normalizers, TheScaleOfRewardsIsForgotten) {
  Steps steps, large;
  for (auto& row : large.rewards)
    for (double& reward : row) reward *= 0x1p20;
  for (const bool pqn : {false, true}) {
    const auto learnt = [&](const Steps& given) {
      std::unique_ptr<Algorithm> algorithm;
      if (pqn)
        algorithm = std::make_unique<Pqn>(pqn_settings());
      else
        algorithm = std::make_unique<Dqn>(dqn_config());
      play(*algorithm, given, 0, 60);
      const auto q = algorithm->q_values(std::vector<float>{20, 50});
      return std::vector<double>(q.begin(), q.end());
    };
    const std::vector<double> small = learnt(steps), of_large = learnt(large);
    for (size_t a = 0; a < 2; ++a) EXPECT_NEAR(small[a], of_large[a], 1e-4) << pqn;
  }
}

TEST(Normalizers, LearningGoesOnAsTheUnbrokenOneFromEveryStep) {
  const Steps steps;
  const auto make = [](bool pqn) -> std::unique_ptr<Algorithm> {
    if (pqn) return std::make_unique<Pqn>(pqn_settings());
    return std::make_unique<Dqn>(dqn_config());
  };
  for (const bool pqn : {false, true}) {
    const auto whole = make(pqn);
    play(*whole, steps, 0, 60);
    for (size_t at = 1; at < 60; at += 3) {
      const auto first = make(pqn), second = make(pqn);
      play(*first, steps, 0, at);
      Archive archive;
      first->serialize(archive);
      Archive loading(archive.tensors());
      second->serialize(loading);
      play(*second, steps, at, 60);
      EXPECT_EQ(second->weights_sha256(), whole->weights_sha256()) << at;
      EXPECT_EQ(saved(*second, "reward_statistics/squares"), saved(*whole, "reward_statistics/squares")) << at;
    }
  }
}

// Off they leave no trace: not in files, not in the parameters.
TEST(Normalizers, OffAreNotThere) {
  DqnConfig config = dqn_config();
  config.network.normalize_observations = config.agent.normalize_rewards = false;
  Dqn dqn(config);
  play(dqn, Steps(), 0, 20);
  Archive archive;
  dqn.serialize(archive);
  for (const auto& [name, tensor] : archive.tensors()) {
    EXPECT_EQ(name.find("statistics"), name.npos) << name;
    EXPECT_EQ(name.find("observations/scale"), name.npos) << name;
  }
}

}  // namespace
}  // namespace deepq
