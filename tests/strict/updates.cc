// So many updates of a network, to count their instructions: deepq_updates N UNITS [strict]. Two hidden layers of
// UNITS, a batch of 64, CartPole's shapes, as `deepq bench` times them.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "deepq/agent/learner.h"
#include "deepq/nn/kernels/kernels.h"

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  if (argc > 4) deepq::use_kernels(argv[4]);
  deepq::NetworkConfig network;
  network.hidden_sizes = {std::atol(argv[2]), std::atol(argv[2])};
  if (std::string_view(argv[3]) == "strict") network.arithmetic = deepq::Arithmetic::kStrict;
  deepq::AgentConfig agent;
  agent.batch_size = 64;
  deepq::Random random(1);
  deepq::Learner learner({deepq::ObservationSpace::real({4}), 2, 1}, network, agent, {}, random);
  const deepq::BatchBuffers batch = learner.batch();
  for (int64_t i = 0; i < agent.batch_size; ++i) {
    for (int64_t k = 0; k < 4; ++k) {
      batch.observations.data[i * batch.observations.stride + k] = static_cast<float>(random.uniform(-1, 1));
      batch.next_observations.data[i * batch.next_observations.stride + k] = static_cast<float>(random.uniform(-1, 1));
    }
    batch.actions[static_cast<size_t>(i)] = static_cast<int32_t>(random.below(2));
    batch.rewards[static_cast<size_t>(i)] = 1;
    batch.discounts[static_cast<size_t>(i)] = 0.99f;
  }
  for (long i = std::atol(argv[1]); i > 0; --i) learner.update(1e-4);
  const std::string_view kernels = deepq::kernels_for(network.numerics()).name;
  std::printf("%.*s %s\n", static_cast<int>(kernels.size()), kernels.data(), learner.weights_sha256().c_str());
}
