#include "deepq/lab/probes/value_gap.h"

#include "deepq/agent/choose.h"
#include "deepq/core/finite.h"

namespace deepq::lab {

std::vector<PlayedEpisode> play_greedily(Policy& policy, const EnvFactory& env, const EvaluationPlan& plan) {
  std::vector<PlayedEpisode> episodes(1);
  play(policy, env, plan, [&](const PlayedStep& step) {
    PlayedEpisode& episode = episodes.back();
    episode.values.push_back(largest_value(step.q_values));
    episode.rewards.push_back(step.reward);
    episode.terminated = step.terminated;
    if (step.terminated || step.truncated) episodes.emplace_back();
    return true;
  });
  // The last one was begun when the one before ended, and has not ended itself.
  episodes.pop_back();
  return episodes;
}

ValueGap value_gap(const std::vector<PlayedEpisode>& episodes, const GapRules& rules) {
  ValueGap gap;
  for (const PlayedEpisode& episode : episodes) {
    const auto length = static_cast<int64_t>(episode.rewards.size());
    double followed = 0;
    // Backwards: the discounted return from a step is its reward and gamma times the return from the next.
    for (int64_t t = length - 1; t >= 0; --t) {
      const auto at = static_cast<size_t>(t);
      followed = episode.rewards[at] + rules.gamma * followed;
      // A cut episode says nothing of what its last states are worth: gamma^horizon of it must be negligible.
      if (t < rules.from_step || t >= rules.to_step || (!episode.terminated && length - t < rules.horizon)) continue;
      gap.estimated += episode.values[at];
      gap.realized += followed;
      ++gap.states;
    }
  }
  const double count = gap.states > 0 ? static_cast<double>(gap.states) : kNaN;
  gap.estimated /= count;
  gap.realized /= count;
  return gap;
}

}  // namespace deepq::lab
