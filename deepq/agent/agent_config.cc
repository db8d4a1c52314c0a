#include "deepq/agent/agent_config.h"

namespace deepq {

void visit_fields(AgentConfig& config, FieldVisitor& visitor) {
  static constexpr std::array<std::string_view, 2> kLosses{"mse", "huber"};
  static constexpr std::array<std::string_view, 2> kOptimizers{"adam", "rmsprop"};
  OptimizerConfig& optimizer = config.optimizer;
  visitor.number("gamma", config.gamma, Range::between(0, 1), "discount per step");
  visitor.integer("batch_size", config.batch_size, Range::between(1, 65536), "transitions per update");
  visitor.choice("loss", config.loss, kLosses,
                 "mse: squared TD error; huber: with delta 1; both averaged over the batch");
  visitor.flag("double", config.double_q, "choose the next action by the online network (van Hasselt et al. 2016)");
  visitor.flag(
      "bootstrap_at_truncation", config.bootstrap_at_truncation,
      "whether a time limit is no true end; false treats terminated or truncated as the end, as the chapter does");
  visitor.choice("optimizer", optimizer.kind, kOptimizers, "adam (Kingma and Ba 2015) or rmsprop");
  visitor.number("learning_rate", optimizer.learning_rate, Range::above(0), "step size of the optimiser");
  visitor.number("final_learning_rate_fraction", optimizer.final_learning_rate_fraction, Range::between(0, 1),
                 "the step size falls linearly to this share of itself over the run; 1 keeps it constant");
  visitor.number("optimizer_epsilon", optimizer.epsilon, Range::above(0), "added to the root in the denominator");
  visitor.number("adam_beta1", optimizer.adam_beta1, Range::between(0, 0.9999999), "decay of the gradient's mean");
  visitor.number("adam_beta2", optimizer.adam_beta2, Range::between(0, 0.9999999), "decay of the gradient's square");
  visitor.number("rmsprop_decay", optimizer.rmsprop_decay, Range::between(0, 0.9999999),
                 "decay of the gradient's square");
  visitor.flag("rmsprop_centered", optimizer.rmsprop_centered, "subtract the squared mean of the gradient");
  visitor.number("max_grad_norm", optimizer.max_grad_norm, Range::at_least(0),
                 "gradients are scaled down to this global norm; 0 leaves them alone");
}

void visit_fields(TargetConfig& config, FieldVisitor& visitor) {
  visitor.number("tau", config.tau, Range{.min = 0, .max = 1, .min_open = true},
                 "share of the online network at each synchronisation; 1 copies it");
  visitor.integer("sync_every_updates", config.sync_every_updates, Range::at_least(0),
                  "updates between synchronisations; 0 when counted in environment steps");
  visitor.integer("sync_every_env_steps", config.sync_every_env_steps, Range::at_least(0),
                  "environment steps between synchronisations; 0 when counted in updates");
}

void visit_fields(ExplorationConfig& config, FieldVisitor& visitor) {
  static constexpr std::array<std::string_view, 2> kSchedules{"exponential", "linear"};
  visitor.choice("schedule", config.schedule, kSchedules, "exponential in updates, or linear in environment steps");
  visitor.number("epsilon_start", config.epsilon_start, Range::between(0, 1), "epsilon until learning starts");
  visitor.number("epsilon_end", config.epsilon_end, Range::between(0, 1), "epsilon never falls below this");
  visitor.number("decay_per_update", config.decay_per_update, Range{.min = 0, .max = 1, .min_open = true},
                 "exponential: factor per update");
  visitor.integer("anneal_env_steps", config.anneal_env_steps, Range::at_least(1),
                  "linear: environment steps from the end of warm-up to epsilon_end");
}

}  // namespace deepq
