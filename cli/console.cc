#include "cli/console.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "cli/text.h"

namespace deepq::cli {
namespace {

constexpr double kSecondsBetweenLines = 1;
constexpr double kLeastFraction = 0.05;  // of the way, before which nobody can tell when it ends

}  // namespace

Progress::Progress(Screen& screen, size_t run_count, Clock clock)
    : screen_(screen), clock_(std::move(clock)), started_(clock_()), slots_(run_count) {}

void Progress::update(size_t run, const Run& now) {
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[run];
  if (!std::exchange(slot.seen, true)) slot.first = now;  // a resumed run starts in the middle
  slot.now = now;
  const double time = clock_();
  // After the slot is noted: what is not drawn now is counted by the next draw.
  if (drawn_ >= 0 && time - drawn_ < kSecondsBetweenDraws) return;
  drawn_ = time;
  screen_.progress(text(time - started_));
}

void Progress::finish(size_t run) {
  const std::lock_guard lock(mutex_);
  slots_[run].finished = true;
  slots_[run].now.fraction_done = 1;
  if (std::all_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.finished; }))
    screen_.clear_progress();
}

std::string Progress::text(double elapsed) const {
  double env_steps = 0, gained = 0, left = 0, returns = 0, epsilons = 0;
  int64_t finished = 0, running = 0, evaluating = 0;
  // A single run that is being evaluated takes no steps: rate and time left would be wrong.
  if (slots_.size() == 1 && !slots_[0].now.evaluation.empty()) return "evaluation   " + slots_[0].now.evaluation;
  for (const Slot& slot : slots_) {
    // Of this session: a resumed run did not take the earlier ones now.
    env_steps += static_cast<double>(slot.now.env_steps - slot.first.env_steps);
    gained += slot.now.fraction_done - slot.first.fraction_done;
    left += 1 - slot.now.fraction_done;
    finished += slot.finished ? 1 : 0;
    // Means of return and epsilon are over the runs that train now.
    if (!slot.seen || slot.finished) continue;
    ++running;
    evaluating += slot.now.evaluation.empty() ? 0 : 1;
    returns += slot.now.mean_return;
    epsilons += slot.now.epsilon;
  }
  const auto runs = static_cast<double>(std::max<int64_t>(1, running));
  std::string line;
  if (slots_.size() > 1) line = std::to_string(finished) + " of " + std::to_string(slots_.size()) + " seeds done   ";
  if (evaluating > 0) line += std::to_string(evaluating) + " evaluating   ";
  if (elapsed > 0) line += grouped(static_cast<int64_t>(env_steps / elapsed)) + " steps/s   ";
  // What is left takes as long as what was gained, in proportion.
  if (gained >= kLeastFraction * (gained + left)) line += duration(elapsed * left / gained) + " left   ";
  return line + "mean return " + score(returns / runs) + "   epsilon " + fixed(epsilons / runs, 2);
}

Console::Console(Progress& progress, size_t run, const RunConfig& config, std::vector<double> earlier_returns)
    : progress_(progress),
      run_(run),
      total_env_steps_(config.train.env_steps),
      total_episodes_(config.train.episodes),
      every_episodes_(config.log.console_every_episodes),
      is_chapters_(config.preset == "chapter"),
      lines_are_asked_for_(is_chapters_ || every_episodes_ != LogConfig{}.console_every_episodes),
      returns_(std::move(earlier_returns)),
      episodes_(static_cast<int64_t>(returns_.size())),
      epsilon_(config.exploration.epsilon_start) {}

bool Console::is_drawn_now() {
  if (!progress_.screen().shows_progress()) return false;
  const double now = progress_.now();
  // Before anything is formatted: this is asked at every step.
  if (updated_ >= 0 && now - updated_ < Progress::kSecondsBetweenDraws) return false;
  updated_ = now;
  return true;
}

void Console::on_step(int64_t env_steps) {
  if (!is_drawn_now()) return;
  shown_ = {.env_steps = env_steps,
            .fraction_done = fraction_done(env_steps),
            .mean_return = mean_of_last(100),
            .epsilon = epsilon_};
  progress_.update(run_, shown_);
}

void Console::on_evaluation_step(const EvaluationProgress& evaluation) {
  if (!is_drawn_now()) return;
  // Training is over. In an evaluation during it the fraction stays what the last step said.
  if (evaluation.final) shown_.fraction_done = 1;
  shown_.evaluation = std::to_string(evaluation.episodes) + " of " + std::to_string(evaluation.planned_episodes) +
                      " episodes   " + grouped(evaluation.env_steps) +
                      (evaluation.max_env_steps > 0 ? " of at most " + grouped(evaluation.max_env_steps) : "") +
                      " steps";
  progress_.update(run_, shown_);
}

void Console::on_episode(const EpisodeRecord& record) {
  // Drops what an interrupted session saw after its checkpoint; of the episodes before, not all need be known.
  returns_.resize(std::min(returns_.size(), static_cast<size_t>(record.episode - 1)));
  returns_.push_back(record.episode_return);
  episodes_ = record.episode;
  epsilon_ = record.epsilon;
  if (!print_episodes_ || every_episodes_ == 0 || record.episode % every_episodes_ != 0) return;
  if (!lines_are_asked_for_) {
    const double now = progress_.now();
    if (printed_ >= 0 && now - printed_ < kSecondsBetweenLines) return;
    printed_ = now;
  }
  const double mean = mean_of_last(every_episodes_);
  const std::string episode = "Episode " + std::to_string(record.episode);
  progress_.screen().line(is_chapters_
                              ? episode + ", Avg Reward: " + fixed(mean, 1) + ", Epsilon: " + fixed(record.epsilon, 3)
                              : episode + "   mean return " + score(mean) + "   epsilon " + fixed(record.epsilon, 2));
}

void Console::on_evaluation(const EvaluationRecord& record) {
  if (!print_episodes_ || record.final) return;  // the final one is part of the summary
  progress_.screen().line("Evaluation after " + grouped(record.env_steps) + " steps   mean return " +
                          score(record.mean_return) + " over " +
                          episodes_text(record.episodes, record.planned_episodes, record.max_env_steps));
}

double Console::mean_of_last(int64_t count) const {
  const auto used = std::min(count, static_cast<int64_t>(returns_.size()));
  if (used == 0) return 0;
  return std::accumulate(returns_.end() - used, returns_.end(), 0.0) / static_cast<double>(used);
}

double Console::fraction_done(int64_t env_steps) const {
  const auto fraction = [](int64_t done, int64_t total) {
    return total == 0 ? 0 : static_cast<double>(done) / static_cast<double>(total);
  };
  // The run ends with whichever limit comes first, so the larger fraction counts; 0 is no limit.
  return std::min(1.0, std::max(fraction(env_steps, total_env_steps_), fraction(episodes_, total_episodes_)));
}

}  // namespace deepq::cli
