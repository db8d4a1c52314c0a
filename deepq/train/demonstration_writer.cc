#include "deepq/train/demonstration_writer.h"

#include <algorithm>
#include <array>
#include <cstring>

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

void DemonstrationWriter::write(const std::string& path) const {
  if (rewards_.empty()) throw Error("no step was recorded");
  const auto rows = static_cast<int64_t>(rewards_.size());
  TensorMap arrays;
  std::vector<std::vector<std::byte>> owned;  // an array each
  const auto add_part = [&](const std::string& name, Dtype dtype, std::vector<int64_t> shape, size_t row_bytes,
                            const auto& put) {
    std::vector<std::byte>& bytes = owned.emplace_back(row_bytes * rewards_.size());
    for (size_t row = 0; row < rewards_.size(); ++row) put(row, std::span(bytes).subspan(row * row_bytes, row_bytes));
    shape.insert(shape.begin(), rows);
    arrays[name] = {dtype, std::move(shape), bytes};
  };
  const auto width = static_cast<size_t>(layout_.row_bytes());
  owned.reserve(2 * env_.observation_space.leaves().size());
  for (const auto& [name, from] :
       {std::pair<std::string, const std::vector<std::byte>&>{"", observations_},
        std::pair<std::string, const std::vector<std::byte>&>{"next_", next_observations_}}) {
    std::vector<std::byte> row(width);
    const auto load = [&](size_t i) {
      std::copy_n(from.begin() + static_cast<int64_t>(i * width), width, row.begin());
    };
    for (size_t i = 0; i < env_.observation_space.seen().size(); ++i) {
      const ObservationLeaf& leaf = env_.observation_space.leaves()[i];
      const std::string own = name + "observations" + (leaf.name.empty() ? "" : "/" + leaf.name);
      const bool state = leaf.kind == ObservationKind::kDiscrete;
      add_part(own,
               state                ? Dtype::kI64
               : leaf.holds_bytes() ? Dtype::kU8
                                    : Dtype::kF32,
               state ? std::vector<int64_t>{} : leaf.shape, layout_.leaf(row, i).size(),
               [&](size_t step, std::span<std::byte> to) {
                 load(step);
                 std::ranges::copy(layout_.leaf(row, i), to.begin());
                 if (!state) return;
                 int64_t number;
                 std::memcpy(&number, to.data(), sizeof number);
                 number += leaf.start;
                 std::memcpy(to.data(), &number, sizeof number);
               });
    }
    if (const int64_t actions = env_.observation_space.legal_actions(); actions > 0)
      add_part(name + "legal_actions", Dtype::kBool, {actions}, static_cast<size_t>(actions),
               [&](size_t step, std::span<std::byte> to) {
                 load(step);
                 const LegalActions legal = layout_.legal(ObservationRow(row));
                 for (size_t a = 0; a < to.size(); ++a) to[a] = std::byte{legal(a)};
               });
  }
  const auto flat = [&](auto& values) { return std::as_bytes(std::span(values)); };
  const auto axes = static_cast<int64_t>(axes_);
  arrays["actions"] = {Dtype::kI64, axes > 1 ? std::vector{rows, axes} : std::vector{rows}, flat(actions_)};
  arrays["rewards"] = {Dtype::kF64, {rows}, flat(rewards_)};
  arrays["terminations"] = {Dtype::kBool, {rows}, flat(terminations_)};
  arrays["truncations"] = {Dtype::kBool, {rows}, flat(truncations_)};
  write_file_atomically(path, npz_bytes(arrays));
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
