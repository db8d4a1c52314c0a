// The environments that come with the library, by their Gymnasium names: one explicit table in registry.cc. A program
// that brings others in says so once, with set_env_source.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "deepq/env/env.h"
#include "deepq/env/env_options.h"
#include "deepq/env/vector_env.h"

namespace deepq {

std::vector<std::string> env_ids();
bool is_env_id(std::string_view id);  // one of these

// The section of EnvOptions that the environment reads, by its name in visit_fields ("frozen_lake"); "" for none.
// Throws deepq::Error as find_env does.
std::string_view env_section(std::string_view id);

// As SyncVectorEnv's constructor has them, and the arithmetic of the library's own environments.
struct VectorPlan {
  int64_t count = 1;
  uint64_t run_seed = 0;
  int64_t max_episode_steps = 0;
  Arithmetic arithmetic = Arithmetic::kFast;
};

// Where ids that the library does not have come from. Both functions may be called from several threads at a time.
struct EnvSource {
  // Empty for an id that the source does not know either. Throws deepq::Error for one that it knows and cannot make.
  std::function<EnvFactory(const std::string& id, const EnvOptions& options)> find = {};
  // Several copies that are stepped in a way of their own; null where find's copies, one after the other, will do.
  std::function<std::unique_ptr<VectorEnv>(const std::string& id, const EnvOptions& options, const VectorPlan& plan)>
      find_vector = {};
  std::function<std::vector<std::string>()> ids = {};  // for people
};

// Whether this program has a source.
bool has_env_source();

// Replaces the source (an empty one: there is none, as at the beginning). Not thread-safe: call it before anything
// asks for an environment. The library's own environments come first.
void set_env_source(EnvSource source);

// Throws deepq::Error that names the nearest id when `id` is unknown, and for options that the environment refuses.
EnvFactory find_env(std::string_view id, const EnvOptions& options = {});

// The same for a run that was made before. What is no id was an environment object, in Python or C++, that no id makes:
// the error says so, and how to go on with it.
EnvFactory find_run_env(std::string_view id, const EnvOptions& options);

// The copies to train on. Throws as find_env and SyncVectorEnv's constructor do.
std::unique_ptr<VectorEnv> make_vector_env(std::string_view id, const EnvOptions& options, const VectorPlan& plan);

// Ids of the program's source, in its order.
std::vector<std::string> other_env_ids();

}  // namespace deepq
