#include "deepq/agent/pqn.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "deepq/agent/choose.h"
#include "deepq/agent/exploration.h"
#include "deepq/agent/parameters.h"
#include "deepq/agent/value.h"
#include "deepq/core/error.h"
#include "deepq/core/finite.h"
#include "deepq/nn/kernels/flush_denormals.h"

namespace deepq {
namespace {

NetworkShape network_shape_of(const PqnSettings& settings) {
  return network_for(settings.shape.observation, settings.shape.actions);
}

int64_t minibatch_size(const PqnSettings& settings) {
  return settings.pqn.rollout_steps * settings.shape.env_count / settings.pqn.minibatches;
}

int64_t most_rows(const PqnSettings& settings) { return std::max(minibatch_size(settings), settings.shape.env_count); }

EngineSpec engine_spec(const PqnSettings& settings) {
  return {.network = settings.network,
          .shape = network_shape_of(settings),
          .optimizer = settings.agent.optimizer,
          .online_rows = most_rows(settings)};
}

int64_t rows_side_by_side(const PqnSettings& settings) { return std::min(kGamesSideBySide, most_rows(settings)); }

}  // namespace

void LambdaReturns::compute(const float* rewards, const float* next_values, const uint8_t* terminated,
                            const uint8_t* truncated, float* returns) const {
  for (int64_t t = steps - 1; t >= 0; --t) {
    const int64_t at = t * stride;
    double following = next_values[at];
    // Where the rollout ends, or a time limit cut the episode, only the value of what follows is known.
    if (t + 1 < steps && !truncated[at]) following = (1 - lambda) * following + lambda * returns[at + stride];
    returns[at] = static_cast<float>(rewards[at] + (terminated[at] ? 0 : gamma * following));
  }
}

Pqn::Pqn(const PqnSettings& settings, const EngineFactory& make)
    : settings_(settings),
      exploration_(random_stream(settings.seed, Stream::kExploration)),
      sampling_(random_stream(settings.seed, Stream::kSampling)),
      engine_(make(engine_spec(settings))),
      normalizers_(settings.shape, settings.network, settings.agent),
      input_(settings.shape.observation, most_rows(settings)),
      values_(engine_.get(), settings.shape.observation, settings.agent, settings.network.numerics(),
              settings.shape.actions.values(), rows_side_by_side(settings)),
      observations_(rollout_size(), settings.shape.observation) {
  Random initialisation = random_stream(settings.seed, Stream::kInitialization);
  engine_->initialize(initialisation);
  const auto size = static_cast<size_t>(rollout_size());
  for (std::vector<float>* floats : {&rewards_, &next_values_, &returns_}) floats->resize(size);
  actions_.resize(size);
  terminated_.resize(size);
  truncated_.resize(size);
  order_.resize(size);
  errors_.resize(static_cast<size_t>(minibatch_size(settings)));
}

// Of the first rows of input_.
Rows Pqn::forward(int64_t rows) { return engine_->forward(ParameterCopy::kOnline, input_.rows(), rows); }

float Pqn::value_of(Rows q, int64_t row) const {
  return largest_value({q[row], static_cast<size_t>(settings_.shape.actions.values())}, input_.legal(row));
}

// The values of what follows the step before are these observations' own, unless an episode ended there.
void Pqn::act(const ObservationRows& given, const Progress& progress, std::span<int64_t> actions) {
  const FlushDenormals guard(settings_.network.arithmetic);
  const int64_t envs = settings_.shape.env_count, first = step_ * envs;
  const ObservationRows observations = given.in(input_.layout());
  observations_.put(first, observations);
  input_.put(observations);
  const Rows q = forward(envs);
  const double now = epsilon(progress);
  for (int64_t i = 0; i < envs; ++i) {
    const auto before = static_cast<size_t>(first - envs + i);
    if (step_ > 0 && !terminated_[before] && !truncated_[before]) next_values_[before] = value_of(q, i);
    actions[static_cast<size_t>(i)] = epsilon_greedy_action(
        {q[i], static_cast<size_t>(settings_.shape.actions.values())}, now, exploration_, input_.legal(i));
  }
}

void Pqn::observe(const StepResult& result, const Progress&) {
  const int64_t envs = settings_.shape.env_count;
  const ObservationRows next = result.next_observations.in(input_.layout());
  const bool last = step_ + 1 == settings_.pqn.rollout_steps;
  normalizers_.observe(observations_.rows(step_ * envs, envs), result, *engine_);
  for (int64_t i = 0; i < envs; ++i) {
    const auto env = static_cast<size_t>(i), at = static_cast<size_t>(step_ * envs + i);
    DEEPQ_ASSERT(!result.is_skipped(env));  // rollouts have no gaps; Trainer refuses such environments
    actions_[at] = static_cast<int32_t>(result.actions[env]);
    rewards_[at] = static_cast<float>(settings_.agent.training_reward(result.rewards[env]));
    truncated_[at] = result.truncated[env];
    terminated_[at] = result.is_end(env, settings_.agent);
    // Elsewhere the next act() passes this observation through the network anyway and fills its value in.
    if (!terminated_[at] && (truncated_[at] || last)) {
      const FlushDenormals guard(settings_.network.arithmetic);
      input_.put(next[i], next.layout(), 0);
      next_values_[at] = value_of(forward(1), 0);
    }
  }
  ++step_;
}

void Pqn::update(const Progress& progress, UpdateListener& listener) {
  if (step_ < settings_.pqn.rollout_steps) return;
  step_ = 0;
  learn_from_rollout(progress, listener);
}

void Pqn::learn_from_rollout(const Progress& progress, UpdateListener& listener) {
  const FlushDenormals guard(settings_.network.arithmetic);
  const int64_t envs = settings_.shape.env_count;
  const LambdaReturns lambda_returns{settings_.agent.gamma, settings_.pqn.lambda, settings_.pqn.rollout_steps, envs};
  normalizers_.normalize_rewards(rewards_);
  for (int64_t i = 0; i < envs; ++i)
    lambda_returns.compute(&rewards_[static_cast<size_t>(i)], &next_values_[static_cast<size_t>(i)],
                           &terminated_[static_cast<size_t>(i)], &truncated_[static_cast<size_t>(i)],
                           &returns_[static_cast<size_t>(i)]);
  const auto size = static_cast<size_t>(minibatch_size(settings_));
  for (int64_t epoch = 0; epoch < settings_.pqn.epochs; ++epoch) {
    // A new order for each pass: Fisher and Yates from 0, 1, 2, ..., so that a resumed run needs no order of before.
    std::iota(order_.begin(), order_.end(), 0);
    for (size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[sampling_.below(i)]);
    for (size_t begin = 0; begin + size <= order_.size(); begin += size)
      listener.on_update(update_on(std::span(order_).subspan(begin, size), learning_rate(progress)));
  }
}

LearnStats Pqn::update_on(std::span<const int64_t> samples, double learning_rate) {
  const int64_t actions = settings_.shape.actions.values();
  const auto rows = static_cast<int64_t>(samples.size());
  for (int64_t i = 0; i < rows; ++i)
    input_.put(observations_[samples[static_cast<size_t>(i)]], observations_.layout(), i);
  const Rows q = forward(rows);
  const Rows gradient = engine_->output_gradient();
  ScalarValue value(settings_.agent.loss);
  LearnStats stats;
  const double fraction = 1.0 / static_cast<double>(rows);
  for (int64_t i = 0; i < rows; ++i) {
    const auto at = static_cast<size_t>(samples[static_cast<size_t>(i)]);
    const int64_t action = actions_[at];
    // Actions that were not taken get none.
    std::fill_n(gradient[i], actions, 0.0f);
    stats.loss += fraction * value.loss_and_gradient({q[i], 1, 1, 1}, action, {&returns_[at], 1},
                                                     {gradient[i] + action, 1, static_cast<float>(fraction)});
    errors_[static_cast<size_t>(i)] = std::abs(returns_[at] - q[i][action]);
    stats.mean_q += fraction * q[i][action];
    stats.max_abs_q = std::max(stats.max_abs_q, std::abs(double{q[i][action]}));
  }
  engine_->backward();
  step_checked(*engine_, learning_rate, stats);
  return stats;
}

double Pqn::epsilon(const Progress& progress) const {
  return epsilon_at(settings_.exploration, updates(), progress.env_steps, settings_.network.arithmetic);
}

double Pqn::learning_rate(const Progress& progress) const {
  return learning_rate_at(settings_.agent.optimizer, progress.fraction, settings_.network.arithmetic);
}

bool Pqn::parameters_are_finite() const { return all_finite(network().parameters()); }

std::string Pqn::weights_sha256() { return parameters_sha256(network()); }

void Pqn::serialize(Archive& archive) {
  engine_->serialize(archive);
  serialize_stream(archive, "exploration", exploration_);
  serialize_stream(archive, "sampling", sampling_);
  normalizers_.serialize(archive);
  const auto scope = archive.scope("rollout");
  archive.value("step", step_, {0, settings_.pqn.rollout_steps - 1});
  const int64_t rows = step_ * settings_.shape.env_count;  // the others have been learnt from, or are still to come
  observations_.serialize(archive, rows);
  const auto filled = [&](auto& values) { return std::span(values).first(static_cast<size_t>(rows)); };
  archive.array("rewards", filled(rewards_));
  archive.array("next_values", filled(next_values_));
  archive.array("actions", filled(actions_), {0, static_cast<int32_t>(settings_.shape.actions.values() - 1)});
  archive.array("terminated", filled(terminated_), {0, 1});
  archive.array("truncated", filled(truncated_), {0, 1});
}

int64_t Pqn::bytes(const PqnSettings& settings) {
  const int64_t rollout = settings.pqn.rollout_steps * settings.shape.env_count;
  return engine_bytes(engine_spec(settings)) +
         ObservationBatch::bytes(settings.shape.observation, most_rows(settings)) +
         NetworkValues::bytes(settings.shape.observation, rows_side_by_side(settings)) +
         RolloutObservations::bytes(rollout, settings.shape.observation) +
         // Rewards, next values and returns; actions; two flags; the order.
         rollout * (3 * 4 + 4 + 2 + 8);
}

}  // namespace deepq
