// What the exporters know of an agent beside its network, and how all of them refuse one that has none.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "deepq/train/policy.h"

namespace deepq {

// Whether a format carries what a network with memory remembers from step to step.
enum class CarriesMemory { kNo, kYes };

// Throws deepq::Error for an agent that learnt a table, or has a memory that the format does not carry.
const Network& exported_network(const Policy& agent, CarriesMemory carries = CarriesMemory::kNo);

// deepq_version, environment, preset (if any), algorithm, values, action_start, of discrete observations state_count
// and state_start, of agents that choose among legal actions their number as legal_actions, of those with memory
// memory_size: the file's metadata.
std::map<std::string, std::string> exported_facts(const Policy& agent);

// The fractions at which implicit values are averaged; empty for all others.
std::vector<float> exported_fractions(const Policy& agent);

}  // namespace deepq
