// What acts by an exported file acts as the agent that was exported: ActingPolicy, and deepq::act, which is the same
// compiled for size and without what learns (deepq/act).
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <limits>
#include <utility>

#include "deepq/act/act.h"
#include "deepq/agent/acting_policy.h"
#include "deepq/agent/value.h"
#include "deepq/core/archive.h"
#include "deepq/export/torch_weights.h"
#include "deepq/nn/layout.h"
#include "tests/damaged_files.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

struct Kind {
  std::string name;
  ObservationSpace space;
  std::vector<std::string> settings;
  ActionSpace actions = 3;
};

std::vector<Kind> kinds() {
  const ObservationSpace four = ObservationSpace::real({4}), picture = ObservationSpace::frames({4, 20, 18});
  const ObservationSpace several({{.kind = ObservationKind::kBytes, .shape = {9, 10, 3}, .name = "image"},
                                  {.shape = {2}, .name = "arm"},
                                  {.kind = ObservationKind::kDiscrete, .shape = {1}, .count = 4, .name = "way"},
                                  {.shape = {2, 8, 11}, .name = "depth", .channels_first = true}});
  const auto convolutions = [](std::vector<std::string> more) {
    for (const char* setting : {"network.conv_channels=[5, 6]", "network.conv_kernels=[4, 3]",
                                "network.conv_strides=[2, 1]", "network.input_divisor=255"})
      more.emplace_back(setting);
    return more;
  };
  return {
      {"mlp", four, {}},
      {"linear", four, {"network.hidden_sizes=[]"}},
      {"plain", four, {"network.engine=plain"}},
      {"normalized", four, {"network.normalize_observations=true", "network.noisy=true", "network.observation_clip=1"}},
      {"several_normalized", several, {"network.normalize_observations=true", "network.dueling=true"}},
      {"several_pictures_normalized", several, convolutions({"network.normalize_observations=true"})},
      {"dueling", four, {"network.dueling=true", "network.hidden_sizes=[19]"}},
      {"noisy", four, {"network.noisy=true", "network.layer_norm=true", "network.dueling=true"}},
      {"categorical",
       four,
       {"value.representation=categorical", "value.v_min=-3", "network.noisy=true", "network.dueling=true"}},
      {"quantile", four, {"value.representation=quantile", "value.quantiles=7"}},
      {"implicit", four, {"value.representation=implicit", "value.action_samples=5"}},
      {"discrete", ObservationSpace::discrete(9, 4), {"network.hidden_sizes=[8]"}},
      {"bytes", ObservationSpace::bytes({6, 7, 3}), {"network.input_divisor=255"}},
      {"pixels", picture, convolutions({})},
      {"pixels_of_numbers", ObservationSpace::real({9, 10, 3}), convolutions({"network.dueling=true"})},
      {"pixels_implicit", picture, convolutions({"value.representation=implicit", "network.noisy=true"})},
      {"legal", four.with_legal_actions(3), {}},
      {"axes", four, {"network.dueling=true"}, ActionSpace({2, 3, 4})},
      {"axes_legal", four.with_legal_actions(5), {}, ActionSpace({2, 3})},
      {"several", several, {"network.layer_norm=true"}},
      {"several_pictures", several, convolutions({"network.dueling=true"})},
      {"several_implicit", several, convolutions({"value.representation=implicit", "network.noisy=true"})},
      {"several_residual", several, {"network.encoder=residual", "network.conv_channels=[3, 5]"}},
      {"residual", picture, {"network.encoder=residual", "network.conv_channels=[3, 5]", "network.hidden_sizes=[12]"}}};
}

// With random weights.
Policy agent_of(const Kind& kind, Arithmetic arithmetic) {
  RunConfig config;
  config.network.arithmetic = arithmetic;
  for (const std::string& setting : kind.settings) set_field(config, setting);
  Network network(config.network, network_shape(config.agent.value, network_for(kind.space, kind.actions)), 1,
                  Trainable::kNo);
  Random random(5);
  network.initialize(random);
  if (const auto index = network.layout().input_mean) {
    std::vector<float> mean(static_cast<size_t>(network.layout().tensors[*index].size())), scale(mean.size());
    for (float& one : mean) one = static_cast<float>(random.uniform(-1, 1));
    for (float& one : scale) one = static_cast<float>(random.uniform(0.1, 4));
    network.set_input_statistics(mean, scale);
  }
  Archive saved;
  {
    const auto online = saved.scope("online");
    network.serialize(saved, network.parameters());
  }
  Archive loading(saved.tensors());
  Policy agent(config, kind.space, kind.actions);
  agent.serialize(loading);
  return agent;
}

