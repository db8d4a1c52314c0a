#include "deepq/train/policy.h"

#include <algorithm>
#include <array>

#include "deepq/agent/choose.h"
#include "deepq/core/error.h"
#include "deepq/core/states.h"
#include "deepq/nn/layout.h"
#include "deepq/record/checkpoint.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"
#include "deepq/train/make_algorithm.h"

namespace deepq {
namespace {

// `actions`: what is learnt.
NetworkShape network_shape_of(const RunConfig& config, const ObservationSpace& space, const ActionSpace& actions) {
  return network_shape(config.agent.value, network_for(space, actions));
}

CheckpointFile open_checkpoint(const std::string& path, const Policy::Notice& notice) {
  require_exists(path);
  // A file is that checkpoint; of a run's folder the newest one that is whole.
  if (!is_folder(path)) return CheckpointFile(path);
  require_run_folder(path);
  std::vector<std::string> set_aside;
  CheckpointFile newest = newest_checkpoint(checkpoint_folder(path), set_aside);
  for (const std::string& line : set_aside)
    if (notice) notice(line);
  return newest;
}

// That the file holds so many parameters, before memory is taken for them.
void require_parameters(const Archive& archive, const RunConfig& config, const PolicyFacts& facts) {
  constexpr int64_t kMostInputs = int64_t{1} << 28, kMostActions = int64_t{1} << 20;  // sizes do not overflow
  const int64_t states = facts.observation.states();
  const ActionSpace learnt = learnt_actions(config.agent, facts.actions);
  const int64_t actions = learnt.values();
  if (config.agent.learns_table()) {
    archive.check("state_count", states, {1, kMostStates});  // of none a file may hold any number of actions
    return archive.require<double>("table", {states, actions});
  }
  archive.check("state_count", states, {0, kMostInputs});
  archive.check("action_count", actions, {1, kMostActions});
  for (const ParameterTensor& tensor :
       make_layout(config.network, network_shape_of(config, facts.observation, learnt), 1).tensors)
    archive.require<float>("online/" + tensor.name, tensor.shape);
}

}  // namespace

Policy::OfNetwork::OfNetwork(const RunConfig& config, const ObservationSpace& space, const ActionSpace& actions)
    : network(config.network, network_shape_of(config, space, actions), kGamesSideBySide, Trainable::kNo),
      values(&network, space, config.agent, config.network.numerics(), actions.values(), kGamesSideBySide) {}

Policy::OfTable::OfTable(const RunConfig& config, const ObservationSpace& space, const ActionSpace& actions)
    : table(static_cast<size_t>(space.states() * actions.values())),
      second_table(config.agent.algorithm == AlgorithmKind::kDoubleQLearning ? table.size() : 0),
      values(table, second_table, space, actions.values(), kGamesSideBySide) {}

Policy::Policy(RunConfig config, const ObservationSpace& space, const ActionSpace& actions)
    : config_(std::move(config)),
      facts_{.observation = space, .actions = actions},
      learnt_(learnt_actions(config_.agent, actions)),
      network_(config_.agent.learns_table() ? nullptr : std::make_unique<OfNetwork>(config_, space, learnt_)),
      table_(config_.agent.learns_table() ? std::make_unique<OfTable>(config_, space, learnt_) : nullptr),
      values_(network_ ? static_cast<ValueFunction*>(&network_->values) : &table_->values),
      exploration_(static_cast<size_t>(most_rows())),
      memory_(memory_room()),
      acting_(memory_room()),
      intake_(space, most_rows()) {}

Policy::Policy(ValueFunction& values, const ObservationSpace& space, const ActionSpace& learnt)
    : facts_{.observation = space, .actions = learnt},
      learnt_(learnt),
      values_(&values),
      exploration_(static_cast<size_t>(most_rows())),
      memory_(memory_room()),
      acting_(memory_room()),
      intake_(space, most_rows()) {}

int64_t Policy::bytes(const RunConfig& config, const ObservationSpace& space, const ActionSpace& actions) {
  const ActionSpace learnt = learnt_actions(config.agent, actions);
  if (config.agent.learns_table())
    return Tabular::bytes(tabular_settings(config, {.observation = space, .actions = learnt}));
  return Network::bytes(config.network, network_shape_of(config, space, learnt), kGamesSideBySide, Trainable::kNo) +
         NetworkValues::bytes(space, kGamesSideBySide);
}

void Policy::serialize(Archive& archive) {
  DEEPQ_ASSERT(network_ || table_);
  if (network_) {
    const auto online = archive.scope("online");
    network_->network.serialize(archive, network_->network.parameters());
    if (archive.loading()) network_->network.parameters_changed();
    return;
  }
  archive.array("table", table_->table, {facts_.observation.states(), learnt_.values()});
  if (!table_->second_table.empty()) archive.array("second_table", table_->second_table);
}

void Policy::copy_parameters(const Network& from) {
  DEEPQ_ASSERT(network_);
  network_->network.blend_from(from, 1.0);
}

Policy Policy::load(const std::string& path, const Notice& notice) {
  const CheckpointFile checkpoint = open_checkpoint(path, notice);
  return read(checkpoint.tensors(), checkpoint.metadata(), checkpoint.path(), notice);
}

Policy Policy::from_bytes(std::span<const std::byte> checkpoint, const std::string& name, const Notice& notice) {
  const Safetensors contents = [&] {
    try {
      return parse_checkpoint(checkpoint);
    } catch (const Error& error) {
      throw Error::of(name, " cannot be used: ", error.what());
    }
  }();
  return read(contents.tensors, contents.metadata, name, notice);
}

Policy Policy::read(const TensorMap& tensors, const Metadata& metadata, const std::string& name, const Notice& notice) {
  const auto found = metadata.find("config");
  if (found == metadata.end()) throw Error::of(name, " says no 'config' in its metadata");
  try {
    RunConfig config = from_toml(found->second, "its config");
    validate(config);
    Archive archive(tensors);
    // Names within the file are "trainer/online/0/weight" and, of the best agent, "trainer/best/online/0/weight".
    const auto trainer = archive.scope("trainer");
    PolicyFacts facts;
    facts.serialize(archive);
    if (facts.observation.shape().empty()) throw Error("it describes no agent");
    std::optional<Archive::Scope> best;
    const bool is_best = archive.contains("best/env_steps");
    if (is_best) best.emplace(archive, "best");
    // Before the policy is made, which takes memory for what the file claims to hold.
    require_parameters(archive, config, facts);
    Policy policy(std::move(config), facts.observation, facts.actions);
    policy.facts_ = std::move(facts);
    policy.is_best_ = is_best;
    archive.value("env_steps", policy.env_steps_, kCount);
    policy.serialize(archive);
    if (notice && policy.run_env_steps() == 0) notice(name + " is of step 0: nothing has been learnt in it yet");
    return policy;
  } catch (const Error& error) {
    throw Error::of(name, " cannot be used: ", error.what());
  }
}

EnvSpec Policy::trained_in() const {
  return {.id = config_.env.id,
          .observation_space = facts_.observation,
          .action_count = facts_.actions.count(),
          .action_axes = facts_.actions.is_single() ? std::vector<int64_t>() : facts_.actions.axes(),
          .action_start = facts_.action_start};
}

void Policy::begin_episode(int64_t row, const Random& exploration) {
  exploration_[static_cast<size_t>(row)] = exploration;
  std::fill_n(memory_.begin() + row * memory_size(), memory_size(), 0.0f);
}

std::span<const double> Policy::values(const ObservationRows& observations, Random* noise, std::span<float> memory) {
  return values_->values(intake_(observations), noise, memory);
}

std::span<const double> Policy::act(const ObservationRows& observations, std::span<const int64_t> rows, double epsilon,
                                    std::span<int64_t> actions) {
  require_legality(observations, rows.size());
  const int64_t size = memory_size();
  const auto count = static_cast<int64_t>(rows.size());
  for (int64_t i = 0; size > 0 && i < count; ++i)
    std::copy_n(memory_.begin() + rows[static_cast<size_t>(i)] * size, size, acting_.begin() + i * size);
  const std::span<const double> q =
      values(observations, nullptr, std::span(acting_).first(static_cast<size_t>(count * size)));
  for (int64_t i = 0; size > 0 && i < count; ++i)
    std::copy_n(acting_.begin() + i * size, size, memory_.begin() + rows[static_cast<size_t>(i)] * size);
  // Each episode draws from a stream of its own, so that who plays beside it changes nothing.
  for (size_t i = 0; i < rows.size(); ++i)
    actions[i] = epsilon_greedy_action(row_of(q, i), learnt_, epsilon, exploration_[static_cast<size_t>(rows[i])],
                                       observations.legal(static_cast<int64_t>(i)));
  return q;
}

void Policy::act(const ObservationRows& observations, std::span<int64_t> actions, std::span<float> memory) {
  require_legality(observations, actions.size());
  const std::span<const double> q = values(observations, nullptr, memory);
  for (size_t i = 0; i < actions.size(); ++i)
    actions[i] = greedy_action(row_of(q, i), learnt_, observations.legal(static_cast<int64_t>(i)));
}

void Policy::explore(const ObservationRows& observations, double epsilon, Random& random, std::span<int64_t> actions,
                     std::span<float> memory) {
  require_legality(observations, actions.size());
  const ObservationRows rows = intake_(observations);
  if (!values_->noisy()) {
    const std::span<const double> q = values_->values(rows, nullptr, memory);
    for (size_t i = 0; i < actions.size(); ++i)
      actions[i] =
          epsilon_greedy_action(row_of(q, i), learnt_, epsilon, random, observations.legal(static_cast<int64_t>(i)));
    return;
  }
  // Noise is drawn once for each pass, so that each observation needs a pass of its own.
  for (size_t i = 0; i < actions.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    const size_t size = memory.size() / actions.size();
    const std::span<const double> q =
        values_->values({rows.layout(), rows[at].bytes()}, &random, memory.subspan(i * size, size));
    actions[i] = greedy_action(q, learnt_, observations.legal(at));
  }
}

int64_t Policy::act(const ObservationRows& observation) {
  require_legality(observation, 1);
  return greedy_action(q_values(observation), learnt_, observation.legal(0));
}

std::span<const double> Policy::row_of(std::span<const double> q, size_t row) const {
  const auto count = static_cast<size_t>(learnt_.values());
  return q.subspan(row * count, count);
}

std::span<const double> Policy::q_values(const ObservationRows& observation) {
  const int64_t numbers = observation.numbers();
  if (numbers != observation_size())
    throw Error::of("the observation has ", numbers, " numbers; the agent was trained on ", observation_size());
  return values(observation);
}

}  // namespace deepq
