#include "python/listener.h"

#include <nanobind/stl/string.h>

namespace deepq::python {

nb::dict to_dict(const EpisodeRecord& record) {
  nb::dict result;
  result["episode"] = record.episode;
  result["env_steps"] = record.env_steps;
  result["return"] = record.episode_return;
  result["length"] = record.length;
  result["epsilon"] = record.epsilon;
  result["seconds"] = record.seconds;
  return result;
}

nb::dict to_dict(const MetricsRecord& record) {
  nb::dict result;
  result["env_steps"] = record.env_steps;
  result["updates"] = record.updates;
  result["loss"] = record.loss;
  result["mean_q"] = record.mean_q;
  result["max_abs_q"] = record.max_abs_q;
  result["grad_norm"] = record.grad_norm;
  result["epsilon"] = record.epsilon;
  result["learning_rate"] = record.learning_rate;
  result["seconds"] = record.seconds;
  return result;
}

nb::dict to_dict(const EvaluationRecord& record) {
  nb::dict result;
  result["env_steps"] = record.env_steps;
  result["episodes"] = record.episodes;
  result["planned_episodes"] = record.planned_episodes;
  result["mean_return"] = record.mean_return;
  result["std_return"] = record.std_return;
  result["min_return"] = record.min_return;
  result["max_return"] = record.max_return;
  result["mean_length"] = record.mean_length;
  result["final"] = record.final;
  result["world"] = record.world;
  result["epsilon"] = record.epsilon;
  result["max_episode_steps"] = record.max_episode_steps;
  result["seed"] = record.streams.run_seed;
  result["first_episode"] = record.streams.first_episode;
  result["agent"] = record.best_agent ? "best" : "last";
  result["agent_env_steps"] = record.agent_env_steps;
  return result;
}

template <class Call>
void Listener::in_callback(const Call& call) {
  in_callback_ = true;
  try {
    if (is_false(call())) stop_ = true;
  } catch (...) {
    raised_ = std::current_exception();
    stop_ = true;
  }
  in_callback_ = false;
}

void Listener::tell_step() {
  const nb::gil_scoped_acquire gil;
  in_callback([&] { return nb::object(every_step_()); });
}

void Listener::tell() {
  constexpr const char* kKinds[] = {"episode", "metrics", "evaluation"};
  const nb::gil_scoped_acquire gil;
  for (const Record& record : kept_) {
    if (raised_) break;
    in_callback([&] {
      const nb::object told = std::visit([](const auto& one) { return nb::object(to_dict(one)); }, record);
      return nb::object(callback_(kKinds[record.index()], told));
    });
  }
  kept_.clear();
}

}  // namespace deepq::python
