#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "deepq/config/run_config.h"
#include "deepq/core/error.h"
#include "tests/test_support.h"

namespace deepq {
namespace {

using test::error_of;

// Gives every field another allowed value, as awkward as its type permits.
class FieldChanger : public FieldVisitor {
 public:
  void section(std::string_view, std::string_view) override {}
  void flag(std::string_view, bool& value, std::string_view) override { value = !value; }
  void integer(std::string_view name, int64_t& value, Range allowed, std::string_view) override {
    if (name == "version") return;
    for (const int64_t step : {7, -7, 1}) {  // few have so small a range that neither of the first is in it
      if (!allowed.contains(static_cast<double>(value + step))) continue;
      value += step;
      break;
    }
    ASSERT_TRUE(allowed.contains(static_cast<double>(value))) << name;
  }
  void number(std::string_view name, double& value, Range allowed, std::string_view) override {
    const double upper = std::isinf(allowed.max) ? 1e-7 : allowed.max;
    value = upper * (1.0 / 3 + 0.01 * ++count_);
    ASSERT_TRUE(allowed.contains(value)) << name;
  }
  void text(std::string_view, std::string& value, std::string_view) override { value += "\" \\ \t\x01\x7f # = é [x]"; }
  void integers(std::string_view, std::vector<int64_t>& value, Range allowed, std::string_view) override {
    value = {1, static_cast<int64_t>(std::min(allowed.max, 0x1p53)), 3};
  }

 protected:
  void choice_index(std::string_view, int& index, std::span<const std::string_view> names, std::string_view) override {
    index = (index + 1) % static_cast<int>(names.size());
  }

 private:
  int count_ = 0;
};

// Every value of a config as text, bit for bit.
class ValueCollector : public FieldVisitor {
 public:
  void section(std::string_view name, std::string_view) override { sections.emplace_back(name); }
  void flag(std::string_view name, bool& value, std::string_view) override { add(name, std::to_string(value)); }
  void integer(std::string_view name, int64_t& value, Range, std::string_view) override {
    add(name, std::to_string(value));
  }
  void number(std::string_view name, double& value, Range, std::string_view) override {
    add(name, std::to_string(std::bit_cast<uint64_t>(value)));
  }
  void text(std::string_view name, std::string& value, std::string_view) override { add(name, value); }
  void integers(std::string_view name, std::vector<int64_t>& value, Range, std::string_view) override {
    std::string all;
    for (const int64_t one : value) all += std::to_string(one) + " ";
    add(name, all);
  }

  std::vector<std::string> values, sections;

 protected:
  void choice_index(std::string_view name, int& index, std::span<const std::string_view>, std::string_view) override {
    add(name, std::to_string(index));
  }

