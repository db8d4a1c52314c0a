// Trains an agent on CartPole, then loads it from its folder and lets it act. Where it is run again it finds its run
// there, goes on with it where it was not finished, and trains nothing anew.
#include <filesystem>
#include <iostream>
#include <vector>

#include "deepq/deepq.h"

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : "runs/quickstart";
  const deepq::RunSummary summary = std::filesystem::exists(folder)
                                        ? deepq::resume_run({.folder = folder})
                                        : deepq::start_run(deepq::preset("cartpole"), {.folder = folder});
  std::cout << "mean return of 100 greedy episodes: " << summary.eval_mean_return << "\n";

  deepq::Policy agent = deepq::Policy::load(folder);
  const std::vector<float> observation{0.01f, 0.0f, 0.05f, 0.0f};  // the pole leans to the right
  std::cout << "action: " << agent.act(observation) << "\n";       // 1 pushes to the right
}
