// The program deepq with an environment of one's own: train, resume, eval, watch, compare and all the rest know it by
// its id.
#include <memory>
#include <string>
#include <vector>

#include "cli/program.h"
#include "deepq/deepq.h"
#include "examples/stop_the_puck.h"

int main(int argc, char** argv) {
  const auto find = [](const std::string& id, const deepq::EnvOptions&) -> deepq::EnvFactory {
    if (id != "StopThePuck") return {};
    return [] { return std::make_unique<StopThePuck>(); };
  };
  deepq::set_env_source({.find = find, .ids = [] { return std::vector<std::string>{"StopThePuck"}; }});
  return deepq::cli::run_program(argc, argv);
}
