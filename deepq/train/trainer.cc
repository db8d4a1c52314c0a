#include "deepq/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "deepq/agent/exploration.h"
#include "deepq/core/error.h"

namespace deepq {
namespace {

// Each purpose has its own random stream, a child of the run's seed. The training environments take the seed itself, as
// Gymnasium's users expect.
enum Stream : uint32_t { kInitialisation, kExploration, kSampling, kEvaluation };

uint64_t evaluation_seed(int64_t seed, int64_t env_steps) {
  const SeedSequence sequence(static_cast<uint64_t>(seed),
                              {kEvaluation, static_cast<uint32_t>(env_steps), static_cast<uint32_t>(env_steps >> 32)});
  return sequence.generate_state(1)[0];
}

const RunConfig& validated(const RunConfig& config) {
  validate(config);
  return config;
}

}  // namespace

void ReturnWindow::add(double episode_return, int64_t episode, const EnvSpec& env) {
  returns_[static_cast<size_t>(count_) % kEpisodes] = episode_return;
  ++count_;
  const size_t filled = std::min(static_cast<size_t>(count_), kEpisodes);
  last_mean_ = 0;
  for (size_t i = 0; i < filled; ++i) last_mean_ += returns_[i] / static_cast<double>(filled);
  const bool whole = filled == kEpisodes;
  const bool first_whole = count_ == static_cast<int64_t>(kEpisodes);
  best_mean_ = !whole || first_whole ? last_mean_ : std::max(best_mean_, last_mean_);
  if (whole && first_episode_solved_ == 0 && env.has_solved_return && last_mean_ > env.solved_return)
    first_episode_solved_ = episode;
}

void ReturnWindow::serialize(Archive& archive) {
  const auto scope = archive.scope("returns");
  archive.array("last", returns_);
  archive.value("count", count_);
  archive.value("last_mean", last_mean_);
  archive.value("best_mean", best_mean_);
  archive.value("first_episode_solved", first_episode_solved_);
}

Trainer::Trainer(const RunConfig& config, EnvFactory env)
    : config_(validated(config)),
      make_env_(std::move(env)),
      initialisation_(static_cast<uint64_t>(config.train.seed), {kInitialisation}),
      exploration_(static_cast<uint64_t>(config.train.seed), {kExploration}),
      sampling_(static_cast<uint64_t>(config.train.seed), {kSampling}),
      env_(make_env_, config.env.count, static_cast<uint64_t>(config.train.seed), config.env.max_episode_steps),
      replay_(config.replay.capacity, env_.spec().observation_size()),
      sampler_(config.agent.batch_size, config.replay.with_replacement),
      learner_({env_.spec().observation_size(), env_.spec().action_count, config.env.count}, config.network,
               config.agent, config.target, initialisation_),
      actions_(static_cast<size_t>(config.env.count)),
      indices_(static_cast<size_t>(config.agent.batch_size)),
      weights_(indices_.size()),
      act_input_(config.env.count, env_.spec().observation_size()) {}

bool Trainer::done() const {
  const TrainConfig& train = config_.train;
  return solved_ || (train.env_steps > 0 && env_steps_ >= train.env_steps) ||
         (train.episodes > 0 && episodes_ >= train.episodes);
}

void Trainer::step() {
  act();
  env_.step(actions_);
  env_steps_ += env_.count();
  store();
  learn();
  report_episodes();
  evaluate_if_due();
  for (Observer* observer : observers_) observer->on_step(env_steps_);
}

void Trainer::act() {
  const auto size = static_cast<size_t>(env_.spec().observation_size());
  const auto action_count = static_cast<size_t>(env_.spec().action_count);
  for (int64_t i = 0; i < env_.count(); ++i)
    std::copy_n(env_.observations().data() + static_cast<size_t>(i) * size, size, act_input_.rows()[i]);
  const Rows q = learner_.q_values(act_input_.rows(), env_.count());
  const double now = epsilon();
  for (int64_t i = 0; i < env_.count(); ++i) {
    actions_[static_cast<size_t>(i)] = epsilon_greedy_action({q[i], action_count}, now, exploration_);
  }
}

// The observation acted on still lies in act_input_; the true successor is kept by VectorEnv even where an episode
// ended.
void Trainer::store() {
  const auto size = static_cast<size_t>(env_.spec().observation_size());
  for (int64_t i = 0; i < env_.count(); ++i) {
    const bool end = env_.terminated(i) || (env_.truncated(i) && !config_.agent.bootstrap_at_truncation);
    replay_.push({.observation = {act_input_.rows()[i], size},
                  .action = actions_[static_cast<size_t>(i)],
                  .reward = static_cast<float>(env_.rewards()[static_cast<size_t>(i)]),
                  .discount = end ? 0.0f : static_cast<float>(config_.agent.gamma),
                  .next_observation = env_.next_observations().subspan(static_cast<size_t>(i) * size, size)});
  }
}

void Trainer::learn() {
  const TrainConfig& train = config_.train;
  if (learning_started_at_ < 0) {
    if (env_steps_ < train.learning_starts_env_steps || replay_.size() < config_.agent.batch_size) return;
    learning_started_at_ = env_steps_;
  }
  const int64_t updates = periods_passed(train.update_every_env_steps) * train.updates_per_round;
  for (int64_t i = 0; i < updates; ++i) update();
  if (periods_passed(config_.target.sync_every_env_steps) > 0) learner_.sync_target();
}

void Trainer::update() try {
  sampler_.sample(replay_.size(), 0, sampling_, indices_, weights_);
  replay_.gather(indices_, learner_.batch());
  const LearnStats stats = learner_.update(learning_rate());
  const int64_t sync_every = config_.target.sync_every_updates;
  if (sync_every > 0 && learner_.updates() % sync_every == 0) learner_.sync_target();
  ++metrics_.updates;
  metrics_.loss += stats.loss;
  metrics_.mean_q += stats.mean_q;
  metrics_.max_abs_q = std::max(metrics_.max_abs_q, stats.max_abs_q);
  metrics_.grad_norm += stats.grad_norm;
  if (metrics_.updates == config_.log.metrics_every_updates) report_metrics();
} catch (const Error& error) {
  throw Error::of("environment step ", env_steps_, ": ", error.what());
}

void Trainer::report_metrics() {
  const auto count = static_cast<double>(metrics_.updates);
  const MetricsRecord record{.env_steps = env_steps_,
                             .updates = learner_.updates(),
                             .loss = metrics_.loss / count,
                             .mean_q = metrics_.mean_q / count,
                             .max_abs_q = metrics_.max_abs_q,
                             .grad_norm = metrics_.grad_norm / count,
                             .epsilon = epsilon(),
                             .learning_rate = learning_rate(),
                             .seconds = seconds()};
  for (Observer* observer : observers_) observer->on_metrics(record);
  metrics_ = {};
}

void Trainer::report_episodes() {
  for (int64_t i = 0; i < env_.count(); ++i) {
    if (!env_.ended(i)) continue;
    ++episodes_;
    returns_.add(env_.episode_return(i), episodes_, env_.spec());
    const EpisodeRecord record{.episode = episodes_,
                               .env_steps = env_steps_,
                               .episode_return = env_.episode_return(i),
                               .length = env_.episode_length(i),
                               .epsilon = epsilon(),
                               .seconds = seconds()};
    for (Observer* observer : observers_) observer->on_episode(record);
  }
}

void Trainer::evaluate_if_due() {
  if (periods_passed(config_.eval.every_env_steps) == 0) return;
  const EvaluationRecord record = evaluate_now(config_.eval.episodes);
  const bool passed = !env_.spec().has_solved_return || returns_.first_episode_solved() > 0;
  solved_ = config_.eval.stop_when_solved && passed && record.mean_return >= config_.eval.solved_mean_return;
  for (Observer* observer : observers_) observer->on_evaluation(record);
}

void Trainer::evaluate_finally() {
  if (config_.eval.final_episodes > 0) {
    EvaluationRecord record = evaluate_now(config_.eval.final_episodes);
    record.final = true;
    final_mean_return_ = record.mean_return;
    for (Observer* observer : observers_) observer->on_evaluation(record);
  }
  finally_evaluated_ = true;
}

EvaluationRecord Trainer::evaluate_now(int64_t episodes) {
  const bool clock_ran = clock_runs_;
  pause_clock();
  const auto q_function = [this](std::span<const float> observation) {
    std::copy(observation.begin(), observation.end(), act_input_.rows()[0]);
    const Rows q = learner_.q_values(act_input_.rows(), 1);
    return std::span<const float>(q[0], static_cast<size_t>(env_.spec().action_count));
  };
  EvaluationRecord record = evaluate(q_function, make_env_,
                                     {.episodes = episodes,
                                      .seed = evaluation_seed(config_.train.seed, env_steps_),
                                      .epsilon = config_.eval.epsilon,
                                      .max_episode_steps = config_.env.max_episode_steps});
  record.env_steps = env_steps_;
  if (clock_ran) resume_clock();
  return record;
}

double Trainer::epsilon() const {
  const int64_t since = learning_started_at_ < 0 ? 0 : env_steps_ - learning_started_at_;
  return epsilon_at(config_.exploration, learner_.updates(), since);
}

double Trainer::learning_rate() const {
  const OptimizerConfig& optimizer = config_.agent.optimizer;
  const auto share = [](int64_t done, int64_t limit) {
    return limit > 0 ? std::min(1.0, static_cast<double>(done) / static_cast<double>(limit)) : 0.0;
  };
  const double progress =
      std::max(share(env_steps_, config_.train.env_steps), share(episodes_, config_.train.episodes));
  return optimizer.learning_rate * (1 + progress * (optimizer.final_learning_rate_fraction - 1));
}

int64_t Trainer::periods_passed(int64_t period) const {
  return period > 0 ? env_steps_ / period - (env_steps_ - env_.count()) / period : 0;
}

double Trainer::seconds() const {
  if (!clock_runs_) return seconds_before_;
  return seconds_before_ + std::chrono::duration<double>(Clock::now() - clock_started_).count();
}

void Trainer::resume_clock() {
  clock_started_ = Clock::now();
  clock_runs_ = true;
}

void Trainer::pause_clock() {
  seconds_before_ = seconds();
  clock_runs_ = false;
}

void Trainer::serialize(Archive& archive) {
  const auto scope = archive.scope("trainer");
  int64_t observation_size = env_.spec().observation_size(), action_count = env_.spec().action_count;
  archive.value("observation_size", observation_size);
  archive.value("action_count", action_count);
  archive.value("env_steps", env_steps_);
  archive.value("episodes", episodes_);
  archive.value("learning_started_at", learning_started_at_);
  archive.value("seconds", seconds_before_);
  archive.value("solved", solved_);
  archive.value("finally_evaluated", finally_evaluated_);
  archive.value("final_mean_return", final_mean_return_);
  returns_.serialize(archive);
  {
    const auto metrics = archive.scope("metrics");
    archive.value("updates", metrics_.updates);
    archive.value("loss", metrics_.loss);
    archive.value("mean_q", metrics_.mean_q);
    archive.value("max_abs_q", metrics_.max_abs_q);
    archive.value("grad_norm", metrics_.grad_norm);
  }
  const auto random_stream = [&](std::string_view name, Random& random) {
    const auto stream = archive.scope(name);
    random.serialize(archive);
  };
  random_stream("exploration", exploration_);
  random_stream("sampling", sampling_);
  learner_.serialize(archive);
  replay_.serialize(archive);
  env_.serialize(archive);
}

}  // namespace deepq
