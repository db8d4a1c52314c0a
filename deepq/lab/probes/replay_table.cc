#include "deepq/lab/probes/replay_table.h"

#include <vector>

#include "deepq/agent/choose.h"
#include "deepq/core/streams.h"

namespace deepq::lab {
namespace {

struct Seen {
  size_t state, action;
  double reward;
  bool terminated;
  size_t next_state;
};

class Table {
 public:
  Table(const EnvSpec& env, const ReplayTableSettings& settings)
      : settings_(settings),
        actions_(static_cast<size_t>(env.action_count)),
        q_(static_cast<size_t>(env.observation_space.states()) * actions_),
        values_(q_, no_second_, env.observation_space, env.action_count, 1) {}

  ValueFunction& values() { return values_; }

  std::span<const double> row(size_t state) const { return std::span(q_).subspan(state * actions_, actions_); }

  void update(const Seen& seen) {
    const std::span<const double> next = row(seen.next_state);
    const double value = seen.terminated ? 0 : largest_value(next);
    double& q = q_[seen.state * actions_ + seen.action];
    q += settings_.learning_rate * (seen.reward + settings_.gamma * value - q);
  }

 private:
  const ReplayTableSettings& settings_;
  size_t actions_;
  std::vector<double> q_;
  const std::vector<double> no_second_;
  TableValues values_;
};

}  // namespace

void run_replay_table(const ReplayTableSettings& settings, const EnvFactory& make_env, uint64_t seed,
                      const std::function<void(int64_t, Policy&)>& after_step) {
  const std::unique_ptr<Env> env = make_env();
  Random exploration = random_stream(seed, Stream::kExploration), sampling = random_stream(seed, Stream::kSampling);
  Table table(env->spec(), settings);
  Policy policy(table.values(), env->spec().observation_space, env->spec().action_count);
  std::vector<Seen> memory;
  const auto present = [&] { return static_cast<size_t>(env->typed_observation().state()); };
  env->reset(seed);
  size_t state = present();
  for (int64_t done = 1, length = 1; done <= settings.env_steps; ++done, ++length) {
    const int64_t action = epsilon_greedy_action(table.row(state), settings.epsilon, exploration);
    const Step step = env->step(action);
    const size_t next = present();
    memory.push_back({state, static_cast<size_t>(action), step.reward, step.terminated, next});
    // Once as it comes, as every table, and then as often as asked from all that has been seen.
    table.update(memory.back());
    for (int64_t i = 0; i < settings.replays_per_step; ++i) table.update(memory[sampling.below(memory.size())]);
    state = next;
    // A time limit ends the episode but not the value: the update above has bootstrapped.
    if (step.terminated || length == env->spec().max_episode_steps) {
      env->reset({});
      state = present();
      length = 0;
    }
    after_step(done, policy);
  }
}

}  // namespace deepq::lab
