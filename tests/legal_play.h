// Actions for worlds where some may be illegal.
#pragma once

#include <span>

#include "deepq/core/random.h"
#include "deepq/env/vector_env.h"

namespace deepq::test {

// `wanted`, or the next action after it that is legal.
inline int64_t legal_from(int64_t wanted, int64_t actions, LegalActions legal) {
  while (!legal(static_cast<size_t>(wanted))) wanted = (wanted + 1) % actions;
  return wanted;
}
inline int64_t legal_from(int64_t wanted, const Env& env) {
  return legal_from(wanted, env.spec().action_count,
                    env.spec().observation_space.legal_actions() > 0 ? env.legal_actions() : LegalActions());
}
inline int64_t legal_from(int64_t wanted, const VectorEnv& envs, int64_t copy) {
  return legal_from(wanted, envs.spec().action_count, envs.observations().legal(copy));
}

// For each copy, with one draw each; where all are legal, uniformly.
inline void choose_legal(const VectorEnv& envs, Random& random, std::span<int64_t> actions) {
  for (size_t i = 0; i < actions.size(); ++i)
    actions[i] = legal_from(static_cast<int64_t>(random.below(static_cast<uint64_t>(envs.spec().action_count))), envs,
                            static_cast<int64_t>(i));
}

}  // namespace deepq::test
