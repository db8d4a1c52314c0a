#include "deepq/config/config_members.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "deepq/config/run_config.h"

namespace deepq {
namespace {

// Gives a member another value.
template <class Value>
void change(Value& value) {
  if constexpr (std::is_enum_v<Value>)
    value = static_cast<Value>(static_cast<int>(value) == 0 ? 1 : 0);
  else if constexpr (std::is_same_v<Value, bool>)
    value = !value;
  else if constexpr (std::is_same_v<Value, std::string>)
    value += "x";
  else if constexpr (std::is_same_v<Value, std::vector<int64_t>>)
    value.push_back(7);
  else
    value = value == Value{5} ? Value{6} : Value{5};
}

struct Member {
  std::string name;
  void (*change)(RunConfig&);
};

#define MEMBER(member)                                         \
  Member {                                                     \
#member, [](RunConfig & config) { change(config.member); } \
  }

TEST(ConfigMembers, ChangingTheMemberChangesItsKeyAndNoOther) {
  const Member members[] = {
      MEMBER(version),
      MEMBER(preset),
      MEMBER(env.id),
      MEMBER(env.count),
      MEMBER(env.max_episode_steps),
      MEMBER(env.image_channels),
      MEMBER(train.stop_at_mean_return),
      MEMBER(eval.stop_without_improvement),
      MEMBER(env.frame_stack),
      MEMBER(env.last_action),
      MEMBER(env.last_reward),
      MEMBER(env_options.cartpole.hide_velocities),
      MEMBER(env_options.frozen_lake.map),
      MEMBER(env_options.frozen_lake.is_slippery),
      MEMBER(env_options.frozen_lake.success_rate),
      MEMBER(env_options.frozen_lake.goal_reward),
      MEMBER(env_options.frozen_lake.hole_reward),
      MEMBER(env_options.frozen_lake.frozen_reward),
      MEMBER(env_options.cliff_walking.is_slippery),
      MEMBER(env_options.taxi.is_rainy),
      MEMBER(env_options.taxi.fickle_passenger),
      MEMBER(env_options.taxi.action_mask),
      MEMBER(env_options.taxi.rainy_probability),
      MEMBER(env_options.taxi.fickle_probability),
      MEMBER(env_options.grid_world.rows),
      MEMBER(env_options.grid_world.columns),
      MEMBER(env_options.grid_world.walls),
      MEMBER(env_options.grid_world.goals),
      MEMBER(env_options.grid_world.starts),
      MEMBER(env_options.grid_world.observation),
      MEMBER(env_options.grid_world.step_reward),
      MEMBER(env_options.grid_world.goal_reward),
      MEMBER(env_options.grid_world.max_episode_steps),
      MEMBER(env_options.line_game.opponent),
      MEMBER(env_options.line_game.minimax_depth),
      MEMBER(env_options.line_game.random_moves),
      MEMBER(env_options.t_maze.length),
      MEMBER(env_options.minatar.sticky_action_probability),
      MEMBER(env_options.minatar.difficulty_ramping),
      MEMBER(env_options.atari.protocol),
      MEMBER(env_options.atari.actions),
      MEMBER(env_options.atari.threads),
      MEMBER(env_options.atari.step_timeout),
      MEMBER(env_options.gymnasium.kwargs),
      MEMBER(env_options.gymnasium.observation_keys),
      MEMBER(env_options.gymnasium.action_masks),
      MEMBER(env_options.gymnasium.step_timeout),
      MEMBER(network.hidden_sizes),
      MEMBER(network.recurrent),
      MEMBER(network.recurrent_size),
      MEMBER(network.engine),
      MEMBER(network.arithmetic),
      MEMBER(network.threads),
      MEMBER(network.dueling),
      MEMBER(network.noisy),
      MEMBER(network.noisy_sigma),
      MEMBER(network.layer_norm),
      MEMBER(network.input_divisor),
      MEMBER(network.normalize_observations),
      MEMBER(network.observation_clip),
      MEMBER(network.encoder),
      MEMBER(network.conv_channels),
      MEMBER(network.conv_kernels),
      MEMBER(network.conv_strides),
      MEMBER(agent.algorithm),
      MEMBER(agent.gamma),
      MEMBER(agent.batch_size),
      MEMBER(agent.n_step),
      MEMBER(agent.loss),
      MEMBER(agent.double_q),
      MEMBER(agent.munchausen),
      MEMBER(agent.munchausen_alpha),
      MEMBER(agent.munchausen_temperature),
      MEMBER(agent.munchausen_clip),
      MEMBER(agent.margin),
      MEMBER(agent.margin_weight),
      MEMBER(agent.cql_alpha),
      MEMBER(agent.bootstrap_at_truncation),
      MEMBER(agent.flatten_actions),
      MEMBER(agent.reward_scale),
      MEMBER(agent.reward_clip),
      MEMBER(agent.normalize_rewards),
      MEMBER(agent.normalized_reward_clip),
      MEMBER(agent.optimizer.kind),
      MEMBER(agent.optimizer.learning_rate),
      MEMBER(agent.optimizer.schedule),
      MEMBER(agent.optimizer.final_learning_rate_fraction),
      MEMBER(agent.optimizer.epsilon),
      MEMBER(agent.optimizer.adam_beta1),
      MEMBER(agent.optimizer.adam_beta2),
      MEMBER(agent.optimizer.rmsprop_decay),
      MEMBER(agent.optimizer.rmsprop_centered),
      MEMBER(agent.optimizer.rmsprop_epsilon_inside_root),
      MEMBER(agent.optimizer.max_grad_norm),
      MEMBER(agent.value.representation),
      MEMBER(agent.value.atoms),
      MEMBER(agent.value.v_min),
      MEMBER(agent.value.v_max),
      MEMBER(agent.value.quantiles),
      MEMBER(agent.value.samples),
      MEMBER(agent.value.target_samples),
      MEMBER(agent.value.action_samples),
      MEMBER(agent.value.rescale),
      MEMBER(agent.value.rescale_epsilon),
      MEMBER(target.tau),
      MEMBER(target.sync_every_updates),
      MEMBER(target.sync_every_env_steps),
      MEMBER(replay.capacity),
      MEMBER(replay.with_replacement),
      MEMBER(replay.prioritized),
      MEMBER(replay.priority_alpha),
      MEMBER(replay.priority_epsilon),
      MEMBER(replay.importance_beta),
      MEMBER(replay.importance_beta_end),
      MEMBER(replay.importance_beta_anneal_env_steps),
      MEMBER(replay.sequence_length),
      MEMBER(replay.burn_in),
      MEMBER(replay.sequence_overlap),
      MEMBER(replay.stored_state),
      MEMBER(replay.priority_mix),
      MEMBER(replay.demonstrations),
      MEMBER(replay.demonstrations_sha256),
      MEMBER(replay.demonstration_fraction),
      MEMBER(exploration.schedule),
      MEMBER(exploration.epsilon_start),
      MEMBER(exploration.epsilon_end),
      MEMBER(exploration.decay_per_update),
      MEMBER(exploration.anneal_env_steps),
      MEMBER(exploration.noise_steps),
      MEMBER(pqn.rollout_steps),
      MEMBER(pqn.epochs),
      MEMBER(pqn.minibatches),
      MEMBER(pqn.lambda),
      MEMBER(tabular.learning_rate),
      MEMBER(tabular.initial_value),
      MEMBER(train.seed),
      MEMBER(train.env_steps),
      MEMBER(train.episodes),
      MEMBER(train.learning_starts_env_steps),
      MEMBER(train.update_every_env_steps),
      MEMBER(train.updates_per_round),
      MEMBER(train.overlap),
      MEMBER(train.pretrain_updates),
      MEMBER(train.offline),
      MEMBER(train.start_from),
      MEMBER(train.start_part),
      MEMBER(train.start_replay),
      MEMBER(eval.every_env_steps),
      MEMBER(eval.episodes),
      MEMBER(eval.stop_when_solved),
      MEMBER(eval.solved_mean_return),
      MEMBER(eval.final_episodes),
      MEMBER(eval.final_max_env_steps),
      MEMBER(eval.keep_best),
      MEMBER(eval.max_episode_steps),
      MEMBER(eval.epsilon),
      MEMBER(checkpoint.every_env_steps),
      MEMBER(checkpoint.keep),
      MEMBER(log.console_every_episodes),
      MEMBER(log.metrics_every_updates),
      MEMBER(log.tensorboard_tags),
  };
  const std::vector<FieldText> before = field_texts(RunConfig{});
  std::set<std::string> changed;
  for (const Member& member : members) {
    RunConfig config;
    member.change(config);
    const std::vector<FieldText> after = field_texts(config);
    for (size_t i = 0; i < before.size(); ++i) {
      if (before[i].value == after[i].value) continue;
      EXPECT_EQ(config_member(before[i].key), member.name) << before[i].key;
      EXPECT_TRUE(changed.insert(before[i].key).second) << before[i].key;
    }
  }
  EXPECT_EQ(changed.size(), before.size()) << "every key is a member of the list";
}

TEST(ConfigMembers, ThePageNamesThoseThatDiffer) {
  const std::string page = config_markdown();
  EXPECT_NE(page.find("`agent.double` | `false` | true, false | "), std::string::npos);
  EXPECT_NE(page.find("(C++: `agent.double_q`) |"), std::string::npos);
  EXPECT_NE(page.find("(C++: `agent.optimizer.kind`) |"), std::string::npos);
  EXPECT_EQ(page.find("(C++: `agent.gamma`)"), std::string::npos);
}

}  // namespace
}  // namespace deepq
