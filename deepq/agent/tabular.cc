#include "deepq/agent/tabular.h"

#include <algorithm>
#include <cmath>
#include <exception>

#include "deepq/agent/choose.h"
#include "deepq/agent/exploration.h"
#include "deepq/agent/parameters.h"
#include "deepq/core/error.h"
#include "deepq/core/finite.h"
#include "deepq/core/states.h"

namespace deepq {
namespace {

constexpr int64_t kNone = -1;

// [states, actions], all of one value.
std::vector<double> make_table(int64_t states, int64_t actions, double value) {
  int64_t entries = 0;
  try {
    if (!__builtin_mul_overflow(states, actions, &entries))
      return std::vector<double>(static_cast<size_t>(entries), value);
  } catch (const std::exception&) {  // no memory, or more entries than there are addresses
  }
  throw Error::of("a table of ", states, " states and ", actions,
                  " actions has 8 bytes for each pair; allowed: what this machine has memory for");
}

}  // namespace

Tabular::Tabular(const TabularSettings& settings)
    : settings_(settings),
      layout_(settings.shape.observation),
      exploration_(random_stream(settings.seed, Stream::kExploration)),
      sampling_(random_stream(settings.seed, Stream::kSampling)),
      values_(table_, second_table_, settings.shape.observation, settings.shape.actions.count(), kGamesSideBySide),
      states_(static_cast<size_t>(settings.shape.env_count)),
      chosen_(states_.size(), kNone) {
  const int64_t states = settings.shape.observation.states();
  if (states < 1)
    throw Error::of("agent.algorithm is ", name_of(settings.agent.algorithm),
                    "; allowed with an environment whose observations are not discrete: dqn, pqn");
  table_ = make_table(states, settings.shape.actions.count(), settings.tabular.initial_value);
  if (settings.agent.algorithm == AlgorithmKind::kDoubleQLearning)
    second_table_ = make_table(states, settings.shape.actions.count(), settings.tabular.initial_value);
}

void Tabular::act(const ObservationRows& observations, const Progress& progress, std::span<int64_t> actions) {
  const ObservationRows rows = observations.in(layout_);
  const double now = epsilon(progress);
  for (size_t i = 0; i < actions.size(); ++i) {
    const ObservationRow observation = rows[static_cast<int64_t>(i)];
    layout_.check(observation);
    states_[i] = observation.state();
    // Sarsa has drawn the action already: its target held it (next_value()).
    actions[i] = chosen_[i] != kNone ? chosen_[i]
                                     : epsilon_greedy_action(values_.of_state(states_[i]), now, exploration_,
                                                             layout_.legal(observation));
    chosen_[i] = kNone;
  }
}

double Tabular::next_value(ObservationRow next, double epsilon, size_t env, std::vector<double>& updated,
                           std::vector<double>& evaluating) {
  const int64_t state = next.state();
  const LegalActions legal = layout_.legal(next);
  const std::span<double> q = row(updated, state);
  switch (settings_.agent.algorithm) {
    case AlgorithmKind::kSarsa:
      chosen_[env] = epsilon_greedy_action(values_.of_state(state), epsilon, exploration_, legal);
      return q[static_cast<size_t>(chosen_[env])];
    case AlgorithmKind::kExpectedSarsa:
      return epsilon_greedy_value(q, epsilon, legal);
    case AlgorithmKind::kDoubleQLearning:
      return row(evaluating, state)[static_cast<size_t>(greedy_action(q, legal))];
    default:
      return largest_value(q, legal);
  }
}

void Tabular::observe(const StepResult& result, const Progress&) { result_ = result; }

// Q(s, a) <- Q(s, a) + alpha (r + gamma * value of s' - Q(s, a))
void Tabular::update(const Progress& progress, UpdateListener& listener) {
  const AgentConfig& agent = settings_.agent;
  const double rate = learning_rate(progress), now = epsilon(progress);
  const ObservationRows next = result_.next_observations.in(layout_);
  for (size_t i = 0; i < states_.size(); ++i) {
    if (result_.is_skipped(i)) continue;
    // Double Q-learning (van Hasselt 2010): a fair coin says which table learns, and the other one evaluates.
    const bool first = second_table_.empty() || sampling_.below(2) == 0;
    std::vector<double>& updated = first ? table_ : second_table_;
    std::vector<double>& evaluating = first && !second_table_.empty() ? second_table_ : table_;
    const bool end = result_.is_end(i, agent);
    double& q = row(updated, states_[i])[static_cast<size_t>(result_.actions[i])];
    double target = agent.training_reward(result_.rewards[i]);
    if (!end) {
      const ObservationRow following = next[static_cast<int64_t>(i)];
      layout_.check(following);
      target += agent.gamma * next_value(following, now, i, updated, evaluating);
    }
    if (end || result_.truncated[i] != 0) chosen_[i] = kNone;  // drawn for a state in which nothing is done
    const double error = target - q;
    if (!std::isfinite(error)) throw Error::of("update ", updates_ + 1, ": the error is ", error);
    const LearnStats stats{.loss = error * error, .mean_q = q, .max_abs_q = std::abs(q), .grad_norm = std::abs(error)};
    q += rate * error;
    ++updates_;
    td_error_ = static_cast<float>(std::abs(error));
    listener.on_update(stats);
  }
}

double Tabular::epsilon(const Progress& progress) const {
  return epsilon_at(settings_.exploration, updates_, progress.env_steps, settings_.arithmetic);
}

double Tabular::learning_rate(const Progress& progress) const {
  // The optimiser's schedule, from the table's own step size.
  OptimizerConfig schedule = settings_.agent.optimizer;
  schedule.learning_rate = settings_.tabular.learning_rate;
  return learning_rate_at(schedule, progress.fraction, settings_.arithmetic);
}

bool Tabular::parameters_are_finite() const { return all_finite(table_) && all_finite(second_table_); }

std::string Tabular::weights_sha256() {
  Archive archive;
  archive.array("table", table_);
  archive.array("second_table", second_table_);
  return parameters_sha256(archive);
}

void Tabular::serialize(Archive& archive) {
  serialize_stream(archive, "exploration", exploration_);
  serialize_stream(archive, "sampling", sampling_);
  archive.value("updates", updates_, kCount);
  archive.array("table", table_, {settings_.shape.observation.states(), settings_.shape.actions.count()});
  archive.array("second_table", second_table_);
  archive.array("chosen", chosen_, {kNone, settings_.shape.actions.count() - 1});
}

void Tabular::drop_partial_episodes() { std::fill(chosen_.begin(), chosen_.end(), kNone); }

int64_t Tabular::bytes(const TabularSettings& settings) {
  constexpr int64_t kMost = int64_t{1} << 60;  // more than there is, and sums do not overflow
  const int64_t tables = settings.agent.algorithm == AlgorithmKind::kDoubleQLearning ? 2 : 1;
  int64_t bytes = 0;
  const bool too_many =
      __builtin_mul_overflow(settings.shape.observation.states() * tables * 8, settings.shape.actions.count(), &bytes);
  return too_many ? kMost : std::min(bytes, kMost);
}

}  // namespace deepq
