// Acts by an exported file alone (docs/export.md, safetensors): a network with the weights and settings that the file
// holds, asked for one observation at a time. The library for acting (deepq/act) is this class behind functions that
// throw nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "deepq/agent/acting_facts.h"
#include "deepq/agent/value_function.h"

namespace deepq {

class ActingPolicy {
 public:
  // The bytes are not kept. Throws deepq::Error for a file that is damaged, is none of that kind, or claims to hold
  // another network than its tensors are: nothing is believed, and no memory taken, before that is known.
  explicit ActingPolicy(std::span<const std::byte> file);

  ActingPolicy(const ActingPolicy&) = delete;
  ActingPolicy& operator=(const ActingPolicy&) = delete;

  const ActingFacts& facts() const { return facts_; }
  int64_t observation_size() const { return facts_.observation.size(); }

  // The values of all actions, as Policy::q_values() has them, bit for bit; valid until the next call. Throws
  // deepq::Error for what is no observation. No allocation but for that.
  std::span<const double> q_values(const ObservationRows& observation);
  // The greedy action, counted from 0. Throws, too, where the agent learnt which actions are legal and it is not said
  // (ObservationRows::where_legal).
  int64_t act(const ObservationRows& observation);

 private:
  explicit ActingPolicy(const Safetensors& contents);

  ActingFacts facts_;
  Network network_;
  NetworkValues values_;
  ObservationIntake intake_;
};

}  // namespace deepq
