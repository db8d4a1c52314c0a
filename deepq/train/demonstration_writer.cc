#include "deepq/train/demonstration_writer.h"

#include <algorithm>
#include <cstring>
#include <deque>

#include "deepq/core/error.h"
#include "deepq/core/npz.h"
#include "deepq/record/run_folder.h"

namespace deepq {

DemonstrationWriter::DemonstrationWriter(const EnvSpec& env)
    : env_(env), space_(env.actions()), layout_(env.observation_space), axes_(space_.axis_count()) {}

void DemonstrationWriter::add(const StepRecord& step) {
  const std::span<const std::byte> from = step.observation.bytes(), to = step.next_observation.bytes();
  observations_.insert(observations_.end(), from.begin(), from.end());
  next_observations_.insert(next_observations_.end(), to.begin(), to.end());
  space_.visit_choices(step.action, [&](size_t, int64_t, int64_t choice) {
    actions_.push_back(choice + (space_.is_single() ? env_.action_start : 0));
  });
  rewards_.push_back(step.reward);
  terminations_.push_back(step.terminated);
  truncations_.push_back(step.truncated && !step.terminated);
}

// A file while it is put together: its arrays, and the memory of those that are made for it.
struct DemonstrationWriter::Arrays {
  TensorMap tensors;
  std::deque<std::vector<std::byte>> owned;

  std::span<std::byte> add(const std::string& name, Dtype dtype, std::vector<int64_t> shape, size_t bytes) {
    std::vector<std::byte>& made = owned.emplace_back(bytes);
    tensors[name] = {dtype, std::move(shape), made};
    return made;
  }
};

void DemonstrationWriter::add_leaf(Arrays& arrays, const std::string& name, size_t leaf_index,
                                   std::span<const std::byte> rows) const {
  const ObservationLeaf& leaf = env_.observation_space.leaves()[leaf_index];
  const bool state = leaf.kind == ObservationKind::kDiscrete;
  std::vector<int64_t> shape{steps()};
  if (!state) shape.insert(shape.end(), leaf.shape.begin(), leaf.shape.end());
  std::vector<std::byte> row(static_cast<size_t>(layout_.row_bytes()));
  const std::span<std::byte> numbers = layout_.leaf(row, leaf_index);
  const std::span<std::byte> to = arrays.add(leaf.name.empty() ? name : name + "/" + leaf.name,
                                             state                ? Dtype::kI64
                                             : leaf.holds_bytes() ? Dtype::kU8
                                                                  : Dtype::kF32,
                                             std::move(shape), rewards_.size() * numbers.size());
  for (size_t step = 0; step < rewards_.size(); ++step) {
    std::ranges::copy(rows.subspan(step * row.size(), row.size()), row.begin());
    if (state) {  // as the environment's users number them
      int64_t number;
      std::memcpy(&number, numbers.data(), sizeof number);
      number += leaf.start;
      std::memcpy(numbers.data(), &number, sizeof number);
    }
    std::ranges::copy(numbers, to.begin() + static_cast<int64_t>(step * numbers.size()));
  }
}

void DemonstrationWriter::add_legal_actions(Arrays& arrays, const std::string& name,
                                            std::span<const std::byte> rows) const {
  const auto actions = static_cast<size_t>(env_.observation_space.legal_actions());
  const auto width = static_cast<size_t>(layout_.row_bytes());
  if (actions == 0) return;
  const std::span<std::byte> to =
      arrays.add(name, Dtype::kBool, {steps(), static_cast<int64_t>(actions)}, rewards_.size() * actions);
  for (size_t step = 0; step < rewards_.size(); ++step) {
    const LegalActions legal = layout_.legal(ObservationRow(rows.subspan(step * width, width)));
    for (size_t a = 0; a < actions; ++a) to[step * actions + a] = std::byte{legal(a)};
  }
}

void DemonstrationWriter::write(const std::string& path) const {
  if (rewards_.empty()) throw Error("no step was recorded");
  Arrays arrays;
  for (size_t i = 0; i < env_.observation_space.seen().size(); ++i) {
    add_leaf(arrays, "observations", i, observations_);
    add_leaf(arrays, "next_observations", i, next_observations_);
  }
  add_legal_actions(arrays, "legal_actions", observations_);
  add_legal_actions(arrays, "next_legal_actions", next_observations_);
  const auto flat = [&](const auto& values) { return std::as_bytes(std::span(values)); };
  const auto axes = static_cast<int64_t>(axes_);
  TensorMap& tensors = arrays.tensors;
  tensors["actions"] = {Dtype::kI64, axes > 1 ? std::vector{steps(), axes} : std::vector{steps()}, flat(actions_)};
  tensors["rewards"] = {Dtype::kF64, {steps()}, flat(rewards_)};
  tensors["terminations"] = {Dtype::kBool, {steps()}, flat(terminations_)};
  tensors["truncations"] = {Dtype::kBool, {steps()}, flat(truncations_)};
  write_file_atomically(path, npz_bytes(tensors));
}

std::optional<Recording> record_demonstrations(Policy& policy, const EnvFactory& env, const EvaluationPlan& plan,
                                               const std::string& path, const std::function<bool()>& go_on) {
  DemonstrationWriter writer(env()->spec());
  Recording recording;
  bool stopped = false;
  play(policy, env, plan, [&](const PlayedStep& step) {
    writer.add({.observation = step.acted_on,
                .action = step.action,
                .reward = step.reward,
                .terminated = step.terminated,
                .truncated = step.truncated,
                .next_observation = step.observation[0]});
    ++recording.steps;
    if (step.terminated || step.truncated) {
      ++recording.episodes;
      recording.mean_return += (step.episode_return - recording.mean_return) / static_cast<double>(recording.episodes);
    }
    stopped = recording.episodes < plan.episodes && !go_on();
    return !stopped;
  });
  if (stopped) return {};
  writer.write(path);
  return recording;
}

}  // namespace deepq
