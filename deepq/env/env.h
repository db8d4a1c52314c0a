// The environment interface, after Gymnasium's. A user's own environment is one class that overrides spec, reset and
// step. Not thread-safe: one object is one world; the trainer makes as many as it needs through an EnvFactory.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "deepq/core/action_space.h"
#include "deepq/core/archive.h"
#include "deepq/core/math.h"
#include "deepq/core/observation_rows.h"
#include "deepq/core/observation_space.h"
#include "deepq/core/streams.h"
#include "deepq/env/picture.h"

namespace deepq {

struct EnvSpec {
  std::string id;                      // as in Gymnasium: "CartPole-v1"
  ObservationSpace observation_space;  // ObservationSpace::real({4}): four numbers
  int64_t action_count = 0;            // actions are 0 ... action_count - 1
  // Of actions on several axes: the choices of each, whose product is action_count (core/action_space.h). Empty: one.
  std::vector<int64_t> action_axes = {};
  int64_t max_episode_steps = 0;  // the time limit that VectorEnv applies as truncation; 0: none
  double solved_return = 0;       // mean return over 100 episodes that counts as solved
  bool has_solved_return = false;
  double largest_reward = 0;  // of a step; 0: unknown, or none is above 0
  // What the environment's own users call action 0 (the start of Gymnasium's Discrete). The library counts from 0;
  // checkpoints keep this for whoever acts outside.
  int64_t action_start = 0;
  int64_t memory_bytes = 0;               // that a copy takes, where it is worth planning for: an emulator
  SeedWidth seed_width = SeedWidth::k64;  // of the seeds that reset() takes
  // Whether an evaluation may make several and step them in turn. False unless the environment says so: copies may
  // share what they step (a simulator, a robot), or be dear.
  bool side_by_side = false;

  int64_t observation_size() const { return observation_space.size(); }
  ActionSpace actions() const { return action_axes.empty() ? ActionSpace(action_count) : ActionSpace(action_axes); }
};

struct Step {
  std::span<const float> observation;  // of the state reached; the environment's own memory, valid until its next call
  double reward = 0;
  bool terminated = false;  // a true end: nothing follows, its value is 0
  bool truncated = false;   // cut off from outside (a time limit): the state still has a value
};

// Throws deepq::Error for a spec that no environment can have, or none that this library can keep.
void check_spec(const EnvSpec& spec);

// Whether what is learnt of one environment holds in the other.
bool of_one_kind(const EnvSpec& one, const EnvSpec& other);

// Throws deepq::Error, that begins with `what` and names both, where an agent trained in one cannot act in the other:
// by their observations, their actions, or what either are numbered from.
void require_same_spaces(const EnvSpec& world, const EnvSpec& trained, std::string_view what);

class Env {
 public:
  virtual ~Env() = default;

  virtual const EnvSpec& spec() const = 0;

  // Starts an episode and returns its first observation (valid until the next call). With a seed the environment's
  // random stream starts anew from it; without, it goes on.
  virtual std::span<const float> reset(std::optional<uint64_t> seed) = 0;

  // Called only between reset and the end of an episode, with 0 <= action < action_count.
  virtual Step step(int64_t action) = 0;

  // The present observation as a row of its space, without the legal actions: bytes of a space of bytes or frames, an
  // int64 of a discrete one;
  // valid until the next call. Empty: it is the floats that reset() and step() returned, which are checked and
  // converted for every step. An environment that has one need not return floats. Floats do not tell states beyond 2^24
  // apart.
  virtual ObservationRow typed_observation() const { return {}; }

  // Which actions are legal in the present state, of a space with_legal_actions(): asked after each reset and step,
  // valid until the next call. Nothing need be legal at a true end.
  virtual LegalActions legal_actions() const { return {}; }

  // Saves or restores everything inside, random stream included, and returns true. An environment that leaves this out
  // starts a fresh episode when a run is resumed, and the run says so.
  virtual bool serialize(Archive& archive);

  // The present state as lines of text, for people (Gymnasium's "ansi"); empty where there is none.
  virtual std::string render_text() const { return {}; }
  // The same as a picture (Gymnasium's "rgb_array"); empty where there is none.
  virtual Picture picture() const { return {}; }

  // Before the first reset: the arithmetic of the run, where the environment computes with math().
  void compute_in(Arithmetic arithmetic) { math_ = Math(arithmetic); }

 protected:
  const Math& math() const { return math_; }

 private:
  Math math_;
};

using EnvFactory = std::function<std::unique_ptr<Env>()>;

// Makes what `make` makes, to evaluate an agent on that was trained in `trained`; see require_same_spaces(). Empty if
// `make` is.
EnvFactory worlds_for(const EnvSpec& trained, EnvFactory make);

// Makes what `make` makes, in the arithmetic of a run. Empty if `make` is.
EnvFactory worlds_in(Arithmetic arithmetic, EnvFactory make);

}  // namespace deepq
