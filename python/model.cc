#include "python/model.h"

#include <nanobind/stl/string.h>

#include <algorithm>

#include "cli/console.h"
#include "cli/machine.h"
#include "cli/output.h"
#include "cli/text.h"
#include "deepq/env/registry.h"
#include "deepq/env/sync_vector_env.h"
#include "deepq/record/files.h"
#include "deepq/train/run.h"
#include "deepq/train/worlds.h"
#include "python/gym_env.h"
#include "python/gym_vector_env.h"
#include "python/interrupt.h"
#include "python/listener.h"

namespace deepq::python {
namespace {

bool is_native(const EnvObjects& envs) { return envs.make.is_none() && envs.vector.is_none(); }

// Before memory is taken: what the agent alone needs, without a replay that is taken as it fills.
void require_memory(RunConfig config, const EnvSpec& env) {
  // A run of one step fills next to nothing of its replay.
  config.train.env_steps = 1;
  validate(config);
  const int64_t needed = plan_memory(config, env).total(), available = cli::memory_bytes();
  if (needed > available)
    throw Error::of("environment '", env.id, "': an agent for ", env.actions().text(), " and ",
                    env.observation_space.states() > 0 ? env.observation_space.states() : env.observation_size(),
                    env.observation_space.states() > 0 ? " states" : " numbers an observation", " needs ",
                    cli::bytes_text(static_cast<double>(needed)), " of memory and this machine has ",
                    cli::bytes_text(static_cast<double>(available)));
}

// Null where the trainer makes them: the library's own, evaluated on as they are.
std::unique_ptr<VectorEnv> training_env(const RunConfig& config, const EnvObjects& envs) {
  const auto seed = static_cast<uint64_t>(config.train.seed);
  if (!envs.vector.is_none()) return std::make_unique<GymVectorEnv>(envs.vector, seed);
  if (is_native(envs) && envs.make_evaluation.is_none()) return nullptr;
  const EnvFactory make = is_native(envs) ? find_env(config.env.id, config.env_options) : gym_factory(envs.make);
  return std::make_unique<SyncVectorEnv>(make, config.env.count, seed, config.env.max_episode_steps);
}

std::unique_ptr<VectorEnv> fitting_env(const RunConfig& config, const EnvObjects& envs) {
  std::unique_ptr<VectorEnv> env = training_env(config, envs);
  require_memory(config, spec_seen(config, env ? env->spec() : find_env(config.env.id, config.env_options)()->spec()));
  return env;
}

cli::Screen::Write writer(const nb::object& write) {
  if (write.is_none()) return {};
  return [write = share(write)](std::string_view text) {
    const nb::gil_scoped_acquire gil;
    call_python([&] { write->get()(nb::str(text.data(), text.size())); });
  };
}

}  // namespace

EnvFactory evaluation_env(const RunConfig& config, const nb::object& make) {
  if (make.is_none()) return find_env(config.env.id, config.env_options);
  if (nb::isinstance<nb::str>(make)) return find_env(nb::cast<std::string>(make), config.env_options);
  return gym_factory(make);
}

class Model::Busy {
 public:
  enum class InCallback { kNo, kYes };

