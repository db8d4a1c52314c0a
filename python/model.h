// What deepq.DQN holds on the C++ side: a Session, its environments, and what to call while it learns. Every public
// function is called with the GIL held; learn() and evaluate() let go of it.
#pragma once

#include <nanobind/ndarray.h>

#include <atomic>
#include <map>
#include <optional>
#include <thread>

#include "deepq/train/policy.h"
#include "deepq/train/session.h"
#include "python/py_values.h"

namespace deepq::python {

// Where the environments come from. None: the library's own, by config.env.id.
struct EnvObjects {
  nb::object make;             // () -> Description, once for each copy
  nb::object make_evaluation;  // () -> Description, once for each evaluation; or the id of one of the library's own
  nb::object vector;           // the Description of a vector environment, in place of `make`
};

// `make`: as EnvObjects::make_evaluation.
EnvFactory evaluation_env(const RunConfig& config, const nb::object& make);

// What a loaded agent does without a Model. Ctrl-C raises KeyboardInterrupt.
EvaluationRecord evaluate_loaded(Policy& agent, const EvaluationChoice& choice, const EnvFactory& env);

// What learn() tells Python; each may be None.
struct Listeners {
  nb::object callback;    // (kind, record) -> anything; False stops
  nb::object write_line;  // (text)
  nb::object write_progress;
  nb::object every_step;                // () -> anything; False stops
  std::optional<int64_t> log_interval;  // episodes to a line; otherwise as configured
};

class Model {
 public:
  Model(const RunConfig& config, const EnvObjects& envs);

  // any_environment: the run may have been in another one of the same spaces.
  void restore(const std::string& checkpoint_path, bool any_environment);
  void start() { session_.start(); }  // with what train.start_from names
  // See start_from.h.
  std::vector<std::pair<std::string, std::vector<int64_t>>> torch_tensors() { return deepq::torch_tensors(trainer()); }
  using FloatArray = nb::ndarray<const float, nb::c_contig, nb::device::cpu>;
  void take_torch_weights(const std::map<std::string, FloatArray>& tensors);
  void save(const std::string& path);
  void load_replay(const std::string& checkpoint_path);

  // A first Ctrl-C ends it early, with its checkpoint, where Python's handler raises something (KeyboardInterrupt).
  void learn(int64_t env_steps, const std::string& folder, const Listeners& listeners);

  // Of the run's agent; see Trainer::agent_policy. Throws deepq::Error while another thread learns.
  Policy& policy();
  // A first Ctrl-C ends it and raises KeyboardInterrupt.
  EvaluationRecord evaluate(const EvaluationChoice& choice);

  const std::string& summary() const { return summary_; }  // of the last learn(), as JSON; "" before
  const EnvSpec& env() { return session_.trainer().env_spec(); }
  Trainer& trainer() { return session_.trainer(); }

 private:
  class Busy;  // while learn() runs, only its own thread may ask for values, and save and evaluate in its callback

  Session session_;
  std::string summary_;
  std::vector<double> returns_;  // for the console's averages
  std::atomic<bool> stop_{false};
  bool in_callback_ = false;  // of learn()
  std::atomic<std::thread::id> learning_thread_{};
};

}  // namespace deepq::python
