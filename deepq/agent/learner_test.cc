#include "deepq/agent/learner.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "deepq/core/error.h"
#include "deepq/nn/layout.h"
#include "tests/closeness.h"
#include "tests/golden.h"

namespace deepq {
namespace {

using test::all_close;

// Ten whole updates as stored by tools/golden/update.py or tools/golden/variants.py.
struct Case {
  std::string name;
  int64_t input;
  ActionSpace actions;
  NetworkConfig network;
  AgentConfig agent;
  TargetConfig target;
  double tolerance = 2e-6;  // of parameters
  int64_t demonstrated = 0;
};

NetworkConfig hidden(std::vector<int64_t> sizes) {
  NetworkConfig network;
  network.hidden_sizes = std::move(sizes);
  return network;
}

std::vector<Case> plain_cases() {
  AgentConfig chapter;
  AgentConfig soft;
  soft.batch_size = 32;
  soft.loss = Loss::kHuber;
  soft.optimizer.kind = OptimizerKind::kRmsProp;
  soft.optimizer.rmsprop_decay = 0.99;
  soft.optimizer.max_grad_norm = 0.1;
  AgentConfig twice;
  twice.batch_size = 16;
  twice.double_q = true;
  twice.optimizer.learning_rate = 1e-2;
  return {{"chapter", 4, 2, hidden({64, 64}), chapter, {.sync_every_updates = 3}},
          {"soft_huber_clip", 6, 3, hidden({32, 16}), soft, {.tau = 0.05, .sync_every_updates = 1}},
          {"double", 5, 4, hidden({24, 24}), twice, {.sync_every_updates = 4}}};
}

Case variant(const std::string& name) {
  Case c{name, 5, 3, hidden({24, 16}), {}, {.sync_every_updates = 4}};
  c.agent.batch_size = 16;
  c.agent.value.atoms = 11;
  c.agent.value.v_min = -2;
  c.agent.value.v_max = 2;
  c.agent.value.quantiles = 7;
  c.agent.value.samples = 5;
  c.agent.value.target_samples = 6;
  c.agent.value.action_samples = 8;
  const auto has = [&](const char* part) { return name.find(part) != std::string::npos; };
  const bool rainbow = name == "rainbow";
  c.agent.double_q = has("double") || rainbow;
  c.network.dueling = has("dueling") || rainbow;
  c.network.noisy = has("noisy") || rainbow;
  c.network.layer_norm = has("layer_norm");
  c.agent.munchausen = has("munchausen");
  if (has("c51") || rainbow) c.agent.value.representation = Representation::kCategorical;
  if (has("qr")) c.agent.value.representation = Representation::kQuantile;
  if (has("iqn")) c.agent.value.representation = Representation::kImplicit;
  if (name == "double" || name == "dueling_qr_double") c.agent.optimizer.learning_rate = 1e-2;
  if (name == "per" || name == "munchausen") c.agent.loss = Loss::kHuber;
  if (has("radam")) c.agent.optimizer.kind = OptimizerKind::kRAdam;
  if (has("radam")) c.agent.optimizer.max_grad_norm = 0.5;
  if (rainbow) c.agent.optimizer.max_grad_norm = 0.1;
  if (has("margin")) c.demonstrated = 6;
  c.agent.margin = 0.1, c.agent.margin_weight = 0.7;
  if (has("cql")) c.agent.cql_alpha = 0.5;
  if (name == "cql") c.agent.loss = Loss::kHuber;
  if (name == "cql_dueling_qr_double") c.agent.optimizer.learning_rate = 1e-2;
  // Adam enlarges the rounding of gradients near 0; the wrong rules tried move parameters by 3e-5 or more.
  if (has("munchausen") || has("layer_norm") || name == "iqn") c.tolerance = 5e-6;
  return c;
}

std::vector<Case> variant_cases() {
  std::vector<Case> cases;
  for (const char* name : {"double",
                           "dueling",
                           "per",
                           "nstep",
                           "noisy",
                           "c51",
                           "qr",
                           "iqn",
                           "munchausen",
                           "layer_norm",
                           "radam",
                           "rainbow",
                           "dueling_qr_double",
                           "dueling_iqn_munchausen",
                           "noisy_qr",
                           "noisy_iqn_double",
                           "munchausen_c51",
                           "munchausen_qr",
                           "margin",
                           "cql",
                           "margin_per_nstep_c51",
                           "cql_dueling_qr_double",
                           "margin_cql_iqn"})
    cases.push_back(variant(name));
  return cases;
}

std::vector<Case> branch_cases() {
  std::vector<Case> cases;
  for (const char* name : {"branches", "branches_double", "branches_dueling_noisy", "branches_all"}) {
    const bool all = name == std::string_view("branches_all");
    Case c = variant(name);
    c.actions = ActionSpace({3, 4, 2});
    c.network.dueling = c.network.dueling || all;
    c.agent.double_q = c.agent.double_q || all;
    if (c.agent.double_q && !all) c.agent.optimizer.learning_rate = 1e-2;
    if (all) c.agent.loss = Loss::kHuber;
    if (all) c.agent.optimizer.max_grad_norm = 0.1;
    cases.push_back(c);
  }
  return cases;
}

// "online/0/weight" -> PREFIX.0.weight
std::string golden_key(const std::string& prefix, const std::string& tensor) {
  std::string key = prefix + tensor.substr(tensor.find('/'));
  std::replace(key.begin(), key.end(), '/', '.');
  return key;
}

bool of_network(const std::string& tensor, const std::string& network) { return tensor.starts_with(network + "/"); }

void load_initial(Learner& learner, const test::Golden& golden, const Case& c) {
  Archive saved;
  learner.serialize(saved);
  TensorMap tensors = saved.tensors();
  for (auto& [name, tensor] : tensors)
    if (of_network(name, "online") || of_network(name, "target"))
      tensor = golden.tensors().at(golden_key(c.name + ".initial", name));
  Archive archive(tensors);
  learner.serialize(archive);
}

void fill_batch(Learner& learner, const test::Golden& golden, const std::string& key, int64_t input) {
  const BatchBuffers to = learner.batch();
  const auto rows = to.actions.size();
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < static_cast<size_t>(input); ++c) {
      const size_t at = r * static_cast<size_t>(to.observations.stride) + c;
      to.observations.data[at] = golden.floats(key + ".observations")[r * static_cast<size_t>(input) + c];
      to.next_observations.data[at] = golden.floats(key + ".next_observations")[r * static_cast<size_t>(input) + c];
    }
    to.actions[r] = golden.ints(key + ".actions")[r];
    to.rewards[r] = golden.floats(key + ".rewards")[r];
    to.discounts[r] = golden.floats(key + ".discounts")[r];
  }
  if (golden.contains(key + ".weights")) std::ranges::copy(golden.floats(key + ".weights"), learner.weights().begin());
}

