#include "deepq/train/start_from.h"

#include "deepq/nn/modules.h"
#include "deepq/record/checkpoint.h"
#include "deepq/record/files.h"
#include "deepq/record/run_folder.h"
#include "deepq/train/make_algorithm.h"
#include "deepq/train/policy.h"

namespace deepq {
namespace {

// One that was not trained, of the trainer's shape.
Network network_like(const Trainer& trainer) {
  const RunConfig& config = trainer.config();
  if (config.agent.learns_table()) throw Error("a table has no weights; allowed: agent.algorithm dqn, pqn");
  const AlgorithmShape shape = algorithm_shape(config, trainer.env_spec());
  NetworkConfig network = config.network;
  network.threads = 1;
  return Network(network, network_shape(config.agent.value, network_for(shape.observation, shape.actions)), 1,
                 Trainable::kNo);
}

// The names do not depend on the fractions: one stands for all.
std::vector<float> a_fraction(const Trainer& trainer) {
  return std::vector<float>(trainer.config().agent.value.representation == Representation::kImplicit ? 1 : 0, 0.5f);
}

CheckpointFile checkpoint_of(const std::string& path, const std::function<void(const std::string&)>& notice) {
  if (!is_folder(path)) return CheckpointFile(path);
  std::vector<std::string> set_aside;
  CheckpointFile file = newest_checkpoint(checkpoint_folder(path), set_aside);
  for (const std::string& line : set_aside) notice(line);
  return file;
}

}  // namespace

void start_from(Trainer& trainer, const std::function<void(const std::string&)>& notice) {
  const TrainConfig& train = trainer.config().train;
  if (train.start_from.empty()) return;
  require_exists(train.start_from);
  const Policy from = Policy::load(train.start_from, notice);
  if (!from.network())
    throw Error::of("train.start_from: ", train.start_from, " has learnt a table; allowed: runs of networks");
  try {
    trainer.algorithm().take_weights(*from.network(), train.start_part);
  } catch (const Error& error) {
    throw Error::of("train.start_from: ", train.start_from, ", trained on ", from.observation_space().text(), " and ",
                    from.actions().text(), " where there are ", trainer.env_spec().observation_space.text(), " and ",
                    trainer.env_spec().actions().text(), " now: ", error.what());
  }
  const CheckpointFile checkpoint = checkpoint_of(train.start_from, notice);
  Archive archive(checkpoint.tensors());
  trainer.take_statistics(archive);
  if (!train.start_replay) return;
  try {
    trainer.take_replay(archive);
  } catch (const Error& error) {
    throw Error::of("train.start_replay: the replay of ", checkpoint.path(), " does not fit: ", error.what());
  }
}

std::vector<std::pair<std::string, std::vector<int64_t>>> torch_tensors(const Trainer& trainer) {
  const Network network = network_like(trainer);
  std::vector<std::pair<std::string, std::vector<int64_t>>> tensors;
  for (const std::vector<Module>& operation : torch_modules(export_graph(network, a_fraction(trainer))))
    for (const Module& module : operation)
      for (const ModuleTensor& tensor : module.tensors)
        tensors.emplace_back(module.name + "." + tensor.name, tensor.shape);
  return tensors;
}

void take_torch_weights(Trainer& trainer, const TensorMap& tensors) {
  Network network = network_like(trainer);
  take_modules(network, a_fraction(trainer), tensors);
  trainer.algorithm().take_weights(network, NetworkPart::kAll);
}

}  // namespace deepq
