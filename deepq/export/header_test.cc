#include "deepq/export/header.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <sstream>

#include "deepq/export/onnx.h"
#include "deepq/export/torch_weights.h"
#include "deepq/nn/layout.h"
#include "deepq/train/run.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;
using test::TemporaryFolder;

Policy trained(std::vector<std::string> settings, RunConfig config = {}, const EnvFactory& env = {}) {
  settings.insert(settings.end(), {"train.env_steps=100", "eval.final_episodes=0", "agent.batch_size=8"});
  for (const std::string& setting : settings) set_field(config, setting);
  const TemporaryFolder folder;
  start_run(config, {.folder = folder / "run"}, env);
  return Policy::load(folder / "run");
}

TEST(Header, EveryWeightReadsBackAsItIs) {
  const Policy agent = trained({"network.hidden_sizes=[7]"});
  const std::string header = to_header(agent);
  for (const ParameterTensor& t : agent.network()->layout().tensors) {
    if (t.name != "0/bias" && t.name != "1/bias") continue;  // those of the weights are transposed
    const std::string begin =
        "inline const float bias_" + t.name.substr(0, 1) + "[" + std::to_string(t.size()) + "] = {";
    const size_t at = header.find(begin);
    ASSERT_NE(at, std::string::npos) << begin;
    std::istringstream numbers(header.substr(at + begin.size()));
    for (int64_t i = 0; i < t.size(); ++i) {
      std::string number;
      numbers >> number;
      ASSERT_TRUE(number.ends_with("f,") || number.ends_with("f,};")) << number;
      EXPECT_EQ(std::strtof(number.c_str(), nullptr), agent.network()->parameters()[static_cast<size_t>(t.begin + i)]);
    }
  }
}

// Three states called 20 ... 22, two actions called 7 and 8.
struct CountsFromElsewhere : Env {
  const EnvSpec& spec() const override { return own; }
  std::span<const float> reset(std::optional<uint64_t>) override { return observation; }
  Step step(int64_t action) override {
    observation[0] = static_cast<float>(1 + action);
    return {.observation = observation, .reward = 1, .terminated = false, .truncated = false};
  }
  EnvSpec own{.id = "Elsewhere-v0",
              .observation_space = ObservationSpace::discrete(3, 20),
              .action_count = 2,
              .max_episode_steps = 10,
              .action_start = 7};
  std::array<float, 1> observation{};
};

// As the environment counts them: in the agent, and in every file made of it.
TEST(Header, ActionsAndStatesKeepTheirNumbers) {
  const Policy agent = trained({}, {}, [] { return std::make_unique<CountsFromElsewhere>(); });
  EXPECT_EQ(agent.action_start(), 7);
  EXPECT_EQ(agent.observation_space().leaf().start, 20);
  const std::string header = to_header(agent);
  for (const char* line :
       {"\nconstexpr int kFirstAction = 7;\n", "\nconstexpr int kActionCount = 2;\n",
        "\nconstexpr int kObservationSize = 1;\n", "one_hot(20, 3, observation, s0);\n", "//   action_start: 7\n"})
    EXPECT_NE(header.find(line), std::string::npos) << line << " is not in\n" << header;
  EXPECT_NE(to_onnx(agent).find("action_start\x12\x01"
                                "7"),
            std::string::npos);
  EXPECT_NE(to_safetensors(agent).find("\"action_start\":\"7\""), std::string::npos);
}

TEST(Header, NamesCannotLeaveTheirComment) {
  RunConfig config;
  config.preset = "a\nint b;\\";
  EXPECT_NE(to_header(trained({}, config)).find("//   preset: a?int b;?\n"), std::string::npos);
}

TEST(Header, AgentsThatChooseAmongLegalActionsAskForThem) {
  const Policy agent = trained({"env.id=TicTacToe-v0"});
  const std::string header = to_header(agent), onnx = to_onnx(agent);
  EXPECT_NE(header.find("inline int act(const Number* observation, const Flag* legal) {"), std::string::npos);
  EXPECT_EQ(header.find("act(const Number* observation) {"), std::string::npos);
  EXPECT_NE(header.find("//   legal_actions: 9\n"), std::string::npos);
  EXPECT_NE(onnx.find("action_mask"), std::string::npos);
  EXPECT_EQ(to_onnx(trained({})).find("action_mask"), std::string::npos);
  EXPECT_NE(to_safetensors(agent).find("\"legal_actions\":\"9\""), std::string::npos);
}

TEST(Header, TablesAreRefusedByAll) {
  const Policy agent = trained({"env.id=FrozenLake-v1", "agent.algorithm=q_learning"});
  const std::string wanted =
      "the agent learnt a table (agent.algorithm is q_learning), and only networks can be exported; allowed: dqn, pqn";
  EXPECT_EQ(error_of([&] { to_header(agent); }), wanted);
  EXPECT_EQ(error_of([&] { to_onnx(agent); }), wanted);
  EXPECT_EQ(error_of([&] { to_safetensors(agent); }), wanted);
}

}  // namespace
}  // namespace deepq
