#include "deepq/train/tag_names.h"

#include "deepq/core/error.h"

namespace deepq {
namespace {

constexpr Tags kDeepq{.episode_return = "train/return",
                      .mean_return_of_100 = "",
                      .length = "train/length",
                      .mean_length_of_100 = "",
                      .epsilon = "train/epsilon",
                      .loss = "train/loss",
                      .mean_q = "train/mean_q",
                      .max_abs_q = "train/max_abs_q",
                      .grad_norm = "train/grad_norm",
                      .learning_rate = "train/learning_rate",
                      .steps_per_second = "time/steps_per_second",
                      .updates = "",
                      .eval_return = "eval/mean_return",
                      .eval_std = "eval/std_return",
                      .eval_min = "eval/min_return",
                      .eval_max = "eval/max_return",
                      .eval_length = "eval/mean_length"};

// stable_baselines3/common/off_policy_algorithm.py, dqn/dqn.py and common/callbacks.py of 2.9.
constexpr Tags kStableBaselines3{.episode_return = "",
                                 .mean_return_of_100 = "rollout/ep_rew_mean",
                                 .length = "",
                                 .mean_length_of_100 = "rollout/ep_len_mean",
                                 .epsilon = "rollout/exploration_rate",
                                 .loss = "train/loss",
                                 .mean_q = "train/mean_q",
                                 .max_abs_q = "train/max_abs_q",
                                 .grad_norm = "train/grad_norm",
                                 .learning_rate = "train/learning_rate",
                                 .steps_per_second = "time/fps",
                                 .updates = "train/n_updates",
                                 .eval_return = "eval/mean_reward",
                                 .eval_std = "eval/std_reward",
                                 .eval_min = "eval/min_reward",
                                 .eval_max = "eval/max_reward",
                                 .eval_length = "eval/mean_ep_length"};

// cleanrl/dqn.py and cleanrl_utils/evals/dqn_eval.py of 1.0.
constexpr Tags kCleanRl{.episode_return = "charts/episodic_return",
                        .mean_return_of_100 = "",
                        .length = "charts/episodic_length",
                        .mean_length_of_100 = "",
                        .epsilon = "charts/epsilon",
                        .loss = "losses/td_loss",
                        .mean_q = "losses/q_values",
                        .max_abs_q = "losses/max_abs_q",
                        .grad_norm = "losses/grad_norm",
                        .learning_rate = "charts/learning_rate",
                        .steps_per_second = "charts/SPS",
                        .updates = "",
                        .eval_return = "eval/episodic_return",
                        .eval_std = "eval/std_return",
                        .eval_min = "eval/min_return",
                        .eval_max = "eval/max_return",
                        .eval_length = "eval/episodic_length"};

}  // namespace

const Tags& tags_of(TagNames names) {
  switch (names) {
    case TagNames::kDeepq:
      return kDeepq;
    case TagNames::kStableBaselines3:
      return kStableBaselines3;
    case TagNames::kCleanRl:
      return kCleanRl;
  }
  DEEPQ_ASSERT(false && "names without tags");
  return kDeepq;
}

}  // namespace deepq
