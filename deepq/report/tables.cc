#include "deepq/report/tables.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <set>

#include "deepq/core/error.h"
#include "deepq/page/curves.h"
#include "deepq/page/page.h"
#include "deepq/page/text.h"
#include "deepq/record/relative_path.h"
#include "deepq/record/run_paths.h"
#include "deepq/report/charts.h"

namespace deepq::report {
namespace {

using page::best_window_mean;
using page::brief_text;
using page::escape_html;
using page::fixed_text;
using page::OverRuns;
using page::running_mean;
using page::score_text;
using stats::Interval;

constexpr const char *kUnknown = "–", *kTraining = "training";

// The main numbers of a run; NaN for what is not known yet or never happened.
struct Facts {
  double episodes, env_steps, seconds, best, last, solved = kNaN, evaluation = kNaN, speed = kNaN, parameters = kNaN;
  std::string stopped_by = kUnknown;
};

Facts facts_of(const RunData& run) {
  if (run.summary()) {
    const RunSummary& s = *run.summary();
    return {.episodes = static_cast<double>(s.episodes),
            .env_steps = static_cast<double>(s.env_steps),
            .seconds = s.seconds,
            .best = s.best_100_mean_return,
            .last = s.last_100_mean_return,
            .solved = s.first_episode_solved > 0 ? static_cast<double>(s.first_episode_solved) : kNaN,
            .evaluation = s.eval_mean_return,
            .speed = s.env_steps_per_second,
            .parameters = static_cast<double>(s.parameter_count),
            .stopped_by = s.stopped_by};
  }
  // Without a summary the run goes on or was killed: the table of episodes tells how far it came.
  const std::vector<double> returns = page::share_ties(run.episodes["env_steps"], run.episodes["return"]);
  const bool none = returns.empty(), trains = run.status.state == RunState::kGoingOn;
  return {.episodes = static_cast<double>(returns.size()),
          .env_steps = none ? 0 : run.episodes["env_steps"].back(),
          .seconds = none ? 0 : run.episodes["seconds"].back(),
          .best = best_window_mean(returns, kReturnWindow),
          .last = none ? kNaN : running_mean(returns, kReturnWindow).back(),
          .speed = none ? kNaN : run.episodes["env_steps"].back() / run.episodes["seconds"].back(),
          .stopped_by = trains ? kTraining : kUnknown};
}

// How the final evaluation was made: by the summary, or in older files by the configuration.
std::string policy_text(const RunData& run) {
  const RunSummary& summary = *run.summary();
  const std::string epsilon =
      std::isnan(summary.eval_epsilon) ? run.setting("eval.epsilon") : number_text(summary.eval_epsilon);
  const bool best = summary.eval_agent.empty() ? run.setting("eval.keep_best") == "true" : summary.eval_agent == "best";
  return ", epsilon " + epsilon + (best ? ", by the best agent" : "");
}

std::vector<double> column(const std::vector<Facts>& facts, double Facts::*member) {
  std::vector<double> values;
  for (const Facts& one : facts) values.push_back(one.*member);
  return values;
}

std::string tile(const std::string& label, const std::string& value, const std::string& note,
                 const std::string& range = "") {
  return "<div><dt>" + label + "</dt><dd><b>" + escape_html(value) + "</b>" +
         (range.empty() ? "" : "<span>" + range + "</span>") + "<span>" + escape_html(note) + "</span></dd></div>\n";
}

using Text = std::string(double);  // of a number: score_text, or count_text

std::string count_text(double value) { return fixed_text(value, 0); }

std::string interval_text(const Interval& interval, Text& text) {
  return text(interval.low) + " to " + text(interval.high);
}

// A number of every run as one tile: itself, or the mean over runs with its interval. None for what no run knows yet.
std::string number_tile(const std::string& label, const std::vector<double>& values, Text& text,
                        const std::string& note) {
  const auto of = static_cast<size_t>(std::ranges::count_if(values, [](double value) { return std::isfinite(value); }));
  if (of == 0) return "";
  // Of as many runs as the page has, not only those with a value: then the method is the one that is named below.
  const Interval interval = OverRuns(values.size())(values);
  // Runs that all agree need no range beside the number.
  const bool several = values.size() > 1 && interval.low < interval.high;
  const std::string count =
      of == values.size() ? "" : "; " + std::to_string(of) + " of " + std::to_string(values.size()) + " runs";
  return tile(label, text(interval.value), note + count, several ? interval_text(interval, text) : "");
}

// Of a group also the seeds that were not begun count: `all`.
std::string solved_tile(const std::vector<double>& solved, size_t all) {
  std::vector<double> episodes;
  std::copy_if(solved.begin(), solved.end(), std::back_inserter(episodes), [](double e) { return !std::isnan(e); });
  const std::string meaning = "mean of 100 passes the threshold";
  if (all == 1) {
    return tile("First solved", episodes.empty() ? "not solved" : "episode " + fixed_text(episodes[0], 0), meaning);
  }
  std::sort(episodes.begin(), episodes.end());
  const std::string when = episodes.empty() ? meaning
                                            : "earliest at episode " + fixed_text(episodes.front(), 0) +
                                                  ", latest at " + fixed_text(episodes.back(), 0);
  return tile("Solved", std::to_string(episodes.size()) + " of " + std::to_string(all) + " runs", when);
}

// RunSummary::stopped_by in words.
std::string ending_text(const std::set<std::string>& reasons) {
  static const std::map<std::string, std::string> kWords{{"env_steps", "all steps taken"},
                                                         {"episodes", "all episodes played"},
                                                         {"solved", "solved"},
                                                         {"mean_return", "mean return reached"},
                                                         {"no_improvement", "no better evaluation"},
                                                         {"signal", "stopped by a signal"}};
  std::vector<std::string> words;
  for (const std::string& reason : reasons) {
    const auto found = kWords.find(reason);
    words.push_back(found == kWords.end() ? reason : found->second);
  }
  return join(words, " or ");
}

std::string duration_text(double seconds) {
  if (seconds < 120) return fixed_text(seconds, 1) + " s";
  return seconds < 7200 ? fixed_text(seconds / 60, 1) + " min" : fixed_text(seconds / 3600, 1) + " h";
}

std::string cell(const std::string& text, const std::string& below = "") {
  return "<td>" + escape_html(text) + (below.empty() ? "" : " <small>" + escape_html(below) + "</small>") + "</td>";
}

// The seed, with its folder where another run has the same, and a link to the run's own page.
std::string name_html(const RunData& run, const std::vector<RunData>& runs, const std::string& page_path) {
  const std::string seed = run.setting("train.seed");
  // Copies and runs of several folders may share a seed: then the folder tells them apart.
  const auto of_seed =
      std::ranges::count_if(runs, [&](const RunData& one) { return one.setting("train.seed") == seed; });
  return page::link_html(page::link_to_file(path_from_page(report_path(run.folder), page_path),
                                            of_seed > 1 ? seed + ", " + run.folder : seed));
}

// Mean of `values` over the episodes of the phase; NaN when the run has not reached it.
double phase_mean(const std::vector<double>& values, const Phase& phase) {
  // phase.first and last count episodes from 1, so [first - 1, end) are its elements.
  const size_t end = phase.last == 0 ? values.size() : std::min(phase.last, values.size());
  if (end < phase.first) return kNaN;
  return std::accumulate(values.begin() + static_cast<int64_t>(phase.first - 1),
                         values.begin() + static_cast<int64_t>(end), 0.0) /
         static_cast<double>(end - phase.first + 1);
}

std::string phase_row(const std::vector<RunData>& runs, size_t index) {
  const Phase& phase = kPhases[index];
  std::vector<double> returns, lengths, first_epsilon, last_epsilon;
  size_t longest = 0, reached = 0;
  for (const RunData& run : runs) {
    const std::vector<double>& epsilon = run.episodes["epsilon"];
    const size_t end = phase.last == 0 ? epsilon.size() : std::min(phase.last, epsilon.size());
    const bool begun = end >= phase.first;
    reached += begun ? 1 : 0;
    const auto shared = [&](const char* name) {
      return page::share_ties(run.episodes["env_steps"], run.episodes[name]);
    };
    // Episodes of several environments that end at one step have no order, so at a border of phases they share their
    // values.
    returns.push_back(phase_mean(shared("return"), phase));
    lengths.push_back(phase_mean(shared("length"), phase));
    first_epsilon.push_back(begun ? epsilon[phase.first - 1] : kNaN);
    last_epsilon.push_back(begun ? epsilon[end - 1] : kNaN);
    longest = std::max(longest, end);
  }
  // The longest run names the range; runs that ended sooner give what they have of it.
  const size_t last = std::max(longest, phase.first);
  const std::string range = longest >= phase.first
                                ? std::to_string(phase.first) + "–" + fixed_text(static_cast<double>(last), 0)
                                : "from " + std::to_string(phase.first);
  const OverRuns over_runs(runs.size());
  const Interval mean = over_runs(returns);
  std::string row = "<tr><th scope=\"row\">" + std::to_string(index + 1) + " " + phase.name + "</th>" + cell(range);
  if (longest < phase.first) {
    return row + "<td colspan=\"3\" class=\"empty\">not reached</td></tr>\n";
  }
  const std::string count =
      reached < runs.size() ? " (" + std::to_string(reached) + " of " + std::to_string(runs.size()) + " runs)" : "";
  row += cell(score_text(mean.value) + count,
              // Of two runs an interval says nothing.
              reached < 3 ? "" : "[" + score_text(mean.low) + ", " + score_text(mean.high) + "]");
  return row + cell(score_text(over_runs(lengths).value)) +
         cell(brief_text(over_runs(first_epsilon).value) + " → " + brief_text(over_runs(last_epsilon).value)) +
         "</tr>\n";
}

}  // namespace

std::string tiles_html(const std::vector<RunData>& runs, size_t not_begun) {
  std::vector<Facts> facts;
  std::set<std::string> states, evaluation_episodes, policies;
  bool can_be_solved = false;
  for (const RunData& run : runs) {
    facts.push_back(facts_of(run));
    // Runs that were killed say nothing of how they ended.
    if (facts.back().stopped_by != kUnknown) states.insert(facts.back().stopped_by);
    if (!run.summary()) continue;
    can_be_solved |= run.summary()->can_be_solved();
    evaluation_episodes.insert(run.summary()->eval_episodes == 0 ? "" : run.summary()->eval_episodes_text());
    policies.insert(policy_text(run));
  }
  const auto numbers = [&](double Facts::*member) { return column(facts, member); };
  // Runs that were evaluated differently are all named ("10 or 100 episodes"); where one was not, nothing is claimed.
  const std::string evaluation = evaluation_episodes.empty() || evaluation_episodes.count("") > 0
                                     ? "after training"
                                     : join({evaluation_episodes.begin(), evaluation_episodes.end()}, " or ") +
                                           join({policies.begin(), policies.end()}, " or");
  const OverRuns over_runs(runs.size());
  std::string html = "<dl class=\"tiles\">\n";
  html += number_tile("Evaluation", numbers(&Facts::evaluation), score_text, evaluation);
  if (can_be_solved) html += solved_tile(numbers(&Facts::solved), runs.size() + not_begun);
  html += number_tile("Last 100 episodes", numbers(&Facts::last), score_text, "mean return, while learning");
  html += number_tile("Best 100 episodes", numbers(&Facts::best), score_text, "mean return, while learning");
  // Results above, what they took below and smaller.
  html += "</dl>\n<dl class=\"tiles minor\">\n";
  html += number_tile("Environment steps", numbers(&Facts::env_steps), count_text,
                      "in " + fixed_text(over_runs(numbers(&Facts::episodes)).value, 0) + " episodes");
  html += number_tile("Speed", numbers(&Facts::speed), count_text, "environment steps per second");
  html += number_tile("Parameters", numbers(&Facts::parameters), count_text, "learnt");
  const std::string after = "after " + duration_text(over_runs(numbers(&Facts::seconds)).value);
  html += tile(states.contains(kTraining) ? "State" : "Ended", states.empty() ? kUnknown : ending_text(states),
               after + (states.contains(kTraining) ? ", as of " + page::utc_text("%Y-%m-%d %H:%M:%S UTC") : ""));
  html += "</dl>\n";
  if (runs.size() > 1) {
    html += "<p class=\"fine\">Means over " + std::to_string(runs.size()) + " runs; below them, the " +
            over_runs.method() + ".</p>\n";
  }
  return html;
}

std::string phases_html(const std::vector<RunData>& runs) {
  std::string html = "<figure class=\"table\"><figcaption>The three phases, measured";
  if (runs.size() > 2) html += "; in brackets: " + OverRuns(runs.size()).method();
  html += "</figcaption><div class=\"scroll\"><table><thead><tr>";
  for (const char* column : {"Phase", "Episodes", "Mean return", "Mean length", "Epsilon"})
    html += "<th scope=\"col\">" + std::string(column) + "</th>";
  html += "</tr></thead><tbody>\n";
  // A phase that no run has reached keeps its row, which says so.
  for (size_t i = 0; i < kPhases.size(); ++i) html += phase_row(runs, i);
  return html + "</tbody></table></div></figure>\n";
}

std::string runs_html(const std::vector<RunData>& runs, const std::string& page_path) {
  std::string html =
      "<section><h2>Runs</h2>\n<figure class=\"table\"><figcaption>Each run, and its page behind its seed; below in "
      "small "
      "type: best 100 episodes, episodes, speed.</figcaption><div class=\"scroll\"><table><thead><tr>";
  for (const char* column :
       {"Seed", "Evaluation", "Last 100 episodes", "Solved at episode", "Environment steps", "Ended"})
    html += "<th scope=\"col\">" + std::string(column) + "</th>";
  html += "</tr></thead><tbody>\n";
  for (const RunData& run : runs) {
    const Facts facts = facts_of(run);
    html += "<tr><th scope=\"row\">" + name_html(run, runs, page_path) + "</th>" + cell(score_text(facts.evaluation)) +
            cell(score_text(facts.last), "best " + score_text(facts.best)) + cell(fixed_text(facts.solved, 0)) +
            cell(fixed_text(facts.env_steps, 0), fixed_text(facts.episodes, 0) + " episodes") +
            cell(ending_text({facts.stopped_by}), fixed_text(facts.speed, 0) + " steps/s") + "</tr>\n";
  }
  return html + "</tbody></table></div></figure></section>\n";
}

}  // namespace deepq::report
