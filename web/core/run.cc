#include "web/core/run.h"

#include <algorithm>
#include <utility>

#include "deepq/config/active_keys.h"
#include "deepq/core/error.h"
#include "deepq/env/registry.h"
#include "deepq/record/checkpoint.h"
#include "deepq/train/summarize.h"

namespace deepq::web {
namespace {

// The copies to train on, in the run's arithmetic, as the program makes them.
std::unique_ptr<VectorEnv> worlds(const RunConfig& config, Fault fault) {
  const VectorPlan plan{.count = config.env.count,
                        .run_seed = static_cast<uint64_t>(config.train.seed),
                        .max_episode_steps = config.env.max_episode_steps,
                        .arithmetic = config.network.arithmetic};
  return with_fault(make_vector_env(config.env.id, config.env_options, plan), fault);
}

}  // namespace

Run::Run(const RunConfig& config, Fault fault)
    : fault_(fault),
      trainer_(with_fault(config, fault), find_env(config.env.id, config.env_options), worlds(config, fault)) {
  trainer_.add_observer(*this);
}

// What the program's `train` refuses is refused here, in its words.
std::unique_ptr<Run> Run::of_toml(const std::string& toml, Fault fault) {
  std::vector<GivenKey> given;
  RunConfig config = from_user_toml(toml, "the settings", {}, given);
  const bool says = std::ranges::any_of(given, [](const GivenKey& one) { return one.key == "train.arithmetic"; });
  // Fast arithmetic is that of one machine. (Plain loops are the same everywhere already.)
  if (!says && config.network.engine == Engine::kAuto) config.network.arithmetic = Arithmetic::kStrict;
  // The page draws a world by what it observes, one observation at a time.
  if (config.env.has_history())
    throw Error(
        "env.frame_stack, env.last_action and env.last_reward are given; allowed in the playground: 1, false, false");
  validate_run(config);
  require_effect(config, given, section_read_by(config.env.id));
  std::unique_ptr<Run> run(new Run(config, fault));
  require_updates(config, run->trainer_.env_spec().max_episode_steps);
  return run;
}

std::unique_ptr<Run> Run::of_checkpoint(std::span<const std::byte> file) {
  const Safetensors contents = parse_checkpoint(file);
  const auto toml = contents.metadata.find("config");
  if (toml == contents.metadata.end()) throw Error("the checkpoint does not say with which settings it was made");
  std::unique_ptr<Run> run(new Run(from_toml(toml->second, "the checkpoint's settings"), Fault::kNone));
  Archive archive(contents.tensors);
  run->trainer_.set_history(history_in(contents.metadata));
  run->trainer_.serialize(archive);
  return run;
}

template <class Enough>
void Run::step_until(const Enough& enough) {
  trainer_.resume_clock();
  while (!trainer_.done() && !enough()) trainer_.step();
  trainer_.pause_clock();
  if (trainer_.done()) trainer_.run_final_evaluation();
}

void Run::step(int64_t env_steps) {
  const int64_t end = trainer_.env_steps() + env_steps;
  step_until([&] { return trainer_.env_steps() >= end; });
}

void Run::step_episode(int64_t most) {
  const int64_t episodes = trainer_.episodes(), end = trainer_.env_steps() + most;
  step_until([&] { return trainer_.episodes() > episodes || trainer_.env_steps() >= end; });
}

std::string Run::summary() { return summarize(trainer_, !trainer_.done()).to_json(); }

std::string Run::checkpoint() {
  // Whoever went on from it would have a sound agent, and not know why it changed.
  if (fault_ != Fault::kNone) throw Error("a run with a planted fault is not saved: what is loaded has none");
  require_finite(trainer_);
  Archive archive;
  trainer_.serialize(archive);
  return checkpoint_bytes(archive, run_metadata(trainer_, config_toml()));
}

std::vector<double> values_by(Policy& policy, std::span<const float> observations) {
  const auto size = static_cast<size_t>(policy.observation_size());
  if (observations.size() % size != 0)
    throw Error::of("there are ", observations.size(), " numbers; allowed: a multiple of ", size, ", for observations");
  std::vector<double> all;
  // As many at a time as the policy takes.
  const size_t most = static_cast<size_t>(policy.most_rows()) * size;
  for (size_t begin = 0; begin < observations.size(); begin += most) {
    const auto q = policy.values(observations.subspan(begin, std::min(most, observations.size() - begin)));
    all.insert(all.end(), q.begin(), q.end());
  }
  return all;
}

std::vector<double> Run::values(std::span<const float> observations) {
  return values_by(trainer_.policy(), observations);
}

}  // namespace deepq::web
