#include "deepq/lab/training.h"

#include <algorithm>
#include <cmath>

#include "deepq/core/error.h"
#include "deepq/core/finite.h"
#include "deepq/env/registry.h"

namespace deepq::lab {
namespace {

// Means, or largest values, over equal bins of the run.
class Bins {
 public:
  explicit Bins(int64_t env_steps) : env_steps_(env_steps), sums_(kBins), counts_(kBins) {}

  void add(int64_t env_step, double value) {
    const size_t i = bin(env_step);
    sums_[i] += value;
    ++counts_[i];
  }
  void add_max(int64_t env_step, double value) {
    const size_t i = bin(env_step);
    sums_[i] = counts_[i] == 0 ? value : std::max(sums_[i], value);
    counts_[i] = 1;
  }

  // A bin without values repeats the one before; NaN while there was none.
  Curve curve() const {
    Curve curve;
    for (int64_t i = 0; i < kBins; ++i) {
      const auto at = static_cast<size_t>(i);
      curve.x.push_back(static_cast<double>((i + 1) * env_steps_) / kBins);
      curve.y.push_back(counts_[at] > 0 ? sums_[at] / counts_[at] : i > 0 ? curve.y.back() : kNaN);
    }
    return curve;
  }

 private:
  size_t bin(int64_t env_step) const {
    // Bin i takes the steps (i, i + 1] * env_steps / 50; the last step of several copies may lie beyond.
    return static_cast<size_t>(std::clamp<int64_t>((env_step - 1) * kBins / env_steps_, 0, kBins - 1));
  }

  int64_t env_steps_;
  std::vector<double> sums_, counts_;
};

class Recorder : public Observer {
 public:
  Recorder(int64_t env_steps, const ReturnWindow& returns)
      : returns_(returns), return_(env_steps), mean_q_(env_steps), max_abs_q_(env_steps), loss_(env_steps) {}

  void on_episode(const EpisodeRecord& record) override {
    return_.add(record.env_steps, record.episode_return);
    // By length: the mean over the steps of training, in which long episodes count for what they took.
    weighted_ += record.episode_return * static_cast<double>(record.length);
    length_ += static_cast<double>(record.length);
    if (std::isnan(solved_at_) && returns_.first_episode_solved() > 0)
      solved_at_ = static_cast<double>(record.env_steps);
  }

  void on_metrics(const MetricsRecord& record) override {
    mean_q_.add(record.env_steps, record.mean_q);
    max_abs_q_.add_max(record.env_steps, record.max_abs_q);
    loss_.add(record.env_steps, record.loss);
    largest_q_ = std::max(largest_q_, record.max_abs_q);
  }

  void write(JobResult& result) const {
    // NaN where no episode has ended.
    result.values["mean_return"] = length_ > 0 ? weighted_ / length_ : kNaN;
    result.values["last_return"] = returns_.last_mean();
    result.values["best_return"] = returns_.best_mean();
    result.values["solved_at"] = solved_at_;
    result.values["max_abs_q"] = largest_q_;
    result.curves["return"] = return_.curve();
    result.curves["mean_q"] = mean_q_.curve();
    result.curves["max_abs_q"] = max_abs_q_.curve();
    result.curves["loss"] = loss_.curve();
  }

 private:
  const ReturnWindow& returns_;
  Bins return_, mean_q_, max_abs_q_, loss_;
  double weighted_ = 0, length_ = 0, largest_q_ = 0, solved_at_ = kNaN;
};

void train_to_the_end(Trainer& trainer, const TrainingPlan& plan, const Job& job, JobResult& result) {
  const int64_t total = plan.config.train.env_steps;
  int64_t probed = 0;
  while (!trainer.done()) {
    trainer.step();
    const int64_t done = std::min(trainer.env_steps(), total);
    // Several at once where a step of many copies passes more than one.
    for (; plan.probes > 0 && done * plan.probes >= (probed + 1) * total; ++probed) {
      trainer.pause_clock();  // what is measured is no part of training
      plan.probe(trainer, trainer.env_steps(), result);
      trainer.resume_clock();
    }
    // A step of several copies may pass the very multiple.
    if (done % 500 < trainer.config().env.count) job.report(static_cast<double>(done) / static_cast<double>(total));
  }
}

}  // namespace

JobResult train(const TrainingPlan& plan, const Job& job) {
  TrainingPlan seeded = plan;
  RunConfig& config = seeded.config;
  DEEPQ_ASSERT(config.train.env_steps > 0);
  config.train.seed = job.seed;
  config.train.episodes = 0;  // environment steps alone end it, for all settings alike
  // Five times as often as by default: curves of 50 points over short runs.
  config.log.metrics_every_updates = 20;
  Trainer trainer(config, plan.env ? plan.env : find_env(config.env.id, config.env_options));
  Recorder recorder(config.train.env_steps, trainer.returns());
  trainer.add_observer(recorder);
  JobResult result;
  trainer.resume_clock();
  train_to_the_end(trainer, seeded, job, result);
  trainer.pause_clock();
  recorder.write(result);
  result.values["eval_return"] = kNaN;
  if (plan.final_evaluation) {
    trainer.run_final_evaluation();
    if (const EvaluationRecord* const record = trainer.final_evaluation())
      result.values["eval_return"] = record->mean_return;
  }
  result.values["parameters"] = static_cast<double>(trainer.algorithm().parameter_count());
  result.values["updates"] = static_cast<double>(trainer.algorithm().updates());
  result.values["seconds"] = trainer.seconds();
  return result;
}

RunConfig configure(const std::string& preset_name, const std::vector<std::string>& assignments) {
  RunConfig config = preset(preset_name);
  for (const std::string& assignment : assignments) set_field(config, assignment);
  return config;
}

}  // namespace deepq::lab