void expect_network(Learner& learner, const test::Golden& golden, const std::string& prefix, const std::string& network,
                    double tolerance) {
  Archive archive;
  learner.serialize(archive);
  for (const auto& [name, tensor] : archive.tensors()) {
    if (!of_network(name, network)) continue;
    const std::span<const float> actual(reinterpret_cast<const float*>(tensor.bytes.data()), tensor.bytes.size() / 4);
    EXPECT_TRUE(all_close(actual, golden.floats(golden_key(prefix, name)), tolerance)) << prefix << " " << name;
  }
}

void expect_ten_updates(const test::Golden& golden, Case c, Engine engine) {
  c.network.engine = engine;
  const std::string seed = c.name + ".noise_seed";
  Random random(1);
  Learner learner({ObservationSpace::real({c.input}), c.actions, 1}, c.network, c.agent, c.target, random);
  load_initial(learner, golden, c);
  learner.noise() = Random(golden.contains(seed) ? static_cast<uint64_t>(golden.longs(seed)[0]) : 0);
  const auto near = [](double actual, double expected, const std::string& what) {
    EXPECT_NEAR(actual, expected, 1e-5 * std::max(1.0, std::abs(expected))) << what;
  };
  for (int64_t u = 0; u < 10; ++u) {
    const std::string key = c.name + "." + std::to_string(u);
    fill_batch(learner, golden, key, c.input);
    const LearnStats stats = learner.update(c.agent.optimizer.learning_rate, c.demonstrated);
    near(stats.loss, golden.floats(key + ".loss")[0], key + " loss");
    near(stats.mean_q, golden.floats(key + ".mean_q")[0], key + " mean_q");
    near(stats.grad_norm, golden.floats(key + ".grad_norm")[0], key + " grad_norm");
    if (golden.contains(key + ".errors")) {
      EXPECT_TRUE(all_close(learner.errors(), golden.floats(key + ".errors"))) << key << " errors";
    }
    if (learner.updates() % c.target.sync_every_updates == 0) learner.sync_target();
    if (u == 0 || u == 4 || u == 9) expect_network(learner, golden, key + ".online", "online", c.tolerance);
  }
  expect_network(learner, golden, c.name + ".9.target", "target", c.tolerance);
}

