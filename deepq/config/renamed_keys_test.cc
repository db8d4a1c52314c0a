#include "deepq/config/renamed_keys.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "deepq/config/active_keys.h"
#include "deepq/config/aliases.h"
#include "deepq/config/config_history.h"
#include "deepq/config/flat_toml.h"
#include "deepq/config/run_config.h"
#include "deepq/core/error.h"

namespace deepq {
namespace {

bool is_key(std::string_view name) {
  const std::vector<std::string> keys = config_keys();
  return std::ranges::find(keys, name) != keys.end();
}

// [section] and the values of now under the names of before, as an older version wrote its file.
std::string older_toml(const RunConfig& config) {
  std::string text = "version = 1\n[agent]\n";
  for (const FieldText& field : field_texts(config))
    for (const RenamedKey& key : renamed_keys())
      if (key.now == field.key)
        text += std::string(key.before.substr(key.before.find('.') + 1)) + " = " + field.value + "\n";
  return text;
}

RunConfig with_another_optimizer() {
  RunConfig config;
  config.agent.optimizer = {.kind = OptimizerKind::kRmsProp,
                            .learning_rate = 0.5,
                            .schedule = LearningRateSchedule::kCosine,
                            .final_learning_rate_fraction = 0.25,
                            .epsilon = 0.125,
                            .adam_beta1 = 0.75,
                            .adam_beta2 = 0.875,
                            .rmsprop_decay = 0.625,
                            .rmsprop_centered = true,
                            .rmsprop_epsilon_inside_root = true,
                            .max_grad_norm = 3};
  return config;
}

TEST(RenamedKeys, AreKeysByTheNamesOfNowAlone) {
  for (const RenamedKey& key : renamed_keys()) {
    EXPECT_TRUE(is_key(key.now)) << key.now;
    EXPECT_FALSE(is_key(key.before)) << key.before;
    EXPECT_EQ(current_key(key.before), key.now);
    EXPECT_EQ(current_key(key.now), key.now);
  }
  EXPECT_EQ(current_key("agent.gamma"), "agent.gamma");
  EXPECT_EQ(current_key("agent.optimizers"), "agent.optimizers");
}

// Who slips in a name of before is told the name of now, and no list of sections.
TEST(RenamedKeys, ASlipInANameOfBeforeIsUnderstood) {
  EXPECT_EQ(advice_on_key("agent.learning_rat"), "; did you mean 'optimizer.learning_rate'?");
  EXPECT_EQ(advice_on_key("agent.adam_beta"), "; did you mean 'optimizer.adam_beta1'?");
  for (const RenamedKey& key : renamed_keys())
    EXPECT_TRUE(advice_on_key(std::string(key.before) + "x").starts_with("; did you mean '")) << key.before;
}

TEST(RenamedKeys, AnOlderFileIsReadAndWrittenAsOneOfNow) {
  const RunConfig config = with_another_optimizer();
  const std::string older = older_toml(config);
  EXPECT_EQ(std::ranges::count(older, '\n'), 2 + static_cast<int64_t>(renamed_keys().size()));
  EXPECT_EQ(to_toml(from_toml(older, "older.toml")), to_toml(config));
  EXPECT_EQ(flat_toml(older, "older.toml").at("optimizer.epsilon"), "0.125");
}

TEST(RenamedKeys, AnAssignmentTakesTheNamesOfBefore) {
  for (const RenamedKey& key : renamed_keys()) {
    RunConfig before, now;
    for (const FieldText& field : field_texts(with_another_optimizer())) {
      if (field.key != key.now) continue;
      set_field(before, std::string(key.before) + " = " + field.value);
      set_field(now, std::string(key.now) + " = " + field.value);
    }
    EXPECT_EQ(to_toml(before), to_toml(now));
    EXPECT_NE(to_toml(before), to_toml({})) << key.now;
  }
}

std::string refusal(const std::string& toml) try {
  from_toml(toml, "my.toml");
  return "no error";
} catch (const Error& error) {
  return error.what();
}

TEST(RenamedKeys, AKeyByBothItsNamesIsRefused) {
  const std::string twice =
      "optimizer.learning_rate is given twice, also as agent.learning_rate, its name of before; allowed: once";
  EXPECT_EQ(refusal("[agent]\nlearning_rate = 0.1\n[optimizer]\nlearning_rate = 0.1\n"), "my.toml:4: " + twice);
  EXPECT_EQ(refusal("[optimizer]\nlearning_rate = 0.1\n[agent]\nlearning_rate = 0.1\n").substr(11), twice);
}

TEST(RenamedKeys, WhoeverTypedOneIsTold) {
  const std::string last = "; this version is the last to take the old name";
  EXPECT_EQ(note_on_renamed({given_key("optimizer.epsilon=1"), given_key("agent.gamma=0.5")}), "");
  const GivenKey one = given_key(" agent.optimizer_epsilon = 1");
  EXPECT_EQ(one.key, "optimizer.epsilon");
  EXPECT_EQ(note_on_renamed({one}), "agent.optimizer_epsilon is called optimizer.epsilon now" + last);
  std::vector<GivenKey> given;
  from_user_toml(older_toml({}), "older.toml", {}, given);
  const std::string note = note_on_renamed(given);
  EXPECT_EQ(std::ranges::count(note, ','), 3) << note;
  EXPECT_TRUE(note.ends_with(", and so on for 8 more" + last + "s")) << note;
}

// A setting that does nothing is refused by its name of now, where it was given.
TEST(RenamedKeys, ActAsTheNamesOfNow) {
  std::vector<GivenKey> given;
  const RunConfig config =
      from_user_toml("[agent]\nalgorithm = 'q_learning'\nmax_grad_norm = 3\n", "my.toml", {}, given);
  try {
    require_effect(config, given, "");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("my.toml:3: optimizer.max_grad_norm has no effect here"), 0u);
  }
}

TEST(RenamedKeys, AnOlderRunGoesOnAndItsHistoryIsRead) {
  RunConfig now;
  now.agent.optimizer.learning_rate = 0.5;
  const ConfigHistory changes = changes_of(older_toml({}), now, 7, false);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(describe(changes[0]), "at step 7 optimizer.learning_rate from 0.001 to 0.5");
  const ConfigHistory older =
      history_of(R"([{"env_steps": 7, "key": "agent.learning_rate", "from": "0.001", "to": "0.5"}])");
  ASSERT_EQ(older.size(), 1u);
  EXPECT_EQ(older[0].key, "optimizer.learning_rate");
}

}  // namespace
}  // namespace deepq