// As users hand them over: floats, or of the space's own type.
template <class T>
std::vector<T> observation_of(const ObservationSpace& space, Random& random) {
  std::vector<T> numbers;
  for (const ObservationLeaf& leaf : space.seen())
    for (int64_t i = 0; i < leaf.size(); ++i) {
      const uint64_t count = leaf.count > 0 ? static_cast<uint64_t>(leaf.count) : leaf.holds_bytes() ? 256 : 0;
      numbers.push_back(static_cast<T>(count > 0 ? static_cast<double>(random.below(count)) : random.uniform(-2, 2)));
    }
  return numbers;
}

// Flags and their bits; of each axis the last choice is legal always.
std::pair<std::vector<uint8_t>, std::vector<uint64_t>> some_legal(const ActionSpace& actions, Random& random) {
  std::vector<uint8_t> flags;
  for (const int64_t size : actions.axes())
    for (int64_t choice = 0; choice < size; ++choice) flags.push_back(choice + 1 == size || random.below(3) == 0);
  std::vector<uint64_t> words(LegalActions::words_for(flags.size()));
  for (size_t i = 0; i < flags.size(); ++i)
    if (flags[i]) allow(words, i);
  return {flags, words};
}

template <class T>
void expect_same(Policy& agent, const std::string& file) {
  ActingPolicy acting(std::as_bytes(std::span(file)));
  Actor actor(file.data(), file.size());
  ASSERT_TRUE(actor.is_loaded()) << actor.error();
  EXPECT_EQ(actor.action_count(), agent.action_count());
  EXPECT_EQ(actor.observation_size(), agent.observation_size());
  ASSERT_EQ(actor.axis_count(), agent.actions().axis_count());
  for (size_t axis = 0; axis < actor.axis_count(); ++axis)
    EXPECT_EQ(actor.axis_size(axis), agent.actions().axes()[axis]);
  EXPECT_EQ(actor.axis_size(actor.axis_count()), 0);
  Random random(7);
  for (int i = 0; i < 20; ++i) {
    const std::vector<T> observation = observation_of<T>(agent.observation_space(), random);
    const std::span<const double> q = agent.q_values(observation);
    EXPECT_TRUE(std::ranges::equal(acting.q_values(observation), q));
    const double* const values = actor.q_values(observation.data(), observation.size());
    ASSERT_NE(values, nullptr) << actor.error();
    EXPECT_TRUE(std::equal(q.begin(), q.end(), values)) << q[0] << " is " << values[0];
    const auto [legal, words] = some_legal(agent.learnt(), random);
    const ObservationRows masked = ObservationRows(observation).where_legal(words, agent.learnt().values());
    EXPECT_EQ(acting.act(masked), agent.act(masked));
    EXPECT_EQ(actor.act(observation.data(), observation.size(), legal.data()), agent.act(masked));
    if (agent.observation_space().legal_actions() > 0) continue;
    EXPECT_EQ(acting.act(observation), agent.act(observation));
    EXPECT_EQ(actor.act(observation.data(), observation.size()), agent.act(observation));
  }
}

class Acting : public testing::TestWithParam<Kind> {};

TEST_P(Acting, AsTheAgentThatWasExportedBitForBit) {
  for (const Arithmetic arithmetic : {Arithmetic::kFast, Arithmetic::kStrict}) {
    if (arithmetic == Arithmetic::kStrict && GetParam().name == "plain") continue;  // refused together
    Policy agent = agent_of(GetParam(), arithmetic);
    const std::string file = to_safetensors(agent);
    expect_same<float>(agent, file);
    if (agent.observation_space().holds_bytes()) expect_same<uint8_t>(agent, file);
    if (agent.observation_space().states() > 0) expect_same<int64_t>(agent, file);
  }
}

// Whole files, and such with a length and a checksum that fit: an error text, or an agent that acts.
TEST_P(Acting, DamagedBytesGiveAnErrorText) {
  const std::string whole = to_safetensors(agent_of(GetParam(), Arithmetic::kStrict));
  Random random(11);
  int refused = 0;
  for (int i = 0; i < 60; ++i) {
    std::string file = test::mutated(whole, random);
    if (i % 2 == 1) {
      const uint64_t length = test::header_bytes(whole) - 8 + file.size() - whole.size();
      std::memcpy(file.data(), &length, 8);
      test::error_of([&] { add_checksum(file); });
    }
    Actor actor(file.data(), file.size());
    EXPECT_NE(actor.is_loaded(), actor.error()[0] != '\0');
    refused += !actor.is_loaded();
    if (!actor.is_loaded()) {
      EXPECT_EQ(actor.act(static_cast<const float*>(nullptr), 0), -1);
      EXPECT_EQ(test::error_of([&] { ActingPolicy{std::as_bytes(std::span(file))}; }), actor.error());
      continue;
    }
    std::vector<float> observation(static_cast<size_t>(actor.observation_size()));
    const std::vector<uint8_t> legal(static_cast<size_t>(actor.action_count()), 1);
    EXPECT_GE(actor.act(observation.data(), observation.size(), legal.data()), 0) << actor.error();
  }
  EXPECT_GT(refused, 30);
  for (size_t length = 0; length < whole.size(); length += 1 + whole.size() / 40)
    EXPECT_FALSE(Actor(whole.data(), length).is_loaded()) << length;
}