class LearnerTest : public ::testing::TestWithParam<Engine> {};

TEST_P(LearnerTest, TenWholeUpdatesEqualPyTorch) {
  const test::Golden golden("update.safetensors");
  for (const Case& c : plain_cases()) expect_ten_updates(golden, c, GetParam());
}

TEST_P(LearnerTest, TenWholeUpdatesOfEveryVariantEqualPyTorch) {
  const test::Golden golden("variants.safetensors");
  for (const Case& c : variant_cases()) expect_ten_updates(golden, c, GetParam());
}

// Of tools/golden/branches.py.
TEST_P(LearnerTest, TenWholeUpdatesOfBranchesEqualPyTorch) {
  const test::Golden golden("branches.safetensors");
  for (const Case& c : branch_cases()) expect_ten_updates(golden, c, GetParam());
}

// Of tools/golden/recurrent.py: sequences of which some have no burn-in, some end early, truly or not.
struct MemoryCase {
  std::string name;
  Memory kind;
  bool rich = false;  // double, dueling, rescaled values, weights, gradients that are clipped
  bool double_q = false;
  int64_t n_step = 1;
};

void expect_ten_updates_of_sequences(const test::Golden& golden, const MemoryCase& c, Engine engine) {
  constexpr int64_t kBurnIn = 3, kLength = 6, kSequences = 4, kInputs = 4, kUnits = 12;
  NetworkConfig network = hidden({9, 8});
  network.engine = engine;
  network.recurrent = c.kind;
  network.recurrent_size = kUnits;
  network.dueling = c.rich;
  AgentConfig agent;
  agent.batch_size = kSequences;
  agent.double_q = c.double_q || c.rich;
  agent.value.rescale = c.rich;
  agent.optimizer.learning_rate = c.rich ? 2e-2 : 5e-3;
  if (c.rich) agent.optimizer.max_grad_norm = 0.05;
  const int64_t steps = kBurnIn + kLength + c.n_step;
  const double tolerance = c.rich ? 5e-6 : 2e-6;  // ten steps of 2e-2
  Random random(1);
  Learner learner({ObservationSpace::real({kInputs}), 3, 1, steps, kLength}, network, agent, {}, random);
  load_initial(learner, golden, Case{c.name, kInputs, 3, network, agent, {}});
  const auto near = [](double actual, double expected, const std::string& what) {
    EXPECT_NEAR(actual, expected, 1e-5 * std::max(1.0, std::abs(expected))) << what;
  };
  for (int64_t u = 0; u < 10; ++u) {
    const std::string key = c.name + "." + std::to_string(u);
    const SequenceBuffers to = learner.sequences();
    const auto fill = [&](const auto& from, const char* name) {
      std::ranges::copy(golden.longs(key + "." + name), from.begin());
    };
    for (int64_t r = 0; r < steps * kSequences; ++r)
      std::copy_n(golden.floats(key + ".observations").data() + r * kInputs, kInputs,
                  to.observations.data + r * to.observations.stride);
    fill(to.learnt_from, "burn_in"), fill(to.rows, "rows"), fill(to.next_rows, "next_rows");
    fill(to.of_sequence, "of_sequence"), fill(to.actions, "actions");
    std::ranges::copy(golden.floats(key + ".before"), to.before.begin());
    std::ranges::copy(golden.floats(key + ".rewards"), to.rewards.begin());
    std::ranges::copy(golden.floats(key + ".discounts"), to.discounts.begin());
    std::ranges::copy(golden.floats(key + ".weights"), learner.weights().begin());
    learner.set_learnt_steps(static_cast<int64_t>(golden.longs(key + ".rows").size()));
    const LearnStats stats = learner.update(agent.optimizer.learning_rate);
    near(stats.loss, golden.floats(key + ".loss")[0], key + " loss");
    near(stats.mean_q, golden.floats(key + ".mean_q")[0], key + " mean_q");
    near(stats.grad_norm, golden.floats(key + ".grad_norm")[0], key + " grad_norm");
    EXPECT_TRUE(all_close(learner.errors(), golden.floats(key + ".errors"))) << key;
    std::array<float, kSequences> priorities{};
    mix_errors(learner.errors(), learner.of_sequence(), 0.9, priorities);
    EXPECT_TRUE(all_close(priorities, golden.floats(key + ".priorities"))) << key;
    if (learner.updates() % 4 == 0) learner.sync_target();
    if (u == 0 || u == 4 || u == 9) expect_network(learner, golden, key + ".online", "online", tolerance);
  }
  expect_network(learner, golden, c.name + ".9.target", "target", tolerance);
}

