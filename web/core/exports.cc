// What a WebAssembly module exports: numbers and bytes alone cross the boundary. A caller puts arguments where input()
// says, calls, and reads the answer where output() says until the next call. A call that fails returns -1, and the
// answer is the message; the run that it was about is of no further use then, all others are.
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <new>
#include <string>

#include "deepq/core/error.h"
#include "web/core/run.h"
#include "web/core/tables.h"

#define DEEPQ_EXPORT(name) extern "C" __attribute__((export_name("deepq_" #name), used)) int32_t name

namespace {

using deepq::web::Run;

std::string arguments, answer;
std::map<int32_t, std::unique_ptr<Run>> runs;
int32_t next_run = 0;

// Of the arguments: as text, bytes or floats.
std::string text(int32_t begin, int32_t size) {
  return arguments.substr(static_cast<size_t>(begin), static_cast<size_t>(size));
}
std::span<const float> floats(int32_t count) {
  return {reinterpret_cast<const float*>(arguments.data()), static_cast<size_t>(count)};
}

template <class Number>
std::string bytes_of(std::span<const Number> numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()};
}

int64_t steps(double number) {
  constexpr double kMost = 9e15;  // whole numbers, as JavaScript has them
  if (!(number >= 1 && number <= kMost))
    throw deepq::Error::of("the number of steps is ", number, "; allowed: at least 1");
  return static_cast<int64_t>(number);
}

template <class Call>
int32_t guarded(const Call& call) try {
  answer.clear();
  return call();
} catch (const std::bad_alloc&) {
  answer = "there is not enough memory for this; make replay.capacity smaller";
  return -1;
} catch (const std::exception& error) {
  answer = error.what();
  return -1;
}

Run& run_of(int32_t number) {
  const auto found = runs.find(number);
  if (found == runs.end()) throw deepq::Error("this run was dropped");
  return *found->second;
}

int32_t keep(std::unique_ptr<Run> run) {
  runs[next_run] = std::move(run);
  return next_run++;
}

}  // namespace

// Where `size` bytes of arguments are put.
DEEPQ_EXPORT(input)(int32_t size) {
  arguments.resize(static_cast<size_t>(size));
  return static_cast<int32_t>(reinterpret_cast<intptr_t>(arguments.data()));
}
DEEPQ_EXPORT(output)() { return static_cast<int32_t>(reinterpret_cast<intptr_t>(answer.data())); }
DEEPQ_EXPORT(output_size)() { return static_cast<int32_t>(answer.size()); }

// Keys, presets, environments and faults, as JSON.
DEEPQ_EXPORT(tables)() {
  return guarded([] {
    answer = deepq::web::tables();
    return 0;
  });
}

// The TOML, and behind it the fault's name; returns the run's number.
DEEPQ_EXPORT(start)(int32_t toml_size, int32_t fault_size) {
  return guarded(
      [&] { return keep(Run::of_toml(text(0, toml_size), deepq::web::fault_of(text(toml_size, fault_size)))); });
}
DEEPQ_EXPORT(load)(int32_t size) {
  return guarded(
      [&] { return keep(Run::of_checkpoint(std::as_bytes(std::span(arguments)).first(static_cast<size_t>(size)))); });
}
DEEPQ_EXPORT(drop)(int32_t run) { return static_cast<int32_t>(runs.erase(run)); }

// Both return whether the run is over.
DEEPQ_EXPORT(step)(int32_t run, double env_steps) {
  return guarded([&] {
    run_of(run).step(steps(env_steps));
    return run_of(run).done() ? 1 : 0;
  });
}
DEEPQ_EXPORT(step_episode)(int32_t run, double most) {
  return guarded([&] {
    run_of(run).step_episode(steps(most));
    return run_of(run).done() ? 1 : 0;
  });
}

// The answer is a text, but for the checkpoint (bytes) and the TD errors (floats).
DEEPQ_EXPORT(ask)(int32_t run, int32_t what) {
  return guarded([&] {
    Run& asked = run_of(run);
    switch (what) {
      case 0:
        answer = asked.summary();
        break;
      case 1:
        answer = asked.look();
        break;
      case 2:
        answer = asked.news();
        break;
      case 3:
        answer = asked.world();
        break;
      case 4:
        answer = asked.config_toml();
        break;
      case 5:
        answer = asked.checkpoint();
        break;
      case 6:
        answer = bytes_of(asked.td_errors());
        break;
      default:
        answer = asked.show();
    }
    return 0;
  });
}

// Of `count` floats: the answer is doubles, [observations, actions].
DEEPQ_EXPORT(values)(int32_t run, int32_t count) {
  return guarded([&] {
    const std::vector<double> all = run_of(run).values(floats(count));
    answer = bytes_of(std::span<const double>(all));
    return 0;
  });
}
DEEPQ_EXPORT(target_values)(int32_t run, int32_t count) {
  return guarded([&] {
    const std::vector<double> all = run_of(run).target_values(floats(count));
    answer = bytes_of(std::span<const double>(all));
    return 0;
  });
}
// The answer is floats.
DEEPQ_EXPORT(replay)(int32_t run, int32_t count, int32_t window) {
  return guarded([&] {
    const std::vector<float> rows = run_of(run).replay(count, window);
    answer = bytes_of(std::span<const float>(rows));
    return 0;
  });
}
// Of one observation: returns the action.
DEEPQ_EXPORT(act)(int32_t run, int32_t count) {
  return guarded([&] { return static_cast<int32_t>(run_of(run).act(floats(count))); });
}
