#include "deepq/agent/agent_config.h"

#include <string>

#include "deepq/core/error.h"

namespace deepq {
namespace {

constexpr std::array<std::string_view, 6> kAlgorithms{
    "dqn", "pqn", "q_learning", "sarsa", "expected_sarsa", "double_q_learning"};
constexpr std::array<std::string_view, 4> kRepresentations{"scalar", "categorical", "quantile", "implicit"};

}  // namespace

std::string_view name_of(AlgorithmKind algorithm) { return kAlgorithms[static_cast<size_t>(algorithm)]; }
std::string_view name_of(Representation value) { return kRepresentations[static_cast<size_t>(value)]; }

ActionSpace learnt_actions(const AgentConfig& config, const ActionSpace& actions) {
  if (actions.is_single()) return actions;
  if (config.flatten_actions || config.learns_table()) {
    if (actions.count() > ActionSpace::kMostValues)
      throw Error::of("the ", actions.text(), " are ", actions.count(),
                      " combinations, each an action of its own here; ", "allowed: up to ", ActionSpace::kMostValues,
                      ", or agent.algorithm dqn with agent.flatten_actions ", "false");
    return actions.flattened();
  }
  const auto refuse = [&](std::string_view what, std::string_view why) {
    throw Error::of(what, " with ", actions.text(), ": ", why, "; allowed: agent.flatten_actions=true");
  };
  if (config.algorithm == AlgorithmKind::kPqn)
    refuse("agent.algorithm is pqn", "its returns follow one value of a state");
  if (config.munchausen) refuse("agent.munchausen is true", "its policy is one over all actions");
  if (config.value.representation != Representation::kScalar)
    refuse("value.representation is " + std::string(name_of(config.value.representation)),
           "the target is a mean of expected values");
  return actions;
}

std::vector<float> categorical_atoms(const ValueConfig& config) {
  const double step_count = static_cast<double>(config.atoms - 1);
  std::vector<float> atoms;
  for (int64_t j = 0; j < config.atoms; ++j)
    atoms.push_back(
        static_cast<float>(config.v_min + static_cast<double>(j) * (config.v_max - config.v_min) / step_count));
  return atoms;
}

void visit_fields(AgentConfig& config, FieldVisitor& visitor) {
  static constexpr std::array<std::string_view, 2> kLosses{"mse", "huber"};
  visitor.choice(
      "algorithm", config.algorithm, kAlgorithms,
      "dqn: deep Q-learning with replay; pqn: parallel, without replay and target network (section pqn); the "
      "others: with a table, for environments with discrete observations (section tabular)");
  visitor.number("gamma", config.gamma, Range::between(0, 1), "discount per step");
  visitor.integer("batch_size", config.batch_size, Range::between(1, 65536),
                  "transitions per update; with network.recurrent sequences");
  visitor.integer("n_step", config.n_step, Range::between(1, 1024),
                  "rewards summed before bootstrapping; fewer where an episode ends");
  visitor.choice("loss", config.loss, kLosses,
                 "loss of scalar values, averaged over the batch; mse: squared TD error; huber: with delta 1");
  visitor.flag("double", config.double_q, "choose the next action by the online network (van Hasselt et al. 2016)");
  visitor.flag("munchausen", config.munchausen,
               "add the policy's scaled logarithm to the reward and learn the soft value (Vieillard et al. 2020)");
  visitor.number("munchausen_alpha", config.munchausen_alpha, Range::between(0, 1),
                 "munchausen: fraction of the scaled log-policy that is added");
  visitor.number("munchausen_temperature", config.munchausen_temperature, Range::above(0),
                 "munchausen: temperature of the softmax policy");
  visitor.number("munchausen_clip", config.munchausen_clip, Range{.max = 0},
                 "munchausen: lowest value of the scaled log-policy");
  visitor.number("margin", config.margin, Range::at_least(0),
                 "by how much a demonstrated action's value is to be above all others' (Hester et al. 2018)");
  visitor.number("margin_weight", config.margin_weight, Range::at_least(0),
                 "weight of the large-margin loss of demonstrations beside the loss of their values; 0: none");
  visitor.number(
      "cql_alpha", config.cql_alpha, Range::at_least(0),
      "weight of conservative Q-learning's penalty, log-sum-exp of the action values less that of the action "
      "taken (Kumar et al. 2020); 0: none");
  visitor.flag(
      "bootstrap_at_truncation", config.bootstrap_at_truncation,
      "whether a time limit is no true end; false treats terminated or truncated as the end, as the chapter does");
  visitor.flag(
      "flatten_actions", config.flatten_actions,
      "of actions on several axes: whether each combination is an action of its own, or each axis is learnt by "
      "itself (Tavakoli et al. 2018)");
  visitor.number("reward_scale", config.reward_scale, Range::above(0), "what rewards are multiplied by for learning");
  visitor.number("reward_clip", config.reward_clip, Range::at_least(0),
                 "rewards are cut to +- this before they are scaled; returns are reported unclipped; 0: not at all");
  visitor.flag("normalize_rewards", config.normalize_rewards,
               "divide rewards by the running standard deviation of the discounted return; returns are reported as "
               "they are");
  visitor.number("normalized_reward_clip", config.normalized_reward_clip,
                 Range{.min = 0, .max = 1e37, .min_open = true},
                 "normalize_rewards: what is normalised, of n-step returns their sum of rewards, is cut to +- this");
}

void visit_fields(ValueConfig& config, FieldVisitor& visitor) {
  visitor.choice("representation", config.representation, kRepresentations,
                 "scalar: the expected return; or its distribution: categorical (C51), quantile (QR-DQN), implicit "
                 "(IQN)");
  visitor.integer("atoms", config.atoms, Range::between(2, 4096), "categorical: number of atoms");
  constexpr double kFarthest = 1e37;  // sums and differences of two still fit
  visitor.number("v_min", config.v_min, Range::between(-kFarthest, kFarthest), "categorical: lowest atom");
  visitor.number("v_max", config.v_max, Range::between(-kFarthest, kFarthest), "categorical: highest atom");
  visitor.integer("quantiles", config.quantiles, Range::between(1, 4096), "quantile: number of quantiles");
  visitor.integer("samples", config.samples, Range::between(1, 4096), "implicit: quantile fractions in a loss (N)");
  visitor.integer("target_samples", config.target_samples, Range::between(1, 4096),
                  "implicit: quantile fractions in a target (N')");
  visitor.integer("action_samples", config.action_samples, Range::between(1, 4096),
                  "implicit: quantile fractions that an action is chosen by (K)");
  visitor.flag("rescale", config.rescale,
               "scalar: learn h(Q) with h(x) = sign(x) (sqrt(abs(x) + 1) - 1) + rescale_epsilon x in place of Q, so "
               "that rewards need no clipping (Pohlen et al. 2018); values that are shown are h(Q)");
  visitor.number("rescale_epsilon", config.rescale_epsilon, Range{.min = 0, .max = 1, .min_open = true},
                 "rescale: slope of h far from 0");
}

void visit_fields(TargetConfig& config, FieldVisitor& visitor) {
  visitor.number("tau", config.tau, Range{.min = 0, .max = 1, .min_open = true},
                 "fraction of the online network that each synchronisation takes in; 1 copies it");
  visitor.integer("sync_every_updates", config.sync_every_updates, Range::at_least(0),
                  "updates between synchronisations; 0 when counted in environment steps");
  visitor.integer("sync_every_env_steps", config.sync_every_env_steps, Range::at_least(0),
                  "environment steps between synchronisations; 0 when counted in updates");
}

void visit_fields(PqnConfig& config, FieldVisitor& visitor) {
  visitor.integer("rollout_steps", config.rollout_steps, Range::between(1, 1 << 20),
                  "steps of each environment between rounds of updates");
  visitor.integer("epochs", config.epochs, Range::between(1, 1024), "passes over a rollout in each round");
  visitor.integer("minibatches", config.minibatches, Range::between(1, 1 << 20),
                  "equal parts, and updates, that a pass is made of");
  visitor.number("lambda", config.lambda, Range::between(0, 1),
                 "lambda of the returns: 0 bootstraps after one step, 1 at the rollout's end only");
}

void visit_fields(TabularConfig& config, FieldVisitor& visitor) {
  visitor.number("learning_rate", config.learning_rate, Range{.min = 0, .max = 1, .min_open = true}.wide(),
                 "fraction of the error that a table entry moves by; falls as optimizer.learning_rate does");
  visitor.number("initial_value", config.initial_value, Range{}.wide(), "value of every table entry at the start");
}

void visit_fields(ExplorationConfig& config, FieldVisitor& visitor) {
  static constexpr std::array<std::string_view, 2> kSchedules{"exponential", "linear"};
  visitor.choice("schedule", config.schedule, kSchedules, "exponential in updates, or linear in environment steps");
  visitor.number("epsilon_start", config.epsilon_start, Range::between(0, 1), "epsilon until learning starts");
  visitor.number("epsilon_end", config.epsilon_end, Range::between(0, 1), "epsilon never falls below this");
  visitor.number("decay_per_update", config.decay_per_update, Range{.min = 0, .max = 1, .min_open = true},
                 "exponential: factor per update");
  visitor.integer("anneal_env_steps", config.anneal_env_steps, Range::at_least(1),
                  "linear: environment steps from the end of warm-up (pqn and tables: from the start) to epsilon_end");
  visitor.integer("noise_steps", config.noise_steps, Range::at_least(1),
                  "network.noisy: steps of each environment that are acted with the same noise (Plappert et al. 2018)");
}

}  // namespace deepq
