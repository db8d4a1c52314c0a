#include "deepq/train/agent.h"

#include <algorithm>

#include "deepq/agent/choose.h"
#include "deepq/agent/parameters.h"
#include "deepq/core/error.h"
#include "deepq/core/finite.h"
#include "deepq/core/states.h"
#include "deepq/nn/layout.h"
#include "deepq/record/checkpoint.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"
#include "deepq/train/make_algorithm.h"

namespace deepq {
namespace {

CheckpointFile open_checkpoint(const std::string& path, const Agent::Notice& notice) {
  require_exists(path);
  if (!is_folder(path)) return CheckpointFile(path);
  require_run_folder(path);
  std::vector<std::string> set_aside;
  CheckpointFile newest = newest_checkpoint(checkpoint_folder(path), set_aside);
  for (const std::string& line : set_aside)
    if (notice) notice(line);
  return newest;
}

}  // namespace

Agent::Agent(RunConfig config, const ObservationShape& shape, int64_t action_count)
    : config_(std::move(config)), shape_(shape), action_count_(action_count), observation_(shape, 1) {
  q_.resize(static_cast<size_t>(action_count));
  if (!config_.agent.learns_table()) {
    const NetworkShape network = network_shape(config_.agent.value, shape.network(action_count));
    deep_.emplace(Deep{Network(config_.network, network, 1, Trainable::kNo),
                       ActionValues(config_.agent, config_.network.engine, action_count, 1)});
    return;
  }
  table_.resize(static_cast<size_t>(shape.state_count * action_count));
  if (config_.agent.algorithm == AlgorithmKind::kDoubleQLearning) second_table_.resize(table_.size());
}

int64_t Agent::bytes(const RunConfig& config, const ObservationShape& shape, int64_t action_count) {
  if (!config.agent.learns_table())
    return Network::bytes(config.network, network_shape(config.agent.value, shape.network(action_count)), 1,
                          Trainable::kNo);
  return Tabular::bytes(tabular_settings(config, {.observation = shape, .action_count = action_count}));
}

void Agent::serialize(Archive& archive) {
  if (deep_) {
    const auto online = archive.scope("online");
    deep_->network.serialize(archive, deep_->network.parameters());
    if (archive.loading()) deep_->network.parameters_changed();
    return;
  }
  archive.array("table", table_, {shape_.state_count, action_count_});
  if (config_.agent.algorithm != AlgorithmKind::kDoubleQLearning) return;
  archive.array("second_table", second_table_);
}

namespace {

constexpr int64_t kMostInputs = int64_t{1} << 28, kMostActions = int64_t{1} << 20;  // sizes do not overflow

// That the file holds so many parameters, before memory is taken for them.
void require_parameters(const Archive& archive, const RunConfig& config, const ObservationShape& shape,
                        int64_t action_count) {
  if (config.agent.learns_table()) {
    archive.check("state_count", shape.state_count, {1, kMostStates});  // of none a file may hold any number of actions
    return archive.require<double>("table", {shape.state_count, action_count});
  }
  archive.check("state_count", shape.state_count, {0, kMostInputs});
  archive.check("action_count", action_count, {1, kMostActions});
  const NetworkShape network = network_shape(config.agent.value, shape.network(action_count));
  for (const ParameterTensor& tensor : make_layout(config.network, network, 1).tensors)
    archive.require<float>("online/" + tensor.name, tensor.shape);
}

ObservationShape read_shape(Archive& archive) {
  ObservationShape shape;
  archive.vector("observation_shape", shape.dimensions, {1, kMostInputs});
  int64_t size = 1;
  for (const int64_t dimension : shape.dimensions)
    archive.check("observation_shape: the product", size *= dimension, {1, kMostInputs});
  archive.value("state_count", shape.state_count, {0, kMostStates});
  if (shape.state_count > 0) archive.check("observation_shape: the product", size, {1, 1});
  if (archive.contains("frame_stack"))  // older files have none
    archive.value("frame_stack", shape.frame_stack, {0, kMostInputs});
  if (shape.frame_stack > 0 && !shape.dimensions.empty())
    archive.check("frame_stack", shape.frame_stack, {shape.dimensions[0], shape.dimensions[0]});
  if (archive.contains("channels_first")) archive.value("channels_first", shape.channels_first);
  return shape;
}

// Of `count` numbers, the last of which is below 2^63.
Limits<int64_t> starts_of(int64_t count) {
  return {kAnyValue<int64_t>.least, kAnyValue<int64_t>.most - std::max<int64_t>(0, count - 1)};
}

// See EnvSpec::observation_dtype.
std::string default_dtype(const ObservationShape& shape) {
  return shape.state_count > 0 ? "int64" : shape.frame_stack > 0 ? "uint8" : "float32";
}

}  // namespace

Agent Agent::load(const std::string& path, const Notice& notice) {
  const CheckpointFile checkpoint = open_checkpoint(path, notice);
  const auto text = [&](const char* key) {
    const auto found = checkpoint.metadata().find(key);
    if (found == checkpoint.metadata().end())
      throw Error::of(checkpoint.path(), " says no '", key, "' in its metadata");
    return found->second;
  };
  try {
    RunConfig config = from_toml(text("config"), "its config");
    validate(config);
    Archive archive(checkpoint.tensors());
    const auto trainer = archive.scope("trainer");
    const ObservationShape shape = read_shape(archive);
    int64_t action_count = 0;
    archive.value("action_count", action_count, {1, kCount.most});
    if (shape.dimensions.empty()) throw Error("it describes no agent");
    int64_t action_start = 0, state_start = 0;
    if (archive.contains("action_start")) {  // not in files of before
      archive.value("action_start", action_start, starts_of(action_count));
      archive.value("state_start", state_start, starts_of(shape.state_count));
    }
    std::string observation_dtype = default_dtype(shape);
    if (archive.contains("observation_dtype")) {  // nor this
      archive.text("observation_dtype", observation_dtype);
      if (observation_dtype.empty()) observation_dtype = default_dtype(shape);
    }
    std::optional<double> epsilon;
    if (archive.contains("epsilon")) archive.value("epsilon", epsilon.emplace());
    int64_t run_env_steps = 0;
    archive.value("env_steps", run_env_steps, kCount);
    std::optional<Archive::Scope> best;
    const bool is_best = archive.contains("best/env_steps");
    if (is_best) best.emplace(archive, "best");
    require_parameters(archive, config, shape, action_count);
    Agent agent(std::move(config), shape, action_count);
    agent.action_start_ = action_start;
    agent.state_start_ = state_start;
    agent.observation_dtype_ = std::move(observation_dtype);
    agent.is_best_ = is_best;
    agent.epsilon_ = epsilon;
    agent.run_env_steps_ = run_env_steps;
    archive.value("env_steps", agent.env_steps_, kCount);
    agent.serialize(archive);
    if (notice && agent.run_env_steps_ == 0)
      notice(checkpoint.path() + " is of step 0: nothing has been learnt in it yet");
    return agent;
  } catch (const Error& error) {
    throw Error::of(checkpoint.path(), " cannot be used: ", error.what());
  }
}

EnvSpec Agent::trained_in() const {
  return {.id = config_.env.id,
          .observation_shape = shape_.dimensions,
          .action_count = action_count_,
          .state_count = shape_.state_count,
          .action_start = action_start_,
          .state_start = state_start_,
          .observation_dtype = observation_dtype_,
          .frame_stack = shape_.frame_stack};
}

std::span<const double> Agent::q_values(std::span<const float> observation) {
  if (deep_) deep_->network.mute_noise();
  return values_of(observation);
}

std::span<const double> Agent::noisy_q_values(std::span<const float> observation, Random& noise) {
  if (deep_) deep_->network.sample_noise(noise);
  return values_of(observation);
}

std::span<const double> Agent::values_of(std::span<const float> observation) {
  if (static_cast<int64_t>(observation.size()) != observation_size())
    throw Error::of("the observation has ", observation.size(), " numbers; the agent was trained on ",
                    observation_size());
  if (shape_.state_count == 0 && !all_finite(observation)) throw Error(not_finite_text(observation));
  if (deep_) {
    std::copy(observation.begin(), observation.end(), observation_.rows()[0]);
    std::copy_n(deep_->values(deep_->network, observation_, 1)[0], q_.size(), q_.begin());
    return q_;
  }
  const auto state = static_cast<size_t>(state_of(observation[0], shape_.state_count));
  const auto row = [&](const std::vector<double>& table) {
    return table.empty() ? std::span<const double>() : std::span(table).subspan(state * q_.size(), q_.size());
  };
  mean_of_tables(row(table_), row(second_table_), q_);
  return q_;
}

int64_t Agent::act(std::span<const float> observation) { return greedy_action(q_values(observation)); }

}  // namespace deepq
