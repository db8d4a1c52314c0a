// Trains an agent on CartPole, then loads it from its folder and lets it act.
#include <iostream>
#include <vector>

#include "deepq/deepq.h"

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : "runs/quickstart";
  deepq::RunConfig config = deepq::preset("cartpole");
  const deepq::RunSummary summary = deepq::start_run(config, {.folder = folder});
  std::cout << "mean return of 100 greedy episodes: " << summary.eval_mean_return << "\n";

  deepq::Agent agent = deepq::Agent::load(folder);
  const std::vector<float> observation{0.01f, 0.0f, 0.05f, 0.0f};  // the pole leans to the right
  std::cout << "action: " << agent.act(observation) << "\n";       // 1 pushes to the right
}
