#include "deepq/report/sentence.h"

#include <algorithm>
#include <cmath>

#include "deepq/core/error.h"
#include "deepq/page/curves.h"
#include "deepq/page/text.h"
#include "deepq/report/charts.h"

namespace deepq::report {
namespace {

using page::fixed_text;
using page::score_text;
using page::Values;

std::string count(double number) { return fixed_text(number, 0); }

bool is_evaluated(const RunData& run) {
  return run.summary() && run.summary()->eval_episodes > 0 && std::isfinite(run.summary()->eval_mean_return);
}

// Of the evaluation that the summary tells of; NaN where the table does not have it.
double evaluation_spread(const RunData& run) {
  for (size_t row = run.evaluations.rows(); row-- > 0;)
    if (run.evaluations["final"][row] != 0) return run.evaluations["std_return"][row];
  return kNaN;
}

std::string solved_clause(const RunSummary& summary) {
  if (!summary.can_be_solved()) return "";
  return summary.first_episode_solved > 0 ? "; solved at episode " + std::to_string(summary.first_episode_solved)
                                          : "; not solved";
}

std::string so_far(const RunData& run) {
  const Values returns = page::share_ties(run.episodes["env_steps"], run.episodes["return"]);
  if (returns.empty()) return "No episode has ended yet.";
  // running_mean() takes what there is while there are fewer than 100.
  const size_t last = std::min(kReturnWindow, returns.size());
  return std::string(run.status.state == RunState::kGoingOn ? "Still training: " : "Not finished: ") +
         score_text(page::running_mean(returns, kReturnWindow).back()) + " over the last " + std::to_string(last) +
         " episodes, after " + count(run.episodes["env_steps"].back()) + " steps.";
}

std::string of_one(const RunData& run) {
  if (!run.summary()) return so_far(run);
  const RunSummary& summary = *run.summary();
  const std::string end =
      " after " + count(static_cast<double>(summary.env_steps)) + " steps" + solved_clause(summary) + ".";
  // With eval.final_episodes=0 the end of training speaks for the run.
  if (!is_evaluated(run))
    return score_text(summary.last_100_mean_return) + " over the last 100 episodes of training" + end;
  const double spread = evaluation_spread(run);
  const std::string kind = summary.eval_epsilon == 0 ? "greedy " : "";
  return score_text(summary.eval_mean_return) + (std::isnan(spread) ? "" : " ± " + score_text(spread)) + " over " +
         count(static_cast<double>(summary.eval_episodes)) + " " + kind + "episodes" +
         (summary.eval_agent == "best" ? " of the best agent" : "") + end;
}

}  // namespace

std::string result_sentence(const std::vector<RunData>& runs, size_t not_begun) {
  if (runs.size() == 1 && not_begun == 0) return of_one(runs[0]);
  Values scores;
  size_t solved = 0, ended = 0;
  bool can_be_solved = false;
  for (const RunData& run : runs) {
    if (is_evaluated(run)) scores.push_back(run.summary()->eval_mean_return);
    ended += run.status.finished() ? 1 : 0;
    if (!run.summary()) continue;
    can_be_solved |= run.summary()->can_be_solved();
    solved += run.summary()->first_episode_solved > 0 ? 1 : 0;
  }
  // Seeds that were not begun count among all, so that nothing looks finished that is not.
  const size_t count_of_all = runs.size() + not_begun;
  const std::string all = std::to_string(count_of_all), of = std::to_string(scores.size()) + " of " + all;
  const std::string end = can_be_solved ? "; " + std::to_string(solved) + " of " + all + " solved." : ".";
  if (scores.empty()) return std::to_string(ended) + " of " + all + " runs have finished" + end;
  const stats::Interval mean = page::OverRuns(scores.size())(scores);
  const std::string interval =
      // Of two runs an interval says nothing.
      scores.size() < 3 ? "" : " [" + score_text(mean.low) + ", " + score_text(mean.high) + "]";
  return score_text(mean.value) + interval + " after training, the mean of " +
         (scores.size() == count_of_all ? all : of) + " runs" + end;
}

}  // namespace deepq::report
