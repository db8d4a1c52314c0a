#include "deepq/env/registry.h"

#include <gtest/gtest.h>

#include <set>

#include "deepq/core/error.h"

namespace deepq {
namespace {

TEST(Registry, EveryIdMakesTheEnvironmentOfThatName) {
  const std::vector<std::string> ids = env_ids();
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size()) << "an id is there twice";
  EXPECT_NE(std::find(ids.begin(), ids.end(), "CartPole-v1"), ids.end());
  for (const std::string& id : ids) {
    const EnvFactory make = find_env(id);
    const auto first = make(), second = make();
    EXPECT_EQ(first->spec().id, id);
    EXPECT_NE(first.get(), second.get());
  }
}

std::string refusal(std::string_view id) {
  try {
    find_env(id);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Registry, UnknownIdSaysWhatIsAllowedAndWhatIsNear) {
  const std::string near = refusal("Cartpole-v0");
  EXPECT_EQ(near.find("unknown environment 'Cartpole-v0'; did you mean 'CartPole-v1'?; allowed: Acrobot-v1, "), 0u)
      << near;
  EXPECT_EQ(refusal("PongNoFrameskip").find("did you mean"), std::string::npos);
  EXPECT_EQ(refusal("").find("unknown environment ''; allowed: "), 0u);
}

TEST(Registry, AWorldThatWasAnObjectIsAskedForWhereItWasMade) {
  const auto refusal_of_run = [](std::string_view id) {
    try {
      find_run_env(id, {});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const std::string way_out = "there it is given again: deepq.DQN.load(PATH, env=...)";
  for (const char* name : {"Flip(CartPole-v1)", "FrozenLake-v1(desc=...)", "Mine"})
    EXPECT_TRUE(refusal_of_run(name).ends_with(way_out)) << refusal_of_run(name);
  EXPECT_TRUE(refusal("Flip(CartPole-v1)").ends_with(way_out));
  EXPECT_NE(refusal_of_run("Mine").find("a program in C++, where resume_run(options, env)"), std::string::npos);
  EXPECT_EQ(refusal_of_run("Flip(CartPole-v1)").find("C++"), std::string::npos);
  EXPECT_EQ(refusal_of_run("Cartpole-v0"), refusal("Cartpole-v0")) << "a mistake";
  EXPECT_EQ(refusal_of_run("CartPole-v1"), "no error");
}

class Elsewhere : public Env {
 public:
  const EnvSpec& spec() const override { return spec_; }
  std::span<const float> reset(std::optional<uint64_t>) override { return observation_; }
  Step step(int64_t) override { return {.observation = observation_}; }

 private:
  EnvSpec spec_{.id = "Elsewhere-v0", .observation_space = ObservationSpace::real({1}), .action_count = 2};
  std::vector<float> observation_{0};
};

TEST(WorldsFor, OnlyThoseInWhichTheAgentCanAct) {
  const EnvSpec own{.id = "Own-v0", .observation_space = ObservationSpace::real({1}), .action_count = 2};
  const auto refusal_for = [](const EnvSpec& trained) {
    try {
      worlds_for(trained, [] { return std::make_unique<Elsewhere>(); })();
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(refusal_for(own), "no error") << "names may differ";
  const std::string has =
      "the environment to evaluate on, Elsewhere-v0, has observations of 1 and 2 actions; allowed: as in training, ";
  EnvSpec other = own;
  other.observation_space = ObservationSpace::real({2, 3});
  EXPECT_EQ(refusal_for(other), has + "observations of 2x3 and 2 actions");
  other = own;
  other.observation_space = ObservationSpace::discrete(5, -1);
  EXPECT_EQ(refusal_for(other), has + "5 states from -1 and 2 actions");
  other = own;
  other.action_start = 3;
  EXPECT_EQ(refusal_for(other), has + "observations of 1 and 2 actions from 3");
  EXPECT_FALSE(worlds_for(own, EnvFactory{}));
}

TEST(Registry, ASourceKnowsWhatTheLibraryDoesNot) {
  std::vector<std::string> asked;
  set_env_source({.find = [&](const std::string& id, const EnvOptions&) -> EnvFactory {
                    asked.push_back(id);
                    if (id != "Elsewhere-v0") return {};
                    return [] { return std::make_unique<Elsewhere>(); };
                  },
                  .ids = [] { return std::vector<std::string>{"Elsewhere-v0"}; }});
  EXPECT_EQ(find_env("Elsewhere-v0")()->spec().id, "Elsewhere-v0");
  EXPECT_EQ(find_env("CartPole-v1")()->spec().id, "CartPole-v1");
  const std::string message = refusal("Elsewhere-v1");
  EXPECT_TRUE(message.ends_with(", and 1 others") &&
              message.find("; did you mean 'Elsewhere-v0'?") != std::string::npos)
      << message;
  EXPECT_EQ(asked, (std::vector<std::string>{"Elsewhere-v0", "Elsewhere-v1"})) << "the library's own come first";
  set_env_source({});
  EXPECT_THROW(find_env("Elsewhere-v0"), Error);
}

// Names of all sections of the options.
class SectionCollector : public FieldVisitor {
 public:
  void section(std::string_view name, std::string_view) override { sections.emplace(name); }
  void flag(std::string_view, bool&, std::string_view) override {}
  void integer(std::string_view, int64_t&, Range, std::string_view) override {}
  void number(std::string_view, double&, Range, std::string_view) override {}
  void text(std::string_view, std::string&, std::string_view) override {}
  void integers(std::string_view, std::vector<int64_t>&, Range, std::string_view) override {}

  std::set<std::string> sections;

 protected:
  void choice_index(std::string_view, int&, std::span<const std::string_view>, std::string_view) override {}
};

TEST(Registry, EverySectionOfOptionsBelongsToAnEnvironment) {
  EnvOptions options;
  SectionCollector collector;
  visit_fields(options, collector);
  std::set<std::string> named;
  for (const std::string& id : env_ids())
    if (!env_section(id).empty()) named.emplace(env_section(id));
  set_env_source({.ids = [] { return std::vector<std::string>{"LunarLander-v3"}; }});
  for (const char* id : {"ALE/Pong-v5", "LunarLander-v3"}) named.emplace(env_section(id));
  set_env_source({});
  EXPECT_EQ(named, collector.sections);
  EXPECT_EQ(env_section("MountainCar-v0"), "");
  EXPECT_EQ(env_section("FrozenLake8x8-v1"), "frozen_lake");
  for (const char* id : {"FrozenLake", "LunarLander-v3"}) EXPECT_THROW(env_section(id), Error) << id;
}

TEST(Registry, OptionsReachTheirEnvironment) {
  EnvOptions options;
  options.frozen_lake.map = FrozenLakeOptions::Map::k8x8;
  options.grid_world.rows = 3;
  EXPECT_EQ(find_env("FrozenLake-v1", options)()->spec().observation_space.states(), 64);
  EXPECT_EQ(find_env("GridWorld-v0", options)()->spec().observation_space.states(), 15);
}

TEST(Registry, OptionsAreRefusedAtOnceAndOnlyByTheirEnvironment) {
  EnvOptions options;
  options.taxi.is_rainy = true;
  options.grid_world.walls = {24};
  EXPECT_THROW(find_env("Taxi-v3", options), Error);
  EXPECT_THROW(find_env("GridWorld-v0", options), Error);
  EXPECT_NO_THROW(find_env("Taxi-v4", options));
  EXPECT_NO_THROW(find_env("CartPole-v1", options));
}

}  // namespace
}  // namespace deepq