INSTANTIATE_TEST_SUITE_P(Every, Acting, testing::ValuesIn(kinds()), [](const auto& kind) { return kind.param.name; });

std::string changed(std::string file, const std::string& from, const std::string& to) {
  const size_t at = file.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  EXPECT_EQ(from.size(), to.size());
  file.replace(at, from.size(), to);
  test::error_of([&] { add_checksum(file); });
  return file;
}

TEST(Acting, SaysWhatIsWrongWithAFile) {
  const std::string file = to_safetensors(agent_of(kinds()[0], Arithmetic::kFast));
  const auto error_of = [](const std::string& bytes) { return std::string(Actor(bytes.data(), bytes.size()).error()); };
  EXPECT_EQ(error_of(""), "safetensors: the file is shorter than its length field");
  EXPECT_EQ(error_of(changed(file, "[64, 64]", "[64, 63]")),
            "the file holds 4675 weights; the network that it describes has 4607");
  EXPECT_EQ(error_of(changed(file, "body.0.bias", "body.9.bias")), "the file has no tensor 'body.0.bias'");
  EXPECT_EQ(error_of(changed(file, "\"F32\"", "\"I32\"")),
            "the file's tensor 'body.0.bias' has another type or shape than the network that it describes");
  EXPECT_EQ(error_of(changed(file, "acting_version\":\"1", "acting_version\":\"3")),
            "the file was written by a newer deepq (acting_version 3; this one reads 2)");
  EXPECT_EQ(error_of(changed(file, "crc32c", "crc32b")),
            "the file has no checksum; allowed: what `deepq export --safetensors` writes, from version 0.2 on");
  std::string flipped = file;
  flipped.back() ^= 1;
  EXPECT_EQ(error_of(flipped), "the file is damaged: its checksum does not fit");
}

TEST(Acting, SaysWhatIsWrongWithAnObservation) {
  const std::string file = to_safetensors(agent_of(kinds()[0], Arithmetic::kFast));
  Actor actor(file.data(), file.size());
  const std::array<float, 5> numbers{0, 1, 2, std::numeric_limits<float>::quiet_NaN(), 4};
  EXPECT_EQ(actor.act(numbers.data(), 5), -1);
  EXPECT_STREQ(actor.error(), "the observation has 5 numbers; the agent was trained on 4");
  EXPECT_EQ(actor.act(numbers.data(), 0), -1);
  EXPECT_EQ(actor.q_values(numbers.data(), 4), nullptr);
  EXPECT_STREQ(actor.error(), "observation[3] is nan; allowed: finite numbers");
  const std::array<uint8_t, 4> bytes{};
  EXPECT_EQ(actor.act(bytes.data(), 4), -1);
  EXPECT_STREQ(actor.error(), "the observations are of another type than the environment's; allowed: that, or floats");
  const std::array<float, 4> sound{};
  EXPECT_GE(actor.act(sound.data(), 4), 0);
  EXPECT_STREQ(actor.error(), "");
}

TEST(Acting, ChoosesAmongTheLegalOrSaysThatItCannot) {
  const Kind kind{"legal", ObservationSpace::real({4}).with_legal_actions(3), {}};
  const std::string file = to_safetensors(agent_of(kind, Arithmetic::kFast));
  Actor actor(file.data(), file.size());
  const std::array<float, 4> observation{};
  for (size_t only = 0; only < 3; ++only) {
    std::array<uint8_t, 3> legal{};
    legal[only] = 1;
    EXPECT_EQ(actor.act(observation.data(), 4, legal.data()), static_cast<int64_t>(only));
  }
  EXPECT_EQ(actor.act(observation.data(), 4), -1);
  EXPECT_STREQ(actor.error(), "the observations do not say which actions are legal, and the agent chooses among those");
  EXPECT_EQ(actor.act(observation.data(), 4, std::array<uint8_t, 3>{}.data()), -1);
  EXPECT_STREQ(actor.error(), "no action is legal in observation 0; allowed: one or more");
  EXPECT_NE(actor.q_values(observation.data(), 4), nullptr) << "values are of all actions";
}

TEST(Acting, AnActorMayBeEmptyAndMoves) {
  Actor empty;
  EXPECT_FALSE(empty.is_loaded());
  EXPECT_STREQ(empty.error(), "no agent is loaded");
  EXPECT_EQ(empty.act(static_cast<const float*>(nullptr), 0), -1);
  EXPECT_EQ(empty.observation_size(), 0);
  const std::string file = to_safetensors(agent_of(kinds()[0], Arithmetic::kFast));
  Actor actor(file.data(), file.size());
  empty = std::move(actor);
  EXPECT_TRUE(empty.is_loaded());
  EXPECT_FALSE(actor.is_loaded());
}

}  // namespace
}  // namespace deepq
