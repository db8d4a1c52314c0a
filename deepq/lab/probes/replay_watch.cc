#include "deepq/lab/probes/replay_watch.h"

#include <algorithm>
#include <cmath>

#include "deepq/core/finite.h"
#include "deepq/lab/lines.h"
#include "deepq/lab/text.h"
#include "deepq/replay/sampler.h"

namespace deepq::lab {
namespace {

constexpr double kFallValue = 1;  // the reward of CartPole's last step, after which nothing follows

double root_mean_square(const std::vector<double>& x) {
  double sum = 0;
  for (const double value : x) sum += value * value;
  return x.empty() ? kNaN : std::sqrt(sum / static_cast<double>(x.size()));
}

double mean_of(const Curve& curve) {
  const std::vector<double> values = finite_values(curve.y);
  return values.empty() ? kNaN : moments(values).mean;
}

double later_mean_square(const Curve& curve) { return root_mean_square(later_half(curve)); }

}  // namespace

ReplayWatch::ReplayWatch(const RunConfig& config, const EnvSpec& env, int64_t seed)
    : config_(config),
      observation_size_(env.observation_size()),
      action_count_(static_cast<size_t>(env.action_count)),
      probe_(config, env, kSamples),
      next_probe_(config, env, kSamples),
      random_(random_stream(static_cast<uint64_t>(seed), Stream::kExperiment)),
      history_(config.train.env_steps, env.observation_space),
      actions_(kSamples),
      rewards_(kSamples),
      discounts_(kSamples),
      observations_(static_cast<size_t>(observation_size_)),
      lag_one_(empty_curve(config.train.env_steps, kPoints)),
      pairs_(lag_one_),
      td_lag_one_(lag_one_),
      fall_error_(lag_one_),
      old_td_(lag_one_),
      new_td_(lag_one_) {
  DEEPQ_ASSERT(config.agent.n_step == 1 && config.env.count == 1);
}

void ReplayWatch::see(Trainer& trainer) {
  const Dqn& dqn = dqn_of(trainer.algorithm());
  remember(dqn, trainer.env_steps());
  // Every step is remembered, 50 are measured.
  if (trainer.env_steps() * kPoints < static_cast<int64_t>(points_ + 1) * config_.train.env_steps) return;
  measure(dqn, points_++);
}

// The newest transition, from the agent's ring: step k lies at (k - 1) % capacity.
void ReplayWatch::remember(const Dqn& dqn, int64_t env_steps) {
  const int64_t index = (env_steps - 1) % config_.replay.capacity;
  dqn.gather({&index, 1}, buffers());
  const auto size = static_cast<size_t>(observation_size_);
  const std::span<const float> from(probe_.observations()[0], size), to(next_probe_.observations()[0], size);
  const int64_t at = history_.push({from, actions_[0], rewards_[0], discounts_[0], to});
  for (size_t i = 0; i < size; ++i) observations_[i].push_back(from[i]);
  // A discount of 0 is a true end: the pole fell.
  if (discounts_[0] == 0 && falls_.size() < kFalls) falls_.push_back(at);
}

std::vector<int64_t> ReplayWatch::draw(int64_t count, int64_t window) {
  // From a history of its own and with a stream of its own: the agent does not notice that it is watched.
  const int64_t population = std::min(window, history_.size());
  std::vector<int64_t> indices(static_cast<size_t>(std::min(count, population)));
  std::vector<float> weights(indices.size());
  UniformSampler(count, false).sample(population, 1, random_, indices, weights);
  // Of the newest `window`: counted from the end.
  for (int64_t& index : indices) index += history_.size() - population;
  std::sort(indices.begin(), indices.end());  // in order of time: lag-1 is between neighbours
  return indices;
}

void ReplayWatch::measure(const Dqn& dqn, size_t point) {
  // From as many transitions as the agent's memory holds, or 64 where that is less.
  const std::vector<int64_t> batch = draw(kSamples, std::max(config_.replay.capacity, kSamples));
  measure_observations(batch, point);
  const Moments td = moments(td_errors(dqn, draw(kTdPopulation, kPopulation)));
  td_lag_one_.y[point] = lag_one_correlation(td_errors(dqn, batch), td);
  new_td_.y[point] = root_mean_square(td_errors(dqn, draw(kSamples, kSamples)));
  std::vector<int64_t> old;
  for (int64_t i = 0; i < std::min(kOld, history_.size()); ++i) old.push_back(i);
  old_td_.y[point] = root_mean_square(td_errors(dqn, old));
  if (falls_.size() == kFalls) fall_error_.y[point] = root_mean_square(fall_errors(dqn));
}

void ReplayWatch::measure_observations(const std::vector<int64_t>& batch, size_t point) {
  lag_one_.y[point] = pairs_.y[point] = 0;
  std::vector<double> values(batch.size());
  for (const std::vector<double>& component : observations_) {
    // Against the population that the batch should stand for, not its own mean.
    const size_t window = std::min(component.size(), static_cast<size_t>(kPopulation));
    const Moments population = moments(std::span(component).last(window));
    for (size_t i = 0; i < batch.size(); ++i) values[i] = component[static_cast<size_t>(batch[i])];
    lag_one_.y[point] += lag_one_correlation(values, population) / static_cast<double>(observation_size_);
    pairs_.y[point] += pair_correlation(values, population) / static_cast<double>(observation_size_);
  }
}

void ReplayWatch::gather(std::span<const int64_t> indices) { history_.gather(indices, buffers()); }

BatchBuffers ReplayWatch::buffers() {
  const Rows rows = probe_.observations(), next_rows = next_probe_.observations();
  return {{rows.data, rows.stride}, {next_rows.data, next_rows.stride}, actions_, rewards_, discounts_};
}

// r + discount * max_a Q_target(s', a) - Q_online(s, a)
std::vector<double> ReplayWatch::td_errors(const Dqn& dqn, const std::vector<int64_t>& indices) {
  std::vector<double> errors, next(kSamples);
  for (size_t begin = 0; begin < indices.size(); begin += kSamples) {
    const size_t count = std::min(indices.size() - begin, static_cast<size_t>(kSamples));
    gather(std::span(indices).subspan(begin, count));
    const std::span<const double> q = probe_.q_values(dqn.learner().network());
    next_probe_.max_q(dqn.learner().target_network(), next);
    for (size_t i = 0; i < count; ++i) errors.push_back(rewards_[i] + discounts_[i] * next[i] - taken(q, i));
  }
  return errors;
}

double ReplayWatch::taken(std::span<const double> q, size_t row) const {
  return q[row * action_count_ + static_cast<size_t>(actions_[row])];
}

std::vector<double> ReplayWatch::fall_errors(const Dqn& dqn) {
  gather(falls_);
  const std::span<const double> q = probe_.q_values(dqn.learner().network());
  std::vector<double> errors;
  for (size_t i = 0; i < falls_.size(); ++i) errors.push_back(taken(q, i) - kFallValue);
  return errors;
}

void ReplayWatch::write(JobResult& result) const {
  result.values["lag_one"] = mean_of(lag_one_);
  result.values["pairs"] = mean_of(pairs_);
  result.values["effective"] = effective_samples(kSamples, mean_of(pairs_));
  result.values["td_lag_one"] = mean_of(td_lag_one_);
  result.values["fall_error"] = later_mean_square(fall_error_);
  result.values["old_td"] = later_mean_square(old_td_);
  result.values["new_td"] = later_mean_square(new_td_);
  result.curves["lag_one"] = lag_one_;
  result.curves["fall_error"] = fall_error_;
  result.curves["old_td"] = old_td_;
}

}  // namespace deepq::lab
