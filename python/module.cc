// The compiled half of the Python package: deepq._deepq. What users see is in deepq/*.py.
#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "cli/program.h"
#include "deepq/config/active_keys.h"
#include "deepq/config/aliases.h"
#include "deepq/config/renamed_keys.h"
#include "deepq/core/version.h"
#include "deepq/env/near_ids.h"
#include "deepq/env/registry.h"
#include "deepq/record/checkpoint.h"
#include "deepq/train/policy.h"
#include "deepq/train/run.h"
#include "python/acting.h"
#include "python/config_keys.h"
#include "python/gym_env.h"
#include "python/gym_vector_env.h"
#include "python/history.h"
#include "python/listener.h"
#include "python/model.h"
#include "python/native_env.h"
#include "python/native_vector.h"
#include "python/spaces.h"

namespace deepq::python {
namespace {

bool is_noisy(const RunConfig& config) { return config.agent.algorithm == AlgorithmKind::kDqn && config.network.noisy; }

// As deepq/_atari.py takes them.
nb::dict atari_options(const AtariOptions& options) {
  nb::dict dict;
  dict["protocol"] = name_of(options.protocol);
  dict["actions"] = name_of(options.actions);
  dict["threads"] = options.threads;
  dict["step_timeout"] = options.step_timeout;
  return dict;
}

EnvFactory find_python_env(const Shared& make, const std::string& id, const EnvOptions& options) {
  const nb::gil_scoped_acquire gil;
  return call_python([&]() -> EnvFactory {
    const nb::dict atari = atari_options(options.atari);
    const double timeout = options.gymnasium.step_timeout;
    const std::string& kwargs = options.gymnasium.kwargs;
    // Made once to learn whether the id is known and it says which actions are legal, and closed again; the factory
    // makes one for each copy.
    const nb::object find_out = options.gymnasium.action_masks ? nb::none() : nb::object(nb::bool_(false));
    const std::string& keys = options.gymnasium.observation_keys;
    const nb::bool_ draws(options.draws);
    nb::object first = make->get()(id, atari, timeout, kwargs, find_out, keys, draws);
    if (first.is_none()) return {};
    if (nb::object close = first.attr("close"); !close.is_none()) close();
    const nb::bool_ masked(!first.attr("action_masks").is_none());
    return gym_factory(nb::module_::import_("functools")
                           .attr("partial")(make->get(), id, atari, timeout, kwargs, masked, keys, draws));
  });
}

std::unique_ptr<VectorEnv> make_python_vector(const Shared& make, const std::string& id, const EnvOptions& options,
                                              const VectorPlan& plan) {
  const nb::gil_scoped_acquire gil;
  return call_python([&]() -> std::unique_ptr<VectorEnv> {
    nb::object description = make->get()(id, plan.count, plan.max_episode_steps, atari_options(options.atari));
    if (description.is_none()) return nullptr;
    return std::make_unique<GymVectorEnv>(std::move(description), plan.run_seed);
  });
}

// Runs the program with Gymnasium's environments, or whatever the source knows: make(id, atari, step_timeout, kwargs,
// action_masks, observation_keys, draws) and make_vector(id, count, max_episode_steps, atari) return a Description, or
// None for an id that they do not know.
int run_program(std::vector<std::string> arguments, nb::object make, nb::object make_vector, nb::object ids) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  // As main() gets it: argv[argc] is null.
  argv.push_back(nullptr);
  const Shared find = share(std::move(make)), find_vector = share(std::move(make_vector)), list = share(std::move(ids));
  using Id = const std::string&;
  // Environments of Python, by their ids, for as long as the program runs.
  set_env_source(
      {.find = [=](Id id, const EnvOptions& options) { return find_python_env(find, id, options); },
       .find_vector = [=](Id id, const EnvOptions& options,
                          const VectorPlan& plan) { return make_python_vector(find_vector, id, options, plan); },
       .ids =
           [=] {
             const nb::gil_scoped_acquire gil;
             return call_python([&] { return nb::cast<std::vector<std::string>>(list->get()()); });
           }});
  int status = 0;
  {
    // The program trains without the GIL; whatever calls Python takes it.
    const nb::gil_scoped_release no_gil;
    status = cli::run_program(static_cast<int>(arguments.size()), argv.data());
  }
  set_env_source({});  // before the interpreter ends
  return status;
}

void bind_config(nb::module_& m) {
  nb::class_<RunConfig>(m, "Config", "Every setting of a run; the keys are those of TOML files.")
      .def(nb::init<>())
      .def_static("preset", &preset, nb::arg("name"))
      .def_static(
          "from_toml", [](const std::string& text, const std::string& source) { return from_toml(text, source); },
          nb::arg("text"), nb::arg("source"))
      .def("set", &set_field, nb::arg("assignment"), "Takes 'key=value', the value as in TOML.")
      .def(
          "check_new",
          [](const RunConfig& config, const std::vector<std::tuple<std::string, std::string>>& given,
             const std::string& env_section) {
            std::vector<GivenKey> keys;
            for (const auto& [key, where] : given) keys.push_back({.key = key, .where = where});
            // What is not allowed comes before what does nothing, as on the command line.
            validate_new(config);
            require_effect(config, keys, env_section.empty() ? section_read_by(config.env.id) : env_section);
          },
          nb::arg("given"), nb::arg("env_section"),
          "Refuses what was set and has no effect: (key, what its refusal begins with).")
      .def("toml", &to_toml)
      .def("value", &field_text, nb::arg("key"), "The value of a key, as in TOML.");
  m.def("config_keys", &config_keys, "Every key, with what is allowed and what it means.");
  m.def(
      "renamed_keys",
      [] {
        std::map<std::string, std::string> names;
        for (const RenamedKey& key : renamed_keys()) names.emplace(key.before, key.now);
        return names;
      },
      "What keys are called now, by their names of before.");
  m.def(
      "note_on_renamed",
      [](const std::vector<std::pair<std::string, std::string>>& names) { return note_on_renamed(names); },
      nb::arg("names"), "What is said of (name of before, name of now).");
  m.def("preset_names", &preset_names);
  m.def("did_you_mean", &did_you_mean, nb::arg("name"), nb::arg("candidates"));
  m.def(
      "meaning_of",
      [](const std::string& name) {
        Meaning meaning = meaning_of(name, deepq::config_keys());
        return std::tuple{std::move(meaning.keys), std::move(meaning.python)};
      },
      nb::arg("name"), "The keys that an unknown name may mean, and what is to be said instead where it is none.");
  m.def(
      "advice_on_env",
      [](const std::string& id, const std::vector<std::string>& known) { return advice_on_env(id, known, true); },
      nb::arg("id"), nb::arg("known"));
}

void bind_model(nb::module_& m) {
  nb::class_<Model> model(m, "Model");
  bind_acting(model);
  model
      .def(
          "__init__",
          [](Model* self, const RunConfig& config, nb::object make, nb::object make_evaluation, nb::object vector) {
            // The memory is Python's: nanobind has made room for a Model, which is built in place.
            new (self) Model(config, {std::move(make), std::move(make_evaluation), std::move(vector)});
          },
          nb::arg("config"), nb::arg("make") = nb::none(), nb::arg("make_evaluation") = nb::none(),
          nb::arg("vector") = nb::none())
      // What it does; then what Python reads back.
      .def("restore", &Model::restore, nb::arg("checkpoint_path"), nb::arg("any_environment"))
      .def(
          "require_spaces",
          [](Model& self, const Policy& agent) {
            require_same_spaces(self.env(), agent.trained_in(), "the environment");
          },
          nb::arg("agent"), "Refuses an agent that was trained with others.")
      .def("start", &Model::start, "Begins with what train.start_from names.")
      .def("torch_tensors", &Model::torch_tensors, "Names and shapes of the network's tensors, as PyTorch has them.")
      .def("take_torch_weights", &Model::take_torch_weights, nb::arg("tensors"))
      .def("save", &Model::save, nb::arg("path"))
      .def("load_replay", &Model::load_replay, nb::arg("checkpoint_path"))
      .def(
          "learn",
          [](Model& self, int64_t env_steps, const std::string& folder, nb::object callback, nb::object write_line,
             nb::object write_progress, nb::object every_step, std::optional<int64_t> log_interval) {
            self.learn(env_steps, folder,
                       {std::move(callback), std::move(write_line), std::move(write_progress), std::move(every_step),
                        log_interval});
          },
          nb::arg("env_steps"), nb::arg("folder"), nb::arg("callback") = nb::none(), nb::arg("write_line") = nb::none(),
          nb::arg("write_progress") = nb::none(), nb::arg("every_step") = nb::none(),
          nb::arg("log_interval") = nb::none())
      .def(
          "evaluate",
          [](Model& self, std::optional<int64_t> episodes, std::optional<uint64_t> seed,
             std::optional<double> epsilon) {
            return to_dict(self.evaluate({.episodes = episodes, .seed = seed, .epsilon = epsilon}));
          },
          nb::arg("episodes").none(), nb::arg("seed").none(), nb::arg("epsilon").none())
      .def_prop_ro("noisy", [](Model& self) { return is_noisy(self.trainer().config()); })
      .def_prop_ro("summary", &Model::summary)
      .def_prop_ro("config", [](Model& self) { return self.trainer().config(); })
      .def_prop_ro("observation_space", [](Model& self) { return self.env().observation_space; })
      .def_prop_ro("action_axes", [](Model& self) { return self.env().actions().axes(); })
      .def_prop_ro("memory_size", [](Model& self) { return self.policy().memory_size(); })
      .def_prop_ro("learnt_axes", [](Model& self) { return self.policy().learnt().axes(); })
      .def_prop_ro("env_steps", [](Model& self) { return self.trainer().env_steps(); })
      .def_prop_ro("episodes", [](Model& self) { return self.trainer().episodes(); })
      .def_prop_ro("first_update", [](Model& self) { return first_update_text(self.trainer().config()); })
      .def_prop_ro("updates", [](Model& self) { return self.trainer().algorithm().updates(); })
      .def_prop_ro("epsilon", [](Model& self) { return self.trainer().epsilon(); });
}

void bind_agent(nb::module_& m) {
  nb::class_<Policy> agent(m, "Agent", "A trained agent, loaded to act.");
  bind_acting(agent);
  agent
      .def_static(
          "load", [](const std::string& path) { return Policy::load(path); }, nb::arg("path"))
      .def(
          "evaluate",
          [](Policy& self, const nb::object& make, std::optional<int64_t> episodes, std::optional<uint64_t> seed,
             std::optional<double> epsilon) {
            const EnvFactory env = evaluation_env(self.config(), make);
            const EvaluationChoice choice{.episodes = episodes, .seed = seed, .epsilon = epsilon};
            return to_dict(evaluate_loaded(self, choice, env));
          },
          nb::arg("make").none(), nb::arg("episodes").none(), nb::arg("seed").none(), nb::arg("epsilon").none())
      .def_prop_ro("env_steps", &Policy::run_env_steps)
      .def_prop_ro("epsilon", &Policy::epsilon)
      .def_prop_ro("noisy", [](const Policy& self) { return is_noisy(self.config()); })
      .def_prop_ro("observation_space", [](const Policy& self) { return self.observation_space(); })
      .def_prop_ro("action_start", &Policy::action_start)
      .def_prop_ro("action_axes", [](const Policy& self) { return self.actions().axes(); })
      .def_prop_ro("memory_size", [](const Policy& self) { return self.memory_size(); })
      .def_prop_ro("learnt_axes", [](const Policy& self) { return self.learnt().axes(); })
      .def_prop_ro("config", [](const Policy& self) { return self.config(); });
}

}  // namespace
}  // namespace deepq::python

