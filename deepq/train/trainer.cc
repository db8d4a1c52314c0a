#include "deepq/train/trainer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "deepq/core/divergence.h"
#include "deepq/core/error.h"
#include "deepq/env/sync_vector_env.h"
#include "deepq/train/demonstration_files.h"
#include "deepq/train/make_algorithm.h"
#include "deepq/train/worlds.h"

namespace deepq {
namespace {

const RunConfig& validated(const RunConfig& config) {
  validate(config);
  return config;
}

// With its demonstrations, of which `config` notes the checksum where it has none yet.
std::unique_ptr<Algorithm> make_algorithm_of(RunConfig& config, const EnvSpec& env) {
  const auto demonstrations = open_demonstrations(config.replay, env);
  if (!demonstrations) return make_algorithm(config, env);
  const std::string sha256 = demonstrations->sha256();
  std::string& noted = config.replay.demonstrations_sha256;
  if (!noted.empty() && noted != sha256)
    throw Error::of("replay.demonstrations: ", config.replay.demonstrations, " has the SHA-256 ", sha256,
                    "; allowed: what replay.demonstrations_sha256 says, ", noted);
  noted = sha256;
  return make_algorithm(config, env, demonstrations.get());
}

}  // namespace

Trainer::Trainer(const RunConfig& config, EnvFactory env, std::unique_ptr<VectorEnv> vector_env)
    : config_(validated(config)),
      make_env_(worlds_in(config.network.arithmetic, std::move(env))),
      env_(worlds_of(config, vector_env ? std::move(vector_env)
                                        : std::make_unique<SyncVectorEnv>(make_env_, config.env.count,
                                                                          static_cast<uint64_t>(config.train.seed),
                                                                          config.env.max_episode_steps))),
      algorithm_(make_algorithm_of(config_, env_->spec())),
      policy_(algorithm_->value_function(), algorithm_shape(config, env_->spec()).observation,
              learnt_actions(config_.agent, env_->spec().actions())),
      actions_(static_cast<size_t>(config.env.count)),
      metrics_(algorithm_->td_errors().size()) {
  if (env_->count() != config.env.count)
    throw Error::of("env.count is ", config.env.count, ", but the vector environment has ", env_->count());
  if (config.agent.algorithm == AlgorithmKind::kPqn && env_->may_skip())
    throw Error(
        "agent.algorithm is pqn, whose rollouts have no gaps: it needs an environment that begins the next episode in "
        "the step that ends one (Gymnasium's autoreset mode SAME_STEP)");
  const EnvSpec& spec = env_->spec();
  make_env_ =
      worlds_for(spec, with_history(history_of(config.env), std::move(make_env_)));  // from now on for evaluations
  if (config.eval.stop_when_solved && std::isnan(config.eval.solved_mean_return) && !spec.has_solved_return)
    throw Error::of("eval.stop_when_solved is true and ", spec.id,
                    " has no threshold of its own; allowed: with eval.solved_mean_return");
  if (config.eval.keep_best) {
    best_.emplace(Policy(config, policy_.observation_space(), spec.actions()));
  }
}

void Trainer::set_length(int64_t env_steps) {
  RunConfig config = config_;
  config.train.set_length(env_steps);
  config_ = validated(config);
  // A longer run goes on even where evaluations had solved the task.
  forget_early_stop();
}

std::string_view Trainer::early_stop() const {
  const int64_t patience = config_.eval.stop_without_improvement;
  if (solved_) return "solved";
  if (mean_reached_) return "mean_return";
  return patience > 0 && evaluations_since_best_ >= patience ? "no_improvement" : "";
}

void Trainer::forget_early_stop() {
  solved_ = mean_reached_ = false;
  evaluations_since_best_ = std::min<int64_t>(evaluations_since_best_, 0);
}

bool Trainer::done() const {
  const TrainConfig& train = config_.train;
  // An evaluation that was stopped is still owed: the run is not over before it.
  return !evaluation_due_ && (!early_stop().empty() || (train.env_steps > 0 && env_steps_ >= train.env_steps) ||
                              (train.episodes > 0 && episodes_ >= train.episodes));
}

void Trainer::step() {
  if (env_steps_ == 0 && pretrain()) return;
  if (!evaluation_due_) {
    final_evaluation_.reset();
    move();
    // With overlap the update of this step comes in the next move().
    if (!config_.train.overlap) update();
    report_episodes();
    evaluation_due_ = evaluation_became_due();
  }
  if (evaluation_due_) evaluate_in_training();
  for (Observer* observer : observers_) observer->on_step(env_steps_);
}

// One update at a time, so that whoever stops the run between steps can do so here, too.
bool Trainer::pretrain() {
  bool learnt = false;
  with_step_context([&] { learnt = algorithm_->pretrain(progress(), *this); });
  if (learnt)
    for (Observer* observer : observers_) observer->on_step(env_steps_);
  return learnt;
}

// With overlap, what the step before has left to do is done while the environments move; so the network that chose the
// actions is one step behind.
void Trainer::move() {
  if (config_.train.offline) {  // nothing moves: steps count updates
    env_steps_before_ = env_steps_++;
    return;
  }
  if (env_->next_step_is_skipped())
    env_->step(actions_);  // no step of the run: nothing acts, nothing is learnt from it
  with_step_context([&] { algorithm_->act(env_->observations(), progress(), actions_); });
  env_->send(actions_);
  // From the second step on there is a step before to learn from.
  if (config_.train.overlap && env_steps_ > 0) update();
  env_->receive();
  env_steps_before_ = env_steps_;
  env_steps_ += steps_taken();
  const StepResult result{.actions = actions_,
                          .rewards = env_->rewards(),
                          .terminated = env_->terminated(),
                          .truncated = env_->truncated(),
                          .next_observations = env_->next_observations(),
                          .skipped = env_->skipped(),
                          .life_lost = env_->life_lost()};
  with_step_context([&] { algorithm_->observe(result, progress()); });
}

// A step that only begins an episode is none of the run: its length, its schedules and all periods count what is learnt
// from, whatever the environments do in between.
int64_t Trainer::steps_taken() const {
  const auto skipped = env_->skipped();
  return env_->count() - std::count(skipped.begin(), skipped.end(), 1);
}

void Trainer::update() {
  with_step_context([&] { algorithm_->update(progress(), *this); });
}

template <class Call>
void Trainer::with_step_context(const Call& call) const try {
  call();
} catch (const Divergence& error) {
  throw Divergence("environment step " + std::to_string(env_steps_) + ": " + error.what());
} catch (const Error& error) {
  throw Error::of("environment step ", env_steps_, ": ", error.what());
}

Progress Trainer::progress() const {
  const auto fraction = [](int64_t done, int64_t limit) {
    return limit > 0 ? std::min(1.0, static_cast<double>(done) / static_cast<double>(limit)) : 0.0;
  };
  return {env_steps_,
          // The run ends with whichever limit comes first, so the larger fraction is how far it is.
          std::max(fraction(env_steps_, config_.train.env_steps), fraction(episodes_, config_.train.episodes)),
          env_steps_before_};
}

void Trainer::on_update(const LearnStats& stats) {
  metrics_.add(stats);
  // One record for each window of updates; the TD errors are those of its last batch.
  if (metrics_.updates() < config_.log.metrics_every_updates) return;
  MetricsRecord now;
  now.env_steps = env_steps_;
  now.updates = algorithm_->updates();
  now.epsilon = epsilon();
  now.learning_rate = learning_rate();
  now.seconds = seconds();
  const MetricsRecord record = metrics_.take(now, algorithm_->td_errors());
  for (Observer* observer : observers_) observer->on_metrics(record);
}

void Trainer::report_episodes() {
  // Two passes: the mean of the episodes that end in this step is known only after the first.
  double sum = 0;
  int64_t ended = 0;
  for (int64_t i = 0; i < env_->count(); ++i) {
    if (!env_->ended(i)) continue;
    sum += env_->episode_return(i);
    ++ended;
  }
  for (int64_t i = 0; i < env_->count(); ++i) {
    if (!env_->ended(i)) continue;
    ++episodes_;
    // What ends together has no order: a window takes a part of it by its mean (as page::share_ties does).
    returns_.add(sum / static_cast<double>(ended), episodes_, env_->spec());
    const EpisodeRecord record{.episode = episodes_,
                               .env_steps = env_steps_,
                               .episode_return = env_->episode_return(i),
                               .length = env_->episode_length(i),
                               .epsilon = epsilon(),
                               .seconds = seconds()};
    for (Observer* observer : observers_) observer->on_episode(record);
  }
  mean_reached_ |= ended > 0 && returns_.is_whole() && returns_.last_mean() >= config_.train.stop_at_mean_return;
}

bool Trainer::evaluation_became_due() const {
  const Progress step{.env_steps = env_steps_, .env_steps_before = env_steps_before_};  // its fraction is not asked for
  return step.periods_passed(config_.eval.every_env_steps) > 0;
}

void Trainer::evaluate_in_training() {
  EvaluationPlan plan = evaluation_plan(config_, env_steps_, {.episodes = config_.eval.episodes});
  plan.streams.purpose = Stream::kEvaluation;
  // Each evaluation plays episodes of its own: their numbers go on where the last one's ended.
  plan.streams.first_episode = evaluation_episodes_;
  const std::optional<EvaluationRecord> played = evaluate_now(policy_, plan, watch(false));
  if (!played) return;
  const EvaluationRecord& record = *played;
  evaluation_due_ = false;
  evaluation_episodes_ += plan.episodes;
  if (best_) best_->consider(record, *algorithm_);
  const bool better = evaluations_since_best_ < 0 || record.mean_return > best_evaluation_;
  if (better) best_evaluation_ = record.mean_return;
  evaluations_since_best_ = better ? 0 : evaluations_since_best_ + 1;
  const EnvSpec& spec = env_->spec();
  // Also while exploring the mean of 100 must have passed: one lucky evaluation ends no run.
  // Offline there are none.
  const bool passed = config_.train.offline || !spec.has_solved_return || returns_.first_episode_solved() > 0;
  const double threshold =
      std::isnan(config_.eval.solved_mean_return) ? spec.solved_return : config_.eval.solved_mean_return;
  solved_ = config_.eval.stop_when_solved && passed && record.mean_return >= threshold;
  for (Observer* observer : observers_) observer->on_evaluation(record);
}

void Trainer::run_final_evaluation() {
  if (finally_evaluated()) return;
  std::optional<EvaluationRecord> record = evaluate_agent(evaluation_plan(config_, env_steps_), watch(true));
  if (!record) return;
  record->final = true;
  for (Observer* observer : observers_) observer->on_evaluation(*record);
  final_evaluation_ = std::move(record);
}

std::optional<EvaluationRecord> Trainer::evaluate_agent(const EvaluationPlan& plan, const EvaluationWatch& watch) {
  std::optional<EvaluationRecord> record = evaluate_now(agent_policy(), plan, watch);
  if (!record) return record;
  record->best_agent = keeps_best();
  record->agent_env_steps = agent_env_steps();
  return record;
}

EvaluationWatch Trainer::watch(bool final) {
  return [this, final](EvaluationProgress progress) {
    progress.final = final;
    for (Observer* observer : observers_) observer->on_evaluation_step(progress);
    return !stop_ || !stop_->load(std::memory_order_relaxed);
  };
}

const EvaluationRecord* Trainer::final_evaluation() const {
  if (!final_evaluation_ || config_.eval.final_episodes == 0) return nullptr;
  const EvaluationRecord& record = *final_evaluation_;
  // It counts only if the plan of now would measure the same: a changed key or a further step makes it outdated.
  const EvaluationPlan plan = evaluation_plan(config_, env_steps_);
  // One of an older file had no bound, and is whole.
  const bool as_bounded = record.max_env_steps == plan.max_env_steps || record.max_env_steps == 0;
  const bool as_asked = record.planned_episodes == plan.episodes && as_bounded && record.epsilon == plan.epsilon &&
                        record.max_episode_steps == plan.max_episode_steps &&
                        record.streams.run_seed == plan.streams.run_seed;
  const bool of_now = record.env_steps == env_steps_ && record.best_agent == keeps_best() &&
                      record.agent_env_steps == agent_env_steps();
  return as_asked && of_now ? &record : nullptr;
}

std::optional<EvaluationRecord> Trainer::evaluate_now(Policy& policy, const EvaluationPlan& plan,
                                                      const EvaluationWatch& watch) {
  const bool clock_ran = clock_runs_;
  // `seconds` and steps per second are of training alone.
  pause_clock();
  std::optional<EvaluationRecord> record = evaluate(policy, make_env_, plan, watch);
  if (record) record->env_steps = record->agent_env_steps = env_steps_;
  // Python evaluates between sessions too, when the clock stands.
  if (clock_ran) resume_clock();
  return record;
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

// Absent in older files: then it is measured again.
void Trainer::serialize_final_evaluation(Archive& archive) {
  if (archive.loading()) final_evaluation_.reset();
  if (archive.loading() ? !archive.contains("final_evaluation/seed") : !final_evaluation_.has_value()) return;
  if (archive.loading()) final_evaluation_.emplace(EvaluationRecord{.final = true, .world = env_->spec().id});
  const auto scope = archive.scope("final_evaluation");
  EvaluationRecord& record = *final_evaluation_;
  archive.value("env_steps", record.env_steps, {0, env_steps_});
  archive.value("episodes", record.episodes, kCount);
  record.planned_episodes = archive.loading() ? record.episodes : record.planned_episodes;
  if (!archive.loading() || archive.contains("planned_episodes")) {  // absent in older files
    archive.value("planned_episodes", record.planned_episodes, kCount);
    archive.value("max_env_steps", record.max_env_steps, kCount);
  }
  archive.value("mean_return", record.mean_return);
  archive.value("std_return", record.std_return);
  archive.value("min_return", record.min_return);
  archive.value("max_return", record.max_return);
  archive.value("mean_length", record.mean_length);
  archive.value("epsilon", record.epsilon);
  archive.value("max_episode_steps", record.max_episode_steps, kCount);
  archive.value("seed", record.streams.run_seed, kAnyValue<uint64_t>);
  archive.value("best_agent", record.best_agent);
  archive.value("agent_env_steps", record.agent_env_steps, {0, env_steps_});
}

// The agent's own facts, so that a Policy can be made of the checkpoint alone; a file with others is not this run's.
void Trainer::serialize_facts(Archive& archive) {
  const PolicyFacts own = facts_of(policy_.observation_space(), env_->spec());
  PolicyFacts facts = own;
  facts.env_steps = env_steps_;
  if (!archive.loading()) facts.epsilon = epsilon();
  facts.serialize(archive);
  if (!archive.loading()) return;
  require_same(archive, facts, own);
  // Only convolutions tell channels from pixels: without them the order of the numbers is all.
  for (size_t i = 0; i < own.observation.seen().size() && !config_.network.conv_channels.empty(); ++i) {
    const bool first = facts.observation.seen()[i].has_channels_first();
    if (first != own.observation.seen()[i].has_channels_first())
      throw Error::of("the channels of its pictures are ", first ? "first" : "last",
                      "; allowed: with env.image_channels ", first ? "first" : "last");
  }
  env_steps_ = facts.env_steps;
}

void Trainer::take_replay(Archive& archive) {
  const auto scope = archive.scope("trainer");
  algorithm_->take_replay(archive);
}

void Trainer::take_statistics(Archive& archive) {
  const auto scope = archive.scope("trainer");
  algorithm_->take_statistics(archive);
}

void Trainer::serialize(Archive& archive) {
  const auto scope = archive.scope("trainer");
  serialize_facts(archive);
  const int64_t least_before = std::max<int64_t>(0, env_steps_ - env_->count());
  if (archive.loading()) env_steps_before_ = least_before;
  if (!archive.loading() || archive.contains("env_steps_before"))  // absent in older files
    archive.value("env_steps_before", env_steps_before_, {least_before, env_steps_});
  archive.value("episodes", episodes_, {0, env_steps_});  // one takes a step at least
  archive.value("seconds", seconds_before_);
  if (!archive.loading() || archive.contains("evaluation_episodes"))  // absent in older files
    archive.value("evaluation_episodes", evaluation_episodes_, kCount);
  if (!archive.loading() || archive.contains("evaluation_due"))  // nor this
    archive.value("evaluation_due", evaluation_due_);
  archive.value("solved", solved_);
  if (!archive.loading() || archive.contains("mean_reached")) {  // absent in older files
    archive.value("mean_reached", mean_reached_);
    archive.value("best_evaluation", best_evaluation_);
    archive.value("evaluations_since_best", evaluations_since_best_, {-1, kCount.most});
  }
  serialize_final_evaluation(archive);
  returns_.serialize(archive, episodes_);
  metrics_.serialize(archive);
  if (best_) best_->serialize(archive, env_steps_);
  algorithm_->serialize(archive);
  // The rates of the first record count from the checkpoint, not from step 0.
  if (archive.loading()) metrics_.count_rates_from(env_steps_, algorithm_->updates(), seconds_before_);
  env_->serialize(archive);
  if (!archive.loading() || env_->restored_exactly()) return;
  // The episodes that were under way are lost: their steps must not join those of the fresh ones.
  algorithm_->drop_partial_episodes();
  fresh_episodes_ = true;
}

void Trainer::note_fresh_episodes() {
  if (done() || !std::exchange(fresh_episodes_, false)) return;
  const std::string &before = env_->loaded_id(), &now = env_->spec().id;
  if (before != now) add_to_history({{env_steps_, "env.id", before, now}});
  add_to_history({{env_steps_, "the environments", "their state", "fresh episodes"}});
}

}  // namespace deepq
