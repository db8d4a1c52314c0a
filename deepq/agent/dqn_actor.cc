#include "deepq/agent/dqn_actor.h"

#include <algorithm>

#include "deepq/agent/choose.h"

namespace deepq {
namespace {

// All environments at once, and as many games of an evaluation as the online network has room for.
int64_t acting_rows(const DqnConfig& config) {
  return std::max(config.shape.env_count, std::min(kGamesSideBySide, config.agent.batch_size));
}

}  // namespace

DqnActor::DqnActor(const DqnConfig& config, Learner& learner)
    : env_count_(config.shape.env_count),
      noise_steps_(config.exploration.noise_steps),
      actions_(config.shape.actions),
      layout_(config.shape.observation),
      exploration_(random_stream(config.seed, Stream::kExploration)),
      learner_(learner),
      noise_(learner.noise()),
      acted_on_(static_cast<size_t>(config.shape.env_count * layout_.row_bytes())),
      values_(&learner.engine(), config.shape.observation, config.agent, config.network.numerics(),
              config.shape.actions.values(), acting_rows(config)),
      memory_(static_cast<size_t>(config.shape.env_count * values_.memory_size())),
      remembered_(memory_) {}

void DqnActor::act(const ObservationRows& given, const Progress& progress, double epsilon, std::span<int64_t> actions) {
  const ObservationRows observations = given.in(layout_);
  DEEPQ_ASSERT(observations.layout() == layout_ && observations.count() == env_count_);
  // Kept until the next act(): the replay stores what was acted on.
  std::ranges::copy(observations.bytes(), acted_on_.begin());
  std::ranges::copy(memory_, remembered_.begin());
  const std::span<const double> q = exploring_values(observations, progress);
  const auto values = static_cast<size_t>(actions_.values());
  for (size_t i = 0; i < actions.size(); ++i)
    actions[i] = epsilon_greedy_action(q.subspan(i * values, values), actions_, epsilon, exploration_,
                                       observations.legal(static_cast<int64_t>(i)));
}

std::span<const double> DqnActor::exploring_values(const ObservationRows& observations, const Progress& progress) {
  // Progress counts the steps of all copies together, hence noise_steps_ times as many.
  if (progress.env_steps == 0 || progress.periods_passed(noise_steps_ * env_count_) > 0) {
    noise_ = learner_.noise();
    return values_.values(observations, &learner_.noise(), memory_);
  }
  // Updates have put other noise on the online network meanwhile. The state before the draw is all it takes to draw the
  // same noise again.
  Random again = noise_;
  return values_.values(observations, &again, memory_);
}

void DqnActor::end_episodes(const StepResult& result) {
  const int64_t size = values_.memory_size();
  for (size_t i = 0; size > 0 && i < result.actions.size(); ++i)
    // A skipped step showed the network the end of an episode once more.
    if (result.terminated[i] != 0 || result.truncated[i] != 0 || result.is_skipped(i))
      std::fill_n(memory_.begin() + static_cast<int64_t>(i) * size, size, 0.0f);
}

void DqnActor::serialize(Archive& archive) {
  serialize_stream(archive, "exploration", exploration_);
  if (learner_.engine().noisy()) serialize_stream(archive, "acting_noise", noise_);
  if (!memory_.empty()) archive.array("memory", memory_);
}

int64_t DqnActor::bytes(const DqnConfig& config) {
  return NetworkValues::bytes(config.shape.observation, acting_rows(config));
}

}  // namespace deepq
