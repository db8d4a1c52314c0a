#include "deepq/agent/learner.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "deepq/agent/action_losses.h"
#include "deepq/agent/action_values.h"
#include "deepq/agent/algorithm.h"
#include "deepq/agent/choose.h"
#include "deepq/agent/parameters.h"
#include "deepq/core/finite.h"
#include "deepq/nn/kernels/flush_denormals.h"

namespace deepq {
namespace {

size_t count(int64_t number) { return static_cast<size_t>(number); }

NetworkShape network_shape_of(const LearnerShape& shape, const AgentConfig& agent) {
  return network_shape(agent.value, network_for(shape.observation, shape.actions));
}

EngineSpec engine_spec(const LearnerShape& shape, const NetworkConfig& network, const AgentConfig& agent) {
  return {.network = network,
          .shape = network_shape_of(shape, agent),
          .optimizer = agent.optimizer,
          // The online network acts, too.
          .online_rows = std::max(agent.batch_size * shape.steps, shape.act_rows),
          .target_rows = agent.batch_size * shape.steps};
}

std::vector<int64_t> counted_up(size_t size) {
  std::vector<int64_t> numbers(size);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

using enum ParameterCopy;

}  // namespace

Learner::Learner(const LearnerShape& shape, const NetworkConfig& network, const AgentConfig& agent,
                 const TargetConfig& target, Random& random, const EngineFactory& make)
    : shape_(shape),
      agent_(agent),
      target_config_(target),
      arithmetic_(network.arithmetic),
      engine_(make(engine_spec(shape, network, agent))),
      width_(engine_->output_size() / shape.actions.values()),
      value_(make_value(agent, network.numerics())),
      observations_(shape.observation, agent.batch_size * shape.steps),
      next_observations_(shape.observation, has_memory() ? 0 : agent.batch_size),
      samples_(has_memory() ? 0 : agent.batch_size),
      rows_(counted_up(count(agent.batch_size * shape.learnt_steps))),
      next_rows_(rows_),
      of_sequence_(rows_),
      before_(count(agent.batch_size * engine_->memory_size())),
      learnt_from_(has_memory() ? count(agent.batch_size) : 0),
      actions_(rows_.size()),
      rewards_(actions_.size()),
      discounts_(actions_.size()),
      weights_(count(agent.batch_size), 1.0f),
      errors_(actions_.size()),
      targets_(actions_.size() * count(target_size(agent.value))),
      next_q_(actions_.size() * count(shape.actions.values())),
      q_(agent.munchausen ? next_q_.size() : 0),
      next_(agent.munchausen ? count(shape.actions.values()) : shape.actions.axis_count()),
      fractions_(count(agent.batch_size * shape.steps * network_shape_of(shape, agent).max_fractions)),
      action_q_(count(shape.actions.values())),
      action_gradient_(action_q_.size()) {
  DEEPQ_ASSERT(has_memory() == (engine_->memory_size() > 0));
  engine_->initialize(random);
  // Behind what the parameters were drawn from: one stream, no number twice.
  noise_ = random;
}

BatchBuffers Learner::batch(int64_t first_row) {
  const size_t first = count(first_row);
  return {observations_.to(first_row), next_observations_.to(first_row), std::span(actions_).subspan(first),
          std::span(rewards_).subspan(first), std::span(discounts_).subspan(first)};
}

SequenceBuffers Learner::sequences() {
  return {observations_.to(), before_, learnt_from_, rows_, next_rows_, of_sequence_, actions_, rewards_, discounts_};
}

LearnStats Learner::update(double learning_rate, int64_t demonstrated) {
  const FlushDenormals guard(arithmetic_);
  // Noise of its own for each network and each update; without noisy layers nothing is drawn.
  engine_->sample_noise(kOnline, noise_);
  engine_->sample_noise(kTarget, noise_);
  // Targets first: double passes next observations through the online network, and backward() goes by its last pass.
  compute_targets();
  LearnStats stats = compute_loss_and_gradient(demonstrated);
  engine_->backward();
  step_checked(*engine_, learning_rate, stats);
  return stats;
}

// y = r + discount * max_a Q_target(s', a)                         (Mnih et al. 2015, algorithm 1)
// y = r + discount * Q_target(s', argmax_a Q_online(s', a))        (double: van Hasselt et al. 2016, equation 4)
// y = r + alpha [tau log pi(a|s)] + discount * sum_a pi(a|s') (Q_target(s', a) - tau log pi(a|s'))
//                                                                  (Munchausen: Vieillard et al. 2020, equation 1)
// or the same of return distributions; of actions on several axes with the mean of the axes' values (Tavakoli et al.
// 2018, equation 6).
void Learner::compute_targets() {
  if (agent_.munchausen) add_munchausen_rewards();
  // What next actions are chosen by: the online network with double, else the target network itself.
  fill_q(agent_.double_q ? kOnline : kTarget, next_batch(), next_rows_, next_q_);
  // Otherwise the target network's outputs are still there from choosing. Implicit values take fractions of another
  // number.
  const bool again = agent_.double_q || agent_.value.representation == Representation::kImplicit;
  const Rows next = again ? forward(kTarget, next_batch(), Fractions::kTarget) : engine_->output(kTarget);
  const auto size = count(target_size(agent_.value));
  std::visit(
      [&](auto& value) {
        for (int64_t i = 0; i < samples_; ++i) {
          choose_next_actions(i);
          const int64_t row = next_rows_[count(i)];
          value.make_target({rewards_[count(i)], discounts_[count(i)], outputs(next, row, Fractions::kTarget), next_},
                            std::span(targets_).subspan(count(i) * size, size));
        }
      },
      value_);
}

// The greedy action alone, on each axis, or, with Munchausen, all of them with the softmax policy's probabilities and
// entropy terms.
void Learner::choose_next_actions(int64_t sample) {
  const auto actions = count(shape_.actions.values());
  const std::span<const float> q = std::span(next_q_).subspan(count(sample) * actions, actions);
  // Behind a true end, where nothing need be legal, all are: what is chosen counts nothing.
  const bool ends = discounts_[count(sample)] == 0;
  const LegalActions legal = ends ? LegalActions() : next_batch().legal(next_rows_[count(sample)]);
  if (agent_.munchausen)
    softmax_policy(q, static_cast<float>(agent_.munchausen_temperature), next_, legal, arithmetic_);
  else
    choose_on_each_axis(q, legal);
}

void Learner::choose_on_each_axis(std::span<const float> q, LegalActions legal) {
  const float share = 1 / static_cast<float>(next_.size());
  size_t first = 0;
  for (size_t axis = 0; axis < next_.size(); ++axis) {
    const auto size = count(shape_.actions.axes()[axis]);
    const int64_t best = greedy_action(q.subspan(first, size), legal.from(first));
    next_[axis] = {static_cast<int64_t>(first) + best, share, 0};
    first += size;
  }
}

// mean_i weight_i loss_i(Q(s_i, a_i), y_i), and its gradient with respect to Q; no gradient flows through y. Beside it,
// where they are asked for, what action_losses.h adds.
LearnStats Learner::compute_loss_and_gradient(int64_t demonstrated) {
  // With memory the pass that double chose by went through the same sequences: it is still there.
  const bool there = has_memory() && agent_.double_q && agent_.value.representation != Representation::kImplicit;
  const Rows q = there ? engine_->output(kOnline) : forward(kOnline, observations_, Fractions::kLoss);
  const Rows gradient = engine_->output_gradient();
  const auto size = count(target_size(agent_.value));
  const float fraction = 1.0f / static_cast<float>(samples_);
  const float share = 1 / static_cast<float>(shape_.actions.axis_count());
  const int64_t rows_per_sample = fraction_count(Fractions::kLoss);
  // Actions that were not taken get none; implicit values have a row for each fraction.
  const int64_t rows = agent_.batch_size * shape_.steps;
  std::fill_n(gradient.data, rows * std::max<int64_t>(1, rows_per_sample) * gradient.stride, 0.0f);
  LearnStats stats;
  std::visit(
      [&](auto& value) {
        for (int64_t i = 0; i < samples_; ++i) {
          const int64_t row = rows_[count(i)];
          const ActionOutputs sample = outputs(q, row, Fractions::kLoss);
          const std::span<const float> target = std::span(targets_).subspan(count(i) * size, size);
          // Implicit values are quantile values at the fractions that this sample was asked at.
          if constexpr (std::is_same_v<decltype(value), QuantileValue&>)
            if (rows_per_sample > 0) value.set_fractions(&fractions_[count(row * rows_per_sample)]);
          const float weight = weights_[count(of_sequence_[count(i)])], gradient_weight = fraction * weight * share;
          const bool shown = i < demonstrated && agent_.margin_weight > 0, more = shown || agent_.cql_alpha > 0;
          float chosen = 0, loss = 0, error = 0;
          // The mean over the axes of what was chosen there; of one axis its own.
          shape_.actions.visit_choices(actions_[count(i)], [&](size_t axis, int64_t first, int64_t choice) {
            const int64_t action = first + choice;
            const float of_axis = value.q(sample, action);
            // Gradients lie as outputs do: the same offset, the same stride.
            float* const to = gradient.data + (sample.data - q.data) + action * sample.action_stride;
            const float its_loss =
                value.loss_and_gradient(sample, action, target, {to, sample.stride, gradient_weight});
            chosen += share * of_axis;
            loss += share * its_loss;
            error += share * value.priority_error(of_axis, target, its_loss);
            if (more)
              loss += share *
                      add_action_losses(value, sample, row, axis, action, shown, {to, sample.stride, gradient_weight});
          });
          errors_[count(i)] = error;
          stats.loss += weight * loss;
          stats.mean_q += chosen;
          stats.max_abs_q = std::max(stats.max_abs_q, static_cast<double>(std::abs(chosen)));
        }
      },
      value_);
  stats.loss /= static_cast<double>(samples_);
  stats.mean_q /= static_cast<double>(samples_);
  return stats;
}

// Of one axis, whose action `taken` has its gradient at `gradient`. Returns the losses without the sample's weight.
template <class Representation>
float Learner::add_action_losses(Representation& value, const ActionOutputs& sample, int64_t row, size_t axis,
                                 int64_t taken, bool demonstrated, const OutputGradient& gradient) {
  int64_t first = 0;
  for (size_t before = 0; before < axis; ++before) first += shape_.actions.axes()[before];
  const std::span q = std::span(action_q_).first(count(shape_.actions.axes()[axis]));
  const std::span by_q = std::span(action_gradient_).first(q.size());
  for (size_t a = 0; a < q.size(); ++a) q[a] = value.q(sample, first + static_cast<int64_t>(a));
  std::ranges::fill(by_q, 0.0f);
  const size_t choice = count(taken - first);
  const LegalActions legal = observations_.legal(row).from(count(first));
  float loss = 0;
  if (demonstrated)
    loss += add_margin_loss(q, choice, static_cast<float>(agent_.margin), static_cast<float>(agent_.margin_weight),
                            legal, by_q);
  if (agent_.cql_alpha > 0)
    loss += add_conservative_penalty(q, choice, static_cast<float>(agent_.cql_alpha), legal, arithmetic_, by_q);
  for (size_t a = 0; a < q.size(); ++a) {
    if (by_q[a] == 0) continue;
    const int64_t action = first + static_cast<int64_t>(a);
    float* const to = gradient.data + (action - taken) * sample.action_stride;
    value.add_q_gradient(sample, action, {to, gradient.stride, gradient.weight * by_q[a]});
  }
  return loss;
}

// Munchausen's first term belongs to the reward; its q of s is the target network's too.
void Learner::add_munchausen_rewards() {
  fill_q(kTarget, observations_, rows_, q_);
  const auto actions = count(shape_.actions.values());
  for (size_t i = 0; i < count(samples_); ++i) {
    softmax_policy(std::span(q_).subspan(i * actions, actions), static_cast<float>(agent_.munchausen_temperature),
                   next_, observations_.legal(rows_[i]), arithmetic_);
    // temperature * log pi(a|s), at most 0; cut off below, where it would be -infinity for actions that are never
    // taken.
    const float scaled_log_policy = -next_[count(actions_[i])].bonus;
    rewards_[i] += static_cast<float>(agent_.munchausen_alpha) *
                   std::clamp(scaled_log_policy, static_cast<float>(agent_.munchausen_clip), 0.0f);
  }
}

// q [sample, values of all actions] of those rows of `input`.
void Learner::fill_q(ParameterCopy copy, ObservationBatch& input, const std::vector<int64_t>& rows,
                     std::vector<float>& q) {
  const Rows of_rows = forward(copy, input, Fractions::kAction);
  float* to = q.data();
  std::visit(
      [&](auto& value) {
        for (int64_t i = 0; i < samples_; ++i) {
          const ActionOutputs sample = outputs(of_rows, rows[count(i)], Fractions::kAction);
          for (int64_t a = 0; a < shape_.actions.values(); ++a) *to++ = value.q(sample, a);
        }
      },
      value_);
}

// Implicit values are asked for at fractions that are drawn now.
Rows Learner::forward(ParameterCopy copy, ObservationBatch& input, Fractions purpose) {
  const int64_t rows = agent_.batch_size * shape_.steps;
  const std::span<float> fractions = std::span(fractions_).first(count(rows * fraction_count(purpose)));
  for (float& fraction : fractions) fraction = static_cast<float>(noise_.uniform());
  return engine_->forward(copy, input.rows(), rows, fractions,
                          {.steps = shape_.steps, .before = before_, .after = {}, .learnt_from = learnt_from_});
}

// For each sample; 0 where the values are not implicit.
int64_t Learner::fraction_count(Fractions purpose) const {
  const ValueConfig& value = agent_.value;
  if (value.representation != Representation::kImplicit) return 0;
  return purpose == Fractions::kLoss     ? value.samples
         : purpose == Fractions::kTarget ? value.target_samples
                                         : value.action_samples;
}

ActionOutputs Learner::outputs(Rows rows, int64_t row, Fractions purpose) const {
  return outputs_of(rows, row, fraction_count(purpose), width_);
}

void Learner::sync_target() {
  const FlushDenormals guard(arithmetic_);
  engine_->sync_target(target_config_.tau);
}

bool Learner::parameters_are_finite() const { return all_finite(network().parameters()); }

std::string Learner::weights_sha256() { return parameters_sha256(network()); }

void Learner::serialize(Archive& archive) {
  engine_->serialize(archive);
  serialize_stream(archive, "noise", noise_);
}

int64_t Learner::bytes(const LearnerShape& shape, const NetworkConfig& network, const AgentConfig& agent) {
  const int64_t inputs = shape.steps > 1 ? shape.steps : 2;  // sequences hold their next states
  return engine_bytes(engine_spec(shape, network, agent)) +
         ObservationBatch::bytes(shape.observation, agent.batch_size * inputs);
}

}  // namespace deepq