 private:
  void add(std::string_view name, const std::string& value) { values.push_back(std::string(name) + "=" + value); }
};

std::vector<std::string> values_of(RunConfig config) {
  ValueCollector collector;
  visit_fields(config, collector);
  return collector.values;
}

// "env, network, ...": the environments add theirs as they come.
std::string all_sections() {
  RunConfig config;
  ValueCollector collector;
  visit_fields(config, collector);
  return join(collector.sections);
}

std::string set_error(const std::string& assignment) {
  RunConfig config;
  return error_of([&] { set_field(config, assignment); });
}

std::string toml_error(const std::string& text) {
  return error_of([&] { from_toml(text, "my.toml"); });
}

TEST(ConfigIo, CountsAsPeopleTypeThem) {
  RunConfig config;
  for (const char* const count : {"20000", "20_000", "2e4", "20k", "20K", "0.02M"}) {
    config.replay.capacity = 1;
    set_field(config, std::string("replay.capacity=") + count);
    EXPECT_EQ(config.replay.capacity, 20'000) << count;
  }
  for (const char* const count : {"2.7", "1.2345k", "20kb", "2e-1", "k"})
    EXPECT_THROW(set_field(config, std::string("replay.capacity=") + count), Error) << count;
  EXPECT_THROW(set_field(config, "agent.batch_size=0k"), Error) << "its range counts";
  set_field(config, "env.id=100k");
  EXPECT_EQ(config.env.id, "100k") << "of text it is text";
  EXPECT_THROW(from_toml("[replay]\ncapacity = '20k'\n", "my.toml"), Error) << "TOML has numbers of its own";
}

TEST(ConfigIo, EveryFieldSurvivesToml) {
  RunConfig changed;
  FieldChanger changer;
  visit_fields(changed, changer);
  const auto wanted = values_of(changed), defaults = values_of({});
  ASSERT_EQ(wanted.size(), defaults.size());
  ASSERT_GT(wanted.size(), 40u);
  for (size_t i = 1; i < wanted.size(); ++i) EXPECT_NE(wanted[i], defaults[i]) << "the changer missed it";
  EXPECT_EQ(values_of(from_toml(to_toml(changed), "text")), wanted);
  EXPECT_EQ(values_of(from_toml(to_toml({}), "text", changed)), defaults) << "to_toml left something out";
}

TEST(ConfigIo, MissingFieldsKeepTheBase) {
  RunConfig base;
  base.agent.gamma = 0.5;
  base.train.seed = 3;
  const RunConfig config = from_toml("[train]\nepisodes = 9\n", "my.toml", base);
  EXPECT_EQ(config.agent.gamma, 0.5);
  EXPECT_EQ(config.train.seed, 3);
  EXPECT_EQ(config.train.episodes, 9);
}

TEST(ConfigIo, ASectionMayHaveAllItsKeysCommentedOut) {
  const RunConfig config = from_toml("[agent]\n# gamma = 0.5\n[network]\n[train]\nseed = 7\n", "my.toml");
  EXPECT_EQ(config.train.seed, 7);
  EXPECT_EQ(config.agent.gamma, RunConfig().agent.gamma);
}

TEST(ConfigIo, TomlIsReadableAndExplained) {
  const std::string text = to_toml({});
  EXPECT_EQ(text.find("version = 2  "), 0u);
  EXPECT_NE(text.find("\n# The environment.\n[env]\nid = \"CartPole-v1\"  "), std::string::npos);
  EXPECT_NE(text.find("\ngamma = 0.99                              # discount per step\n"), std::string::npos);
  EXPECT_NE(text.find("\ntau = 1.0  "), std::string::npos) << "a TOML float has a point";
  EXPECT_NE(text.find("\nhidden_sizes = [64, 64]  "), std::string::npos);
}

TEST(ConfigIo, AssignmentsOfEveryType) {
  RunConfig c;
  for (const char* assignment :
       {"agent.gamma=0.5", "optimizer.learning_rate = 1", "agent.double=true", "agent.loss=huber", "env.id=Acrobot-v1",
        "exploration.schedule='linear'", "network.hidden_sizes=[8, 9]", "train.episodes=100_000", "replay.capacity=1e5",
        "exploration.epsilon_end=.05", "optimizer.max_grad_norm=5."})
    set_field(c, assignment);
  EXPECT_EQ(c.agent.gamma, 0.5);
  EXPECT_EQ(c.agent.optimizer.learning_rate, 1.0);
  EXPECT_TRUE(c.agent.double_q);
  EXPECT_EQ(c.agent.loss, Loss::kHuber);
  EXPECT_EQ(c.env.id, "Acrobot-v1");
  EXPECT_EQ(c.exploration.schedule, EpsilonSchedule::kLinear);
  EXPECT_EQ(c.network.hidden_sizes, (std::vector<int64_t>{8, 9}));
  EXPECT_EQ(c.train.episodes, 100'000);
  EXPECT_EQ(c.replay.capacity, 100'000);
  EXPECT_EQ(c.exploration.epsilon_end, 0.05);
  EXPECT_EQ(c.agent.optimizer.max_grad_norm, 5);
}

TEST(ConfigIo, ListsNeedNoBrackets) {
  RunConfig c;
  set_field(c, "network.hidden_sizes=1,2,3");
  EXPECT_EQ(c.network.hidden_sizes, (std::vector<int64_t>{1, 2, 3}));
  set_field(c, "network.hidden_sizes=7");
  EXPECT_EQ(c.network.hidden_sizes, (std::vector<int64_t>{7}));
  set_field(c, "network.hidden_sizes=[]");
  EXPECT_TRUE(c.network.hidden_sizes.empty());
}

TEST(ConfigIo, BareWordsAreText) {
  RunConfig c;
  for (const std::string word : {"true", "1e5", "1,2", "a b#c", "x=y", "\"quoted\"", ""}) {
    set_field(c, "env.id=" + word);
    EXPECT_EQ(c.env.id, word == "\"quoted\"" ? "quoted" : word);
  }
}

TEST(ConfigIo, ErrorsOfAssignments) {
  EXPECT_EQ(set_error("agent.gamma=1.5"), "agent.gamma is 1.5; allowed: 0 to 1");
  EXPECT_EQ(set_error("agent.gamma=nan"), "agent.gamma is nan; allowed: 0 to 1");
  EXPECT_EQ(set_error("optimizer.learning_rate=0"), "optimizer.learning_rate is 0; allowed: above 0");
  EXPECT_EQ(set_error("optimizer.learning_rate=inf"), "optimizer.learning_rate is inf; allowed: above 0");
  EXPECT_EQ(set_error("agent.gamma=high"), "agent.gamma is 'high'; expected a number");
  EXPECT_EQ(set_error("agent.gamma=."), "agent.gamma is '.'; expected a number");
  EXPECT_EQ(set_error("agent.gamma=2."), "agent.gamma is '2.'; allowed: 0 to 1");
  EXPECT_EQ(set_error("agent.gamma="), "agent.gamma is ''; expected a number");
  EXPECT_EQ(set_error("env.count=4097"), "env.count is 4097; allowed: 1 to 4096");
  EXPECT_EQ(set_error("env.count=1.5"), "env.count is 1.5; expected a whole number");
  EXPECT_EQ(set_error("train.seed=-1"), "train.seed is -1; allowed: at least 0");
  EXPECT_EQ(set_error("train.seed=1e300"), "train.seed is 1e+300; expected a whole number");
  EXPECT_EQ(set_error("train.seed=99999999999999999999"),
            "train.seed is '99999999999999999999'; expected a whole number");
  EXPECT_EQ(set_error("train.episodes=-9223372036854775807"),
            "train.episodes is -9223372036854775807; allowed: at least 0")
      << "no double is it";
  EXPECT_EQ(set_error("train.episodes=9007199254740993"),
            "train.episodes is 9007199254740993; allowed: 0 to 9007199254740992");
  EXPECT_EQ(set_error("train.seed=9223372036854775807"), "no error");
  EXPECT_EQ(set_error("agent.gamma=9007199254740993"), "agent.gamma is 9007199254740993; allowed: 0 to 1");
  EXPECT_EQ(set_error("eval.solved_mean_return=nan"), "no error");
  EXPECT_EQ(set_error("eval.solved_mean_return=inf"), "eval.solved_mean_return is inf; allowed: any number, or nan");
  EXPECT_EQ(set_error("agent.double=yes"), "agent.double is 'yes'; expected true or false");
  EXPECT_EQ(set_error("agent.double=1"), "agent.double is 1; expected true or false");
  EXPECT_EQ(set_error("agent.loss=hubr"), "agent.loss is 'hubr'; allowed: mse, huber; did you mean 'huber'?");
  EXPECT_EQ(set_error("network.hidden_sizes=64,0"), "network.hidden_sizes holds 0; allowed: 1 to 65536");
  EXPECT_EQ(set_error("network.hidden_sizes=[64,'x']"),
            "network.hidden_sizes holds 'x'; expected a list of whole numbers");
  EXPECT_EQ(set_error("network.hidden_sizes=wide"), "network.hidden_sizes is 'wide'; expected a list of whole numbers");
  EXPECT_EQ(set_error("agent.gamma={a=1}"), "agent.gamma is a table; expected a number");
  EXPECT_EQ(set_error("agent.gamma=1979-05-27"), "agent.gamma is a date or time; expected a number");
  EXPECT_EQ(set_error("agent.gamma"), "'agent.gamma' is not of the form key=value");
  EXPECT_EQ(set_error("agent.gamma=1\nversion=1"), "key=value must be one line");
  EXPECT_EQ(set_error("version=3"), "version is 3; allowed: up to 2, a newer deepq is needed");
}

TEST(ConfigIo, UnknownKeysNameTheNearest) {
  EXPECT_EQ(set_error("agent.gama=1"), "unknown key 'agent.gama'; did you mean 'agent.gamma'?");
  EXPECT_EQ(set_error("agnt.gamma=1"), "unknown key 'agnt.gamma'; did you mean 'agent.gamma'?");
  EXPECT_EQ(set_error("optim.learning_rate=1"),
            "unknown key 'optim.learning_rate'; did you mean 'optimizer.learning_rate'?");
  EXPECT_EQ(set_error("gamma=1"), "unknown key 'gamma'; did you mean 'agent.gamma'?");
  EXPECT_EQ(set_error("epsilon=0.1"),
            "unknown key 'epsilon'; did you mean 'optimizer.epsilon' or 'exploration.epsilon_start' or "
            "'exploration.epsilon_end' or "
            "'eval.epsilon'?");
  EXPECT_EQ(set_error("something.completely.different=1"),
            "unknown key 'something.completely.different'; sections: " + all_sections());
}

TEST(ConfigIo, AFailedAssignmentChangesNothing) {
  RunConfig c;
  EXPECT_NE(error_of([&] { set_field(c, "agent.gamma=2"); }), "no error");
  EXPECT_EQ(values_of(c), values_of({}));
}

TEST(ConfigIo, ErrorsOfFilesNameFileAndLine) {
  EXPECT_EQ(toml_error("\n[agent]\ngamma = 1.5\n"), "my.toml:3: agent.gamma is 1.5; allowed: 0 to 1");
  EXPECT_EQ(toml_error("[agent]\ngama = 1\n"), "my.toml:2: unknown key 'agent.gama'; did you mean 'agent.gamma'?");
  EXPECT_EQ(toml_error("[env]\nid = 5\n"), "my.toml:2: env.id is 5; expected text in quotes");
  EXPECT_EQ(toml_error("[agent]\nloss = 5\n"), "my.toml:2: agent.loss is 5; expected one of mse, huber");
  EXPECT_EQ(toml_error("[network]\nhidden_sizes = 5\n"),
            "my.toml:2: network.hidden_sizes is 5; expected a list of whole numbers");
  EXPECT_EQ(toml_error("[agent.gamma]\nx = 1\n"), "my.toml:1: agent.gamma is a table; expected a number");
  EXPECT_EQ(toml_error("agent = 3\n"), "my.toml:1: unknown key 'agent'; sections: " + all_sections());
  EXPECT_EQ(all_sections().find("env, "), 0u);
  EXPECT_TRUE(all_sections().ends_with(
      "network, agent, optimizer, value, target, replay, exploration, pqn, tabular, train, eval, checkpoint, log"));
  EXPECT_EQ(toml_error("[unheard_of]\n").find("my.toml:1: unknown key 'unheard_of'"), 0u);
  EXPECT_EQ(toml_error("a = 1\nb = = 2\n").find("my.toml:2: not valid TOML: "), 0u);
  EXPECT_EQ(toml_error("version = 0\n"), "my.toml:1: version is 0; allowed: at least 1");
}

TEST(ConfigIo, ANewerVersionIsNamedBeforeItsUnknownKeys) {
  EXPECT_EQ(toml_error("[agent]\nfrom_the_future = 1\n[env]\n").find("my.toml:2: unknown key"), 0u);
  EXPECT_EQ(toml_error("version = 3\n[agent]\nfrom_the_future = 1\n"),
            "my.toml:1: version is 3; allowed: up to 2, a newer deepq is needed");
}

TEST(ConfigIo, NestingCannotExhaustTheStack) {
  std::string deep = "a";
  while (deep.size() < 32'700) deep += ".a";
  EXPECT_EQ(toml_error(deep + " = 1").find("my.toml:1: unknown key 'a.a'"), 0u);
  EXPECT_EQ(toml_error(std::string(32'769, ' ')),
            "my.toml is too long for a configuration: 32769 bytes; allowed: up to 32768");
  EXPECT_EQ(set_error("agent.gamma={" + deep + "=1}"), "agent.gamma is a table; expected a number");
  EXPECT_EQ(set_error("agent.gamma={" + deep + deep + "=1}").find("key=value is too long for a configuration: "), 0u);
}

TEST(ConfigIo, MarkdownHasEveryKeyOnce) {
  const std::string text = config_markdown();
  EXPECT_NE(text.find("\n| `agent.gamma` | `0.99` | 0 to 1 | discount per step |\n"), std::string::npos);
  EXPECT_NE(text.find("\n| `agent.loss` | `\"mse\"` | mse, huber | "), std::string::npos);
  EXPECT_NE(text.find("\n| `version` | `2` | at least 1 | "), std::string::npos);
  size_t rows = 0;
  for (size_t at = 0; (at = text.find("\n| `", at)) != std::string::npos; ++at) ++rows;
  EXPECT_EQ(rows, values_of({}).size());
}

}  // namespace
}  // namespace deepq
