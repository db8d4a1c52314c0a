// Trains an agent in an environment of one's own, stop_the_puck.h.
#include <iostream>
#include <memory>

#include "deepq/deepq.h"
#include "examples/stop_the_puck.h"

int main() {
  deepq::RunConfig config;
  config.env.id = "StopThePuck";
  config.train.env_steps = 20'000;
  config.target.sync_every_updates = 500;
  config.exploration.epsilon_end = 0.05;
  const deepq::RunSummary summary = deepq::start_run(config, {}, [] { return std::make_unique<StopThePuck>(); });
  std::cout << "mean return: first episodes about -50, trained " << summary.eval_mean_return << "\n";
  return summary.eval_mean_return > -10 ? 0 : 1;
}