  explicit Busy(Model& model, InCallback allowed = InCallback::kYes) : model_(model) {
    std::thread::id nobody{};
    const std::thread::id here = std::this_thread::get_id();
    if (model.learning_thread_.compare_exchange_strong(nobody, here)) return;
    // compare_exchange has put the thread that is learning into `nobody`: only its own callback may go on.
    if (nobody != here || !model.in_callback_ || allowed == InCallback::kNo)
      throw Error("learn() is running already; in its callback save, evaluate_policy and predict work");
    nested_ = true;
    model.in_callback_ = false;  // an environment that is evaluated in is none
    pauses_ = !model.trainer().done();
    // What a callback does is no training: `seconds` and steps per second leave it out.
    if (pauses_) model.trainer().pause_clock();
  }
  ~Busy() {
    if (!nested_) {
      model_.learning_thread_ = std::thread::id{};
      return;
    }
    model_.in_callback_ = true;
    if (pauses_) model_.trainer().resume_clock();
  }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  Model& model_;
  bool nested_ = false, pauses_ = false;
};

Model::Model(const RunConfig& config, const EnvObjects& envs)
    : session_(config, evaluation_env(config, envs.make_evaluation), fitting_env(config, envs)) {}

void Model::restore(const std::string& checkpoint_path, bool any_environment) {
  if (any_environment) trainer().take_any_environments_state();
  session_.restore(CheckpointFile(checkpoint_path));
}

void Model::save(const std::string& path) {
  const Busy busy(*this);
  session_.save(path);
}

void Model::take_torch_weights(const std::map<std::string, FloatArray>& arrays) {
  const Busy busy(*this, Busy::InCallback::kNo);
  TensorMap tensors;
  for (const auto& [name, array] : arrays) {
    std::vector<int64_t> shape;
    for (size_t i = 0; i < array.ndim(); ++i) shape.push_back(static_cast<int64_t>(array.shape(i)));
    tensors[name] = {Dtype::kF32, std::move(shape), std::as_bytes(std::span(array.data(), array.size()))};
  }
  deepq::take_torch_weights(trainer(), tensors);
}

void Model::load_replay(const std::string& checkpoint_path) {
  const Busy busy(*this, Busy::InCallback::kNo);
  require_exists(checkpoint_path);
  session_.take_replay(CheckpointFile(checkpoint_path));
}

void Model::learn(int64_t env_steps, const std::string& folder, const Listeners& listeners) {
  const Busy busy(*this, Busy::InCallback::kNo);
  // So that one that does not fit, or cannot be had, is known before any step.
  const EvalConfig& eval = trainer().config().eval;
  if (eval.every_env_steps > 0 || eval.final_episodes > 0) trainer().evaluation_env()();
  stop_ = false;
  const InterruptGuard guard;
  // Of episodes before this object was loaded only their mean is known.
  if (returns_.empty())
    returns_.resize(std::min(static_cast<size_t>(trainer().episodes()), ReturnWindow::kEpisodes),
                    trainer().returns().last_mean());
  cli::Screen screen(writer(listeners.write_line), writer(listeners.write_progress));
  cli::Progress progress(screen, 1, cli::seconds_now);
  RunConfig shown = trainer().config();
  shown.train.env_steps = trainer().env_steps() + env_steps;
  if (listeners.log_interval) shown.log.console_every_episodes = *listeners.log_interval;
  cli::Console console(progress, 0, shown, returns_);
  Listener listener(listeners.callback, listeners.every_step, returns_, stop_, in_callback_);
  {
    // The environments, the listener and the writers take the GIL where they call Python.
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
}

Policy& Model::policy() {
  // Within learn() its own thread may ask: that is a callback, between two steps.
  const std::thread::id learning = learning_thread_;
  if (learning != std::thread::id{} && learning != std::this_thread::get_id())
    throw Error("learn() is running in another thread");
  return trainer().agent_policy();
}

EvaluationRecord Model::evaluate(const EvaluationChoice& choice) {
  const Busy busy(*this);
  const InterruptGuard guard;
  const EvaluationPlan plan = evaluation_plan(trainer().config(), trainer().env_steps(), choice);
  std::optional<EvaluationRecord> record;
  std::exception_ptr raised;
  {
    const nb::gil_scoped_release no_gil;
    record = trainer().evaluate_agent(plan, [&](const EvaluationProgress&) { return !interrupt_raises(raised); });
  }
  // With the GIL again, which an exception of Python's needs.
  if (raised) std::rethrow_exception(raised);
  return *record;
}

EvaluationRecord evaluate_loaded(Policy& agent, const EvaluationChoice& choice, const EnvFactory& env) {
  const InterruptGuard guard;
  std::optional<EvaluationRecord> record;
  std::exception_ptr raised;
  {
    const nb::gil_scoped_release no_gil;
    record = evaluate_agent(agent, choice, env, [&](const EvaluationProgress&) { return !interrupt_raises(raised); });
  }
  if (raised) std::rethrow_exception(raised);
  return *record;
}

}  // namespace deepq::python
