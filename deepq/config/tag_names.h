// What the scalars in TensorBoard's files are called: by names of deepq's own, or as other libraries call theirs, so
// that runs of both lie in one chart. Each record's fields say their tags (record/records.h): Stable-Baselines3's as in
// common/off_policy_algorithm.py, dqn/dqn.py and common/callbacks.py of 2.9, CleanRL's as in cleanrl/dqn.py and
// cleanrl_utils/evals/dqn_eval.py of 1.0.
#pragma once

#include <string_view>

#include "deepq/core/record_field.h"

namespace deepq {

enum class TagNames { kDeepq, kStableBaselines3, kCleanRl };

// "" is not written.
constexpr std::string_view tag_of(const RecordField& field, TagNames names) {
  return names == TagNames::kDeepq              ? field.tags.deepq
         : names == TagNames::kStableBaselines3 ? field.tags.stable_baselines3
                                                : field.tags.clean_rl;
}

// Scalars that only TensorBoard's files have, beside those of an EpisodeRecord.
inline constexpr RecordField kMeanReturnOf100{
    .name = "",
    .doc = "mean of the last 100 returns (since the run was begun or resumed)",
    .tags = {"", "rollout/ep_rew_mean", ""}};
inline constexpr RecordField kMeanLengthOf100{
    .name = "", .doc = "mean of the last 100 lengths, likewise", .tags = {"", "rollout/ep_len_mean", ""}};

}  // namespace deepq
