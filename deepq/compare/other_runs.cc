#include <algorithm>
#include <array>
#include <cmath>

#include "deepq/compare/event_file.h"
#include "deepq/compare/npz.h"
#include "deepq/compare/run_files.h"
#include "deepq/core/error.h"
#include "deepq/record/run_folder.h"

namespace deepq::compare {
namespace {

struct ReturnTag {
  std::string_view name, note;
};

// The first that a file has is taken.
constexpr std::array<ReturnTag, 6> kReturnTags{
    {{"train/return", ""},
     {"charts/episodic_return", ""},
     {"rollout/ep_rew_mean",
      "holds means of the last episodes (of 100, unless Stable-Baselines3 was told otherwise), which are taken for "
      "returns of single ones."},
     {"train/episode_return", ""},
     {"eval/mean_return", "holds means of evaluations, which are taken for returns of single episodes."},
     {"eval/mean_reward", "holds means of evaluations, which are taken for returns of single episodes."}}};

using Points = std::vector<std::pair<double, double>>;

std::string tags_of(const EventScalars& scalars) {
  std::vector<std::string> tags;
  for (const auto& [tag, points] : scalars.by_tag) tags.push_back(tag);
  return tags.empty() ? "no scalar" : join(tags);
}

const Points& returns_in(const EventScalars& scalars, const ColumnNames& wanted, Run& run) {
  // The tag that the user names, or else the first that is known.
  if (!wanted.episode_return.empty()) {
    const auto found = scalars.by_tag.find(wanted.episode_return);
    if (found != scalars.by_tag.end()) return found->second;
    throw Error::of(run.source, " holds ", tags_of(scalars), "; --columns names ", wanted.episode_return);
  }
  for (const ReturnTag& tag : kReturnTags) {
    const auto found = scalars.by_tag.find(std::string(tag.name));
    if (found == scalars.by_tag.end()) continue;
    if (!tag.note.empty())
      run.notes.push_back(run.source + ": the tag " + std::string(tag.name) + " " + std::string(tag.note));
    return found->second;
  }
  throw Error::of(run.source, " holds ", tags_of(scalars),
                  "; needed are returns of episodes, such as charts/episodic_return; other tags are named by "
                  "--columns step,TAG");
}

// As in CSV files: of a return that is no number no statistic says anything.
void add_episode(double step, double episode_return, Run& run) {
  if (!std::isfinite(episode_return))
    throw Error::of(run.source, ": the return at step ", number_text(step), " is ", number_text(episode_return),
                    "; it must be a finite number");
  if (!(step >= 0 && std::isfinite(step)))
    throw Error::of(run.source, ": a step is ", number_text(step), "; it must be 0 or above");
  run.steps.push_back(step);
  run.returns.push_back(episode_return);
}

}  // namespace

Run read_event_run(const std::vector<std::string>& paths, const ColumnNames& columns) {
  Run run{.source = paths.at(0)};
  EventScalars all;
  for (const std::string& path : paths) {
    const EventScalars scalars = read_event_file(read_file(path), path);
    if (scalars.torn) run.notes.push_back(path + ": the last record is left out: it has no end, as of a killed run.");
    for (const auto& [tag, points] : scalars.by_tag)
      // File by file, each in its own order.
      all.by_tag[tag].insert(all.by_tag[tag].end(), points.begin(), points.end());
  }
  Points points = returns_in(all, columns, run);
  if (!std::ranges::is_sorted(points, {}, &Points::value_type::first))
    run.notes.push_back(
        run.source +
        ": the steps of its folder go back, as where a run went on or two wrote into one folder; they are "
        "taken for one run.");
  // Stable: values of one step stay in the order of the files.
  std::ranges::stable_sort(points, {}, &Points::value_type::first);
  for (const auto& [step, value] : points) add_episode(step, value, run);
  return run;
}

Run read_evaluations_run(std::string_view bytes, const std::string& source) {
  const std::map<std::string, NpyArray> arrays = read_npz(bytes, source);
  const auto steps = arrays.find("timesteps"), results = arrays.find("results");
  if (steps == arrays.end() || results == arrays.end())
    throw Error::of(source, " lacks timesteps or results; allowed: what Stable-Baselines3's EvalCallback writes");
  const size_t count = steps->second.values.size(), all = results->second.values.size();
  if (count == 0) throw Error::of(source, " holds no evaluation; a run needs at least one");
  // results is [evaluations, episodes].
  if (results->second.shape.empty() || static_cast<size_t>(results->second.shape[0]) != count || all % count != 0)
    throw Error::of(source, ": results and timesteps are of different lengths");
  Run run{.source = source};
  run.notes.push_back(source + ": holds episodes of evaluations, which count as the run's.");
  for (size_t i = 0; i < count; ++i) {
    if (i > 0 && steps->second.values[i] < steps->second.values[i - 1])
      throw Error::of(source, ": timesteps must not go down");
    // All episodes of an evaluation end at its step.
    for (size_t episode = i * (all / count); episode < (i + 1) * (all / count); ++episode) {
      add_episode(steps->second.values[i], results->second.values[episode], run);
    }
  }
  if (run.returns.empty()) throw Error::of(source, " holds no episode; a run needs at least one");
  return run;
}

}  // namespace deepq::compare
