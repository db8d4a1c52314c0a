// What acts, for Python: rows of observations go in, action values and actions come out, of a Model as of an Agent.
#pragma once

#include <nanobind/nanobind.h>

#include "python/model.h"

namespace deepq::python {

// q_values(observations) and actions(observations, epsilon, seed, legal), where observations [count, size] are float32,
// uint8 where the space's are bytes, or int64 where they are states, and legal actions are bits, [count, words of 64],
// and both with memory, float32 [count, memory_size], which is read and written.
void bind_acting(nanobind::class_<Model>& model);
void bind_acting(nanobind::class_<Policy>& agent);

// state_rows(states, start, count): [count, 1] for an array of states as the environment's users number them.
void bind_state_rows(nanobind::module_& m);

}  // namespace deepq::python