NB_MODULE(_deepq, m) {
  using namespace deepq::python;
  // An exception that ends the program keeps its frames, and what they name, for longer than the module lives.
  nb::set_leak_warnings(false);
  m.doc() = "The compiled half of deepq.";
  m.def("version", [] { return std::string(deepq::version()); });
  nb::exception<deepq::Error> error(m, "Error", PyExc_ValueError);
  nb::register_exception_translator(  // deepq/record/files.h is there so that none comes
      [](const std::exception_ptr& thrown, void* type) {
        try {
          std::rethrow_exception(thrown);
        } catch (const std::filesystem::filesystem_error& failure) {
          PyErr_SetString(static_cast<PyObject*>(type),
                          ("cannot use " + failure.path1().string() + ": " + failure.code().message()).c_str());
        }
      },
      error.ptr());
  m.def("take_cause", &take_cause, nb::sig("def take_cause() -> BaseException | None"),
        "The Python exception that the last Error came from, or None.");
  m.def("native_ids", &deepq::env_ids);
  m.def(
      "require_spec", [](nb::handle description) { GymSpec{description}; }, nb::arg("description"),
      "Refuses a Description that no environment can have.");
  m.def(
      "world_seed",
      [](uint64_t run_seed, int64_t copy) { return deepq::world_seed(run_seed, copy, deepq::SeedWidth::k31); },
      nb::arg("run_seed"), nb::arg("copy"), "With which a copy's first episode begins.");
  m.def(
      "env_section", [](const std::string& id) { return std::string(deepq::env_section(id)); }, nb::arg("id"),
      "Of the configuration; \"\" for none.");
  m.def("copy_checkpoint", &deepq::copy_checkpoint_file, nb::arg("from"), nb::arg("to"));
  m.def("newest_checkpoint", &newest_checkpoint_path, nb::arg("path"));
  m.def("run_program", &run_program, nb::arg("arguments"), nb::arg("make"), nb::arg("make_vector"), nb::arg("ids"));
  bind_state_rows(m);
  bind_spaces(m);
  bind_config(m);
  bind_model(m);
  bind_agent(m);
  bind_native_env(m);
  bind_native_vector(m);
  bind_history(m);
}
