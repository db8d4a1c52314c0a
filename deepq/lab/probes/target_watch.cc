#include "deepq/lab/probes/target_watch.h"

#include <algorithm>
#include <cmath>

#include "deepq/core/finite.h"
#include "deepq/env/registry.h"
#include "deepq/lab/lines.h"
#include "deepq/train/evaluation.h"

namespace deepq::lab {
namespace {

double mean_difference(const std::vector<double>& x, const std::vector<double>& y) {
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) sum += std::abs(x[i] - y[i]);
  return sum / static_cast<double>(x.size());
}

}  // namespace

double lost_after_best(const std::vector<double>& returns) {
  const auto best = std::max_element(returns.begin(), returns.end());
  // Nothing after the best, or nothing to lose.
  if (best == returns.end() || best + 1 == returns.end() || !(*best > 0)) return kNaN;
  double sum = 0;
  for (auto after = best + 1; after != returns.end(); ++after) sum += *after;
  return 1 - sum / static_cast<double>(returns.end() - best - 1) / *best;
}

TargetWatch::TargetWatch(const RunConfig& config, int64_t seed)
    : config_(config),
      env_(find_env(config.env.id, config.env_options)),
      seed_(seed),
      probe_(config, env_()->spec(), kStates),
      before_(kStates),
      now_(kStates),
      drift_curve_(empty_curve(config.train.env_steps, kPoints)),
      evaluation_curve_(drift_curve_) {
  place_states(env_);
}

// Every fifth state of random play: of all ages, but none twice.
void TargetWatch::place_states(const EnvFactory& env) {
  const EnvSpec spec = env()->spec();
  Policy anyone({}, spec.observation_space, spec.action_count);  // with epsilon 1 it does not matter who plays
  int64_t placed = 0, steps = 0;
  const EvaluationPlan plan{.episodes = 1000, .streams = probe_streams(0), .epsilon = 1};  // the same for all runs
  play(anyone, env, plan, [&](const PlayedStep& step) {
    if (++steps % 5 != 0) return true;
    std::ranges::copy(step.observation.as<float>(), probe_.observations()[placed]);
    return ++placed < kStates;
  });
}

void TargetWatch::see(Trainer& trainer) {
  const Learner& learner = dqn_of(trainer.algorithm()).learner();
  if (learner.updates() > 0) {
    const bool first = updates_ == 0;
    // A hard copy stands still in between.
    if (first || config_.target.tau < 1 || learner.updates() % config_.target.sync_every_updates == 0) {
      probe_.max_q(learner.target_network(), now_);
      const double moved = first ? 0 : mean_difference(now_, before_);
      drift_ += moved;
      bin_drift_ += moved;
      // From here on before_ holds the present targets, until they move again.
      before_.swap(now_);
    }
    ++updates_;
    if (!first) ++bin_changes_;  // of the first update it is not known what was before
    if (updates_ % kLagEveryUpdates == 0) {
      probe_.max_q(learner.network(), now_);
      lag_ += mean_difference(now_, before_);
      ++lags_;
    }
  }
  const auto total = config_.train.env_steps;
  // 25 points, evenly spread over the steps of the run.
  for (; points_ < static_cast<size_t>(kPoints) &&
         trainer.env_steps() * kPoints >= static_cast<int64_t>(points_ + 1) * total;
       ++points_)
    evaluate_policy(trainer);
}

void TargetWatch::evaluate_policy(Trainer& trainer) {
  evaluation_curve_.y[points_] =
      evaluate(trainer.policy(), env_, {.episodes = kEpisodes, .streams = probe_streams(seed_, trainer.env_steps())})
          .mean_return;
  // Since the last point.
  drift_curve_.y[points_] = bin_drift_ / static_cast<double>(bin_changes_);
  bin_drift_ = 0;
  bin_changes_ = 0;
}

void TargetWatch::write(JobResult& result) const {
  const std::vector<double> returns(evaluation_curve_.y.begin(),
                                    evaluation_curve_.y.begin() + static_cast<std::ptrdiff_t>(points_));
  double sum = 0;
  for (const double value : returns) sum += value;
  result.values["evaluation"] = returns.empty() ? kNaN : sum / static_cast<double>(returns.size());
  result.values["best"] = returns.empty() ? kNaN : *std::max_element(returns.begin(), returns.end());
  result.values["lost"] = lost_after_best(returns);
  // A mean over updates, though only some are looked at: between hard copies the drift is 0.
  result.values["drift"] = drift_ / static_cast<double>(updates_ - 1);
  result.values["lag"] = lag_ / static_cast<double>(lags_);
  result.curves["evaluation"] = evaluation_curve_;
  result.curves["drift"] = drift_curve_;
}

}  // namespace deepq::lab
