#include "deepq/train/policy_facts.h"

#include "deepq/core/error.h"
#include "deepq/core/states.h"

namespace deepq {

void PolicyFacts::serialize(Archive& archive) {
  observation.serialize(archive);
  int64_t action_count = actions.count();
  archive.value("action_count", action_count, {1, kCount.most});
  const auto is_there = [&](const char* name) { return !archive.loading() || archive.contains(name); };
  // Of several axes alone.
  std::vector<int64_t> axes = actions.axes();
  const bool several = archive.loading() ? archive.contains("action_axes") : !actions.is_single();
  if (several) archive.vector("action_axes", axes, {1, ActionSpace::kMostValues});
  if (archive.loading()) {
    actions = several ? ActionSpace(axes) : ActionSpace(action_count);
    archive.check("action_count", action_count, {actions.count(), actions.count()});
  }
  if (is_there("action_start"))  // absent in older files
    archive.value("action_start", action_start, {kAnyValue<int64_t>.least, largest_start(action_count)});
  if (archive.loading() ? archive.contains("epsilon") : epsilon.has_value())
    archive.value("epsilon", archive.loading() ? epsilon.emplace() : *epsilon);
  archive.value("env_steps", env_steps, kCount);
}

PolicyFacts facts_of(const ObservationSpace& observation, const EnvSpec& env) {
  return {.observation = observation, .actions = env.actions(), .action_start = env.action_start};
}

void require_same(const Archive& archive, const PolicyFacts& loaded, const PolicyFacts& own) {
  const auto same = [&](const std::string& name, int64_t value, int64_t allowed) {
    archive.check(name, value, {allowed, allowed});
  };
  const auto then = loaded.observation.seen(), now = own.observation.seen();
  same("leaf_count", static_cast<int64_t>(then.size()), static_cast<int64_t>(now.size()));
  // Dimension by dimension, so that the error says which one differs.
  for (size_t leaf = 0; leaf < now.size(); ++leaf) {
    const std::string scope = leaf > 0 ? "leaf_" + std::to_string(leaf) + "/" : "";
    const std::vector<int64_t>&dimensions = then[leaf].shape, &expected = now[leaf].shape;
    const auto count = [](const auto& of) { return static_cast<int64_t>(of.size()); };
    same(scope + "observation_shape: its length", count(dimensions), count(expected));
    for (size_t i = 0; i < expected.size(); ++i)
      same(scope + "observation_shape[" + std::to_string(i) + "]", dimensions[i], expected[i]);
    same(scope + "state_count", then[leaf].count, now[leaf].count);
    // Absent in older files.
    if (archive.contains("action_start")) same(scope + "state_start", then[leaf].start, now[leaf].start);
    if (then[leaf].name != now[leaf].name)
      throw Error::of("part ", leaf, " of its observations is '", then[leaf].name, "'; allowed: '", now[leaf].name,
                      "'");
  }
  if (loaded.observation.legal_actions() != own.observation.legal_actions())
    throw Error(loaded.observation.legal_actions() > 0
                    ? "it chooses among legal actions, and its environment does not say which are"
                    : "it does not choose among legal actions, as its environment now says them; allowed: without "
                      "(gymnasium.action_masks=false)");
  // Of one part floats become bytes, and the reverse; rows of several are kept as they are.
  if (now.size() > 1 && ObservationLayout(loaded.observation) != ObservationLayout(own.observation))
    throw Error("parts of its observations were bytes, or are now; allowed: as in training");
  same("action_count", loaded.actions.count(), own.actions.count());
  if (loaded.actions != own.actions)
    throw Error::of("it has ", loaded.actions.text(), "; allowed: ", own.actions.text());
  if (archive.contains("action_start")) same("action_start", loaded.action_start, own.action_start);
}

}  // namespace deepq
