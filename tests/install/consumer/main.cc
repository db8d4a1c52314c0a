// What a user's program may do with the installed library, and with its source as a subdirectory.
#include <iostream>

#include "deepq/deepq.h"

int main() {
  deepq::RunConfig config = deepq::preset("chapter");
  config.train.episodes = 3;
  const deepq::RunSummary summary = deepq::start_run(config, {});
  std::cout << "deepq " << deepq::version() << ": " << summary.episodes << " episodes\n";
  return summary.episodes == 3 ? 0 : 1;
}