TEST_P(LearnerTest, TenWholeUpdatesOfSequencesEqualPyTorch) {
  const test::Golden golden("recurrent_updates.safetensors");
  for (const MemoryCase& c : {MemoryCase{"gru", Memory::kGru}, MemoryCase{"lstm", Memory::kLstm},
                              MemoryCase{"gru_double_nstep", Memory::kGru, false, true, 3},
                              MemoryCase{"lstm_r2d2", Memory::kLstm, true, true, 5}})
    expect_ten_updates_of_sequences(golden, c, GetParam());
}

// A linear network whose values are its biases, for axes of two and three choices of which it is said what is legal.
Learner of_biases(const std::array<float, 5>& values, const AgentConfig& agent, Engine engine) {
  Random random(1);
  NetworkConfig network = hidden({});
  network.engine = engine;
  Learner learner({ObservationSpace::real({1}).with_legal_actions(5), ActionSpace({2, 3}), 1}, network, agent, {},
                  random);
  Archive saved;
  learner.serialize(saved);
  TensorMap tensors = saved.tensors();
  const std::vector<std::byte> zeros(tensors.at("online/0/weight").bytes.size());
  for (const std::string copy : {"online", "target"}) {
    tensors.at(copy + "/0/weight").bytes = zeros;
    tensors.at(copy + "/0/bias").bytes = std::as_bytes(std::span(values));
  }
  Archive loaded(tensors);
  learner.serialize(loaded);
  return learner;
}

TEST_P(LearnerTest, TargetsOfAxesAreOfTheLegalOfEach) {
  AgentConfig agent;
  agent.batch_size = 2;
  Learner learner = of_biases({1, 2, 7, 5, 3}, agent, GetParam());
  const BatchBuffers batch = learner.batch();
  batch.observations.data[0] = batch.next_observations.data[0] = 0;
  batch.observations.legal[0] = batch.observations.legal[1] = 0b11111;
  batch.next_observations.legal[0] = 0b10001;  // worth (1 + 3) / 2
  batch.next_observations.legal[1] = 0b11111;  // worth (2 + 7) / 2
  for (size_t row = 0; row < 2; ++row) {
    batch.actions[row] = 2;  // worth 1 and 3
    batch.rewards[row] = 0;
    batch.discounts[row] = 1;
  }
  learner.update(0);
  EXPECT_TRUE(all_close(learner.errors(), std::array{1.0f, 2.5f}));
}

