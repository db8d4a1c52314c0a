#include "python/acting.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>

#include <algorithm>
#include <memory>

#include "python/py_values.h"

namespace deepq::python {
namespace {

template <class T>
using Observations = nb::ndarray<const T, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

using Masks = nb::ndarray<const uint64_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

// Asked for each time, as a Model refuses where another thread has begun to learn.
Policy& policy_of(Model& model) { return model.policy(); }
Policy& policy_of(Policy& agent) { return agent; }
const RunConfig& config_of(Model& model) { return model.trainer().config(); }
const RunConfig& config_of(Policy& agent) { return agent.config(); }

template <class T>
nb::object matrix_of(std::unique_ptr<T[]> data, size_t rows, size_t columns) {
  // NumPy owns the numbers: the capsule deletes them when the array goes.
  T* const kept = data.release();
  const nb::capsule owner(kept, [](void* p) noexcept { delete[] static_cast<T*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, T, nb::ndim<2>>(kept, {rows, columns}, owner));
}

// One more than needed: an array of no rows still has an address.
template <class T>
std::unique_ptr<T[]> room_for(size_t numbers) {
  return std::make_unique<T[]>(numbers + 1);
}

// Of many observations it lets other threads run, and Ctrl-C end it, now and then.
void give_way() {
  { const nb::gil_scoped_release others; }
  if (PyErr_CheckSignals() != 0) throw nb::python_error();
}

// Calls visit(policy, index of the first, observations), as many at a time as the policy takes.
template <class T, class Acting, class Visit>
void in_parts(Acting& acting, const Observations<T>& observations, const Visit& visit) {
  const size_t rows = observations.shape(0), size = observations.shape(1);
  if (static_cast<int64_t>(size) != policy_of(acting).observation_size())
    throw Error::of("the observation has ", size, " numbers; the agent takes ", policy_of(acting).observation_size());
  const auto at_a_time = static_cast<size_t>(policy_of(acting).most_rows());
  const std::span<const T> from(observations.data(), observations.size());
  constexpr size_t kBetweenPauses = 64;
  for (size_t i = 0, done = 0; i < rows; i += at_a_time) {
    const size_t count = std::min(at_a_time, rows - i);
    // Every 64 observations: often enough for Ctrl-C, and seldom enough to cost nothing.
    if (done + count > kBetweenPauses) {
      give_way();
      done = 0;
    }
    done += count;
    visit(policy_of(acting), i, from.subspan(i * size, count * size));
  }
}

// What is remembered, [count, memory_size]: written to by whoever is asked. Or none: then nothing is.
using Memories = nb::ndarray<float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

std::span<float> memory_of(const Policy& policy, const std::optional<Memories>& memory, size_t rows) {
  if (!memory) return {};
  if (memory->shape(0) != rows || static_cast<int64_t>(memory->shape(1)) != policy.memory_size())
    throw Error::of("state is [", memory->shape(0), ", ", memory->shape(1), "]; allowed: [", rows, ", ",
                    policy.memory_size(), "], for each observation what predict() handed back");
  return {memory->data(), memory->size()};
}

template <class Number, class T, class Acting>
nb::object values_as(Acting& acting, const Observations<T>& observations, const std::optional<Memories>& memory) {
  const size_t rows = observations.shape(0), actions = static_cast<size_t>(policy_of(acting).learnt().values());
  auto data = room_for<Number>(rows * actions);
  const std::span<float> memories = memory_of(policy_of(acting), memory, rows);
  const size_t size = rows > 0 ? memories.size() / rows : 0;
  in_parts(acting, observations, [&](Policy& policy, size_t first, std::span<const T> part) {
    const size_t count = part.size() / observations.shape(1);
    std::ranges::transform(policy.values(part, nullptr, memories.subspan(first * size, count * size)),
                           data.get() + first * actions, [](double value) { return static_cast<Number>(value); });
  });
  return matrix_of(std::move(data), rows, actions);
}

// [count, values of all actions]: a table's values as float64, a network's as the float32 that they are.
template <class T, class Acting>
nb::object values_of(Acting& acting, const Observations<T>& observations, const std::optional<Memories>& memory) {
  return config_of(acting).agent.learns_table() ? values_as<double>(acting, observations, memory)
                                                : values_as<float>(acting, observations, memory);
}

// [count, 1]: the greedy actions or, with a seed, exploring ones.
template <class T, class Acting>
nb::object actions_of(Acting& acting, const Observations<T>& observations, double epsilon, std::optional<uint64_t> seed,
                      const std::optional<Masks>& legal, const std::optional<Memories>& memory) {
  const size_t rows = observations.shape(0);
  const int64_t values = policy_of(acting).learnt().values();
  const std::span<const uint64_t> bits = legal ? std::span(legal->data(), legal->size()) : std::span<const uint64_t>();
  const size_t words = LegalActions::words_for(static_cast<size_t>(values));
  if (legal && bits.size() != rows * words)
    throw Error::of("there are ", bits.size(), " words of legal actions; allowed: ", words, " for each observation");
  auto data = room_for<int64_t>(rows);
  Random random(seed.value_or(0));
  const std::span<float> memories = memory_of(policy_of(acting), memory, rows);
  const size_t size = rows > 0 ? memories.size() / rows : 0;
  in_parts(acting, observations, [&](Policy& policy, size_t first, std::span<const T> part) {
    const std::span to(data.get() + first, part.size() / observations.shape(1));
    ObservationRows given(part);
    if (legal) given = given.where_legal(bits.subspan(first * words, to.size() * words), values);
    const std::span<float> of_part = memories.subspan(first * size, to.size() * size);
    if (seed)
      policy.explore(given, epsilon, random, to, of_part);
    else
      policy.act(given, to, of_part);
  });
  return matrix_of(std::move(data), rows, 1);
}

template <class T, class Acting>
void bind_rows_of(nb::class_<Acting>& type) {
  type.def("q_values", &values_of<T, Acting>, nb::arg("observations"), nb::arg("memory") = nb::none())
      .def("actions", &actions_of<T, Acting>, nb::arg("observations"), nb::arg("epsilon") = 0.0,
           nb::arg("seed") = nb::none(), nb::arg("legal") = nb::none(), nb::arg("memory") = nb::none(),
           "The greedy actions; with a seed those of exploring, drawn from it; among the legal, where bits [count, "
           "words] say which are.");
}

template <class Acting>
void bind_all_rows(nb::class_<Acting>& type) {
  bind_rows_of<float>(type);
  bind_rows_of<uint8_t>(type);
  bind_rows_of<int64_t>(type);
}

nb::object state_rows(nb::handle states, int64_t start, int64_t count) {
  const size_t rows = nb::len(states);
  auto data = room_for<int64_t>(rows);
  const WholeNumbers allowed{start, count};
  if (const auto bad = copy_whole_numbers(states, allowed, {data.get(), rows}, "the observation"))
    throw Error::of("the observation is ", bad->text, "; allowed: ", allowed.text());
  return matrix_of(std::move(data), rows, 1);
}

}  // namespace

void bind_acting(nb::class_<Model>& model) { bind_all_rows(model); }
void bind_acting(nb::class_<Policy>& agent) { bind_all_rows(agent); }

void bind_state_rows(nb::module_& m) {
  m.def("state_rows", &state_rows, nb::arg("states"), nb::arg("start"), nb::arg("count"));
}

}  // namespace deepq::python
