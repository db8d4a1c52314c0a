#include "python/model.h"

#include <nanobind/stl/string.h>

#include <algorithm>

#include "cli/console.h"
#include "cli/output.h"
#include "deepq/env/registry.h"
#include "deepq/env/sync_vector_env.h"
#include "python/gym_env.h"
#include "python/gym_vector_env.h"
#include "python/interrupt.h"
#include "python/listener.h"

namespace deepq::python {
namespace {

bool is_native(const EnvObjects& envs) { return envs.make.is_none() && envs.vector.is_none(); }

EnvFactory evaluation_env(const RunConfig& config, const EnvObjects& envs) {
  const nb::object& make = envs.make_evaluation;
  if (make.is_none()) return find_env(config.env.id, config.env_options);
  if (nb::isinstance<nb::str>(make)) return find_env(nb::cast<std::string>(make), config.env_options);
  return gym_factory(make);
}

// Null where the trainer makes them: the library's own, evaluated on as they are.
std::unique_ptr<VectorEnv> training_env(const RunConfig& config, const EnvObjects& envs) {
  const auto seed = static_cast<uint64_t>(config.train.seed);
  if (is_native(envs) && envs.make_evaluation.is_none()) return nullptr;
  if (is_native(envs))
    return std::make_unique<SyncVectorEnv>(find_env(config.env.id, config.env_options), config.env.count, seed,
                                           config.env.max_episode_steps);
  if (!envs.vector.is_none()) return std::make_unique<GymVectorEnv>(envs.vector, seed);
  return std::make_unique<SyncVectorEnv>(gym_factory(envs.make), config.env.count, seed, config.env.max_episode_steps);
}

cli::Screen::Write writer(const nb::object& write) {
  if (write.is_none()) return {};
  return [write = share(write)](std::string_view text) {
    const nb::gil_scoped_acquire gil;
    call_python([&] { write->get()(nb::str(text.data(), text.size())); });
  };
}

[[noreturn]] void raise_interrupt() {
  PyErr_SetNone(PyExc_KeyboardInterrupt);
  throw nb::python_error();
}

}  // namespace

class Model::Busy {
 public:
  explicit Busy(Model& model) : model_(model) {
    std::thread::id nobody{};
    if (!model.learning_thread_.compare_exchange_strong(nobody, std::this_thread::get_id()))
      throw Error("learn() is running already");
  }
  ~Busy() { model_.learning_thread_ = std::thread::id{}; }

 private:
  Model& model_;
};

Model::Model(const RunConfig& config, const EnvObjects& envs)
    : session_(config, evaluation_env(config, envs), training_env(config, envs)) {}

void Model::restore(const std::string& checkpoint_path) { session_.restore(CheckpointFile(checkpoint_path)); }

void Model::save(const std::string& path) {
  const Busy busy(*this);
  session_.save(path);
}

void Model::learn(int64_t env_steps, const std::string& folder, const Listeners& listeners) {
  const Busy busy(*this);
  stop_ = false;
  const InterruptGuard interrupt(stop_);
  // Of episodes before this object was loaded only their mean is known.
  if (returns_.empty())
    returns_.resize(std::min(static_cast<size_t>(trainer().episodes()), ReturnWindow::kEpisodes),
                    trainer().returns().last_mean());
  cli::Screen screen(writer(listeners.write_line), writer(listeners.write_progress));
  cli::Progress progress(screen, 1, cli::seconds_now);
  RunConfig shown = trainer().config();
  shown.train.env_steps = trainer().env_steps() + env_steps;
  cli::Console console(progress, 0, shown, returns_);
  Listener listener(listeners.callback, returns_, stop_);
  {
    const nb::gil_scoped_release no_gil;
    summary_ = session_
                   .learn(env_steps, {.folder = folder,
                                      .stop = &stop_,
                                      .observers = {&listener, &console},
                                      .notice = [&](const std::string& text) { screen.line("note: " + text); }})
                   .to_json();
    progress.finish(0);
  }
  listener.rethrow();
  if (interrupt.interrupted()) raise_interrupt();
}

QFunction Model::q_function(Random* noise) {
  const std::thread::id learning = learning_thread_;
  if (learning != std::thread::id{} && learning != std::this_thread::get_id())
    throw Error("learn() is running in another thread");
  return trainer().agent_q_function(noise);
}

EvaluationRecord Model::evaluate(const EvaluationChoice& choice) {
  const Busy busy(*this);
  stop_ = false;
  const InterruptGuard interrupt(stop_);
  const EvaluationPlan plan = evaluation_plan(trainer().config(), trainer().env_steps(), choice);
  std::optional<EvaluationRecord> record;
  {
    const nb::gil_scoped_release no_gil;
    record = trainer().evaluate_agent(plan, [&](const EvaluationProgress&) { return !stop_; });
  }
  if (!record) raise_interrupt();
  return *record;
}

}  // namespace deepq::python