// Chosen are values 1 and 5, rewards are 3 and nothing follows: TD errors of 2 on both axes. The 7 is illegal.
TEST_P(LearnerTest, LossesOfActionsAreOfTheLegalOfEachAxis) {
  const auto loss = [](double margin_weight, double cql_alpha) {
    AgentConfig agent;
    agent.batch_size = 1;
    agent.margin = 0.5;
    agent.margin_weight = margin_weight;
    agent.cql_alpha = cql_alpha;
    Learner learner = of_biases({1, 2, 7, 5, 3}, agent, GetParam());
    const BatchBuffers batch = learner.batch();
    batch.observations.data[0] = batch.next_observations.data[0] = 0;
    batch.observations.legal[0] = batch.next_observations.legal[0] = 0b11011;
    batch.actions[0] = 1;
    batch.rewards[0] = 3;
    batch.discounts[0] = 0;
    return learner.update(0, 1).loss;
  };
  EXPECT_NEAR(loss(0, 0), 4, 1e-6);
  EXPECT_NEAR(loss(2, 0), 4 + 2 * (1.5 + 0) / 2, 1e-6);
  const double first = std::log(std::exp(1) + std::exp(2)) - 1, second = std::log(std::exp(5) + std::exp(3)) - 5;
  EXPECT_NEAR(loss(0, 3), 4 + 3 * (first + second) / 2, 1e-5);
}

TEST_P(LearnerTest, TheNetworksStartEqual) {
  Random random(1);
  NetworkConfig network = hidden({8});
  network.engine = GetParam();
  Learner learner({ObservationSpace::real({3}), 2, 1}, network, {}, {}, random);
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

// However small the fraction is.
TEST_P(LearnerTest, TheTargetMovesByTau) {
  NetworkConfig network = hidden({8});
  network.engine = GetParam();
  for (const double tau : {1e-4, 0.003, 0.05, 0.5, 1.0}) {
    Random random(1);
    Learner learner({ObservationSpace::real({3}), 2, 1}, network, {}, {.tau = tau}, random);
    Archive saved;
    learner.serialize(saved);
    TensorMap tensors = saved.tensors();
    const std::vector<std::byte> zeros(tensors.at("target/0/weight").bytes.size());
    tensors.at("target/0/weight").bytes = zeros;
    Archive loaded(tensors);
    learner.serialize(loaded);
    learner.sync_target();
    const std::span online = learner.network().parameters(), target = learner.target_network().parameters();
    double moved = 0, whole = 0;
    const auto weights = static_cast<size_t>(learner.network().layout().tensors[0].size());
    for (size_t i = 0; i < weights; ++i) moved += std::abs(target[i]), whole += std::abs(online[i]);
    EXPECT_NEAR(moved / whole, tau, 1e-5 * tau);
  }
}

TEST_P(LearnerTest, ANaNIsRefusedAndChangesNothing) {
  Random random(1);
  AgentConfig agent;
  agent.batch_size = 4;
  for (const bool at_end : {false, true}) {
    NetworkConfig network = hidden({32});
    network.engine = GetParam();
    Learner learner({ObservationSpace::real({2}), 2, 1}, network, agent, {}, random);
    const std::string before = learner.weights_sha256();
    const BatchBuffers batch = learner.batch();
    std::fill(batch.rewards.begin(), batch.rewards.end(), 1.0f);
    std::fill(batch.discounts.begin(), batch.discounts.end(), at_end ? 0.0f : 0.9f);
    batch.observations.data[0] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_THROW(learner.update(1e-3), Error);
    EXPECT_EQ(learner.weights_sha256(), before);
    EXPECT_EQ(learner.updates(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, LearnerTest, ::testing::Values(Engine::kAuto, Engine::kPlain),
                         [](const auto& engine) { return engine.param == Engine::kAuto ? "auto" : "plain"; });

}  // namespace
}  // namespace deepq
