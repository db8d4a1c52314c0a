// What a DQN is broken by when its author forgets something: planted for readers to find by its signs. No key of the
// program plants one, and only the page has this file compiled in.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "deepq/config/run_config.h"
#include "deepq/env/vector_env.h"

namespace deepq::web {

enum class Fault {
  kNone,
  kNoTerminalMask,  // targets bootstrap from what lies behind the end of an episode
  kWrongSign,       // the agent learns from the rewards' opposite
  kStaleTarget,     // the target network is never synchronised
  kZeroPriority,    // all priorities are 0 in effect: prioritised replay draws as uniform replay does
};

// By the names that pages use: "none", "no_terminal_mask", ... Throws deepq::Error for another, with what is allowed.
Fault fault_of(const std::string& name);
std::vector<std::string> fault_names();

// The run's settings with the fault in them, where settings are what it takes.
RunConfig with_fault(RunConfig config, Fault fault);

// The worlds as an agent with the fault sees them; the same object where the fault lies elsewhere. What episodes
// returned is told truly.
std::unique_ptr<VectorEnv> with_fault(std::unique_ptr<VectorEnv> env, Fault fault);

}  // namespace deepq::web
