// Observations with what came before them, the cheap way to have memory: the last few, stacked, and the action and the
// reward that led to each (settings of any environment: env.frame_stack, env.last_action, env.last_reward). A row with
// its history is all that the next one is made of, so nothing else is kept, saved or restored.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "deepq/env/env.h"
#include "deepq/env/vector_env.h"

namespace deepq {

struct HistoryOptions {
  int64_t frame_stack = 1;  // observations in a stack, the present one included
  bool last_action = false, last_reward = false;
  // Of pictures, which are stacked along their channels; none: told by their sides, as convolutions read them.
  std::optional<bool> channels_first = {};

  bool any() const { return frame_stack > 1 || last_action || last_reward; }
};

// What observations are with their history, and how rows of them are made.
//
// Numbers and grids get a new first dimension, oldest first (Gymnasium's FrameStackObservation); grids of bytes become
// stacks of frames, which replay keeps once each. Pictures are stacked along their channels, so that convolutions see
// one (Stable-Baselines3's VecFrameStack). Of a state there is a leaf for each time, as for the numbers of a
// MultiDiscrete. Leaves "last_action" (0: none yet, else action + 1; on several axes one for each) and "last_reward"
// come behind. An episode's first observation fills the whole stack (Gymnasium's padding_type "reset"): zeros would be
// an observation that the environment may never give, or one that means something; actions and rewards, which it has
// not had, are none and 0.
class ObservationHistory {
 public:
  // Throws deepq::Error where observations are stacks of frames already, or a part has a name that a new one takes.
  ObservationHistory(const EnvSpec& spec, const HistoryOptions& options);

  const ObservationSpace& space() const { return space_; }

  // `row`, of space(), becomes that of an episode's first observation.
  void begin(ObservationRow first, std::span<std::byte> row) const;
  // `row`, the last one, becomes the next one.
  void add(ObservationRow next, int64_t action, double reward, std::span<std::byte> row) const;

 private:
  // Of one part: `groups` stacks of pieces, one behind the other; more than one where channels come last.
  struct Stack {
    size_t from = 0, to = 0, piece = 0, groups = 1;  // bytes, but for groups
  };

  void add_states(ObservationLeaf leaf);
  void add_numbers(ObservationLeaf leaf, bool keeps_frames, Stack& stack);
  void add_last_leaves();
  void append(const Stack& stack, const std::byte* from, std::byte* row) const;

  HistoryOptions options_;
  ActionSpace actions_;
  size_t frames_;  // in a stack
  std::vector<ObservationLeaf> leaves_;
  ObservationSpace space_;
  std::vector<Stack> stacks_;  // of what the environment observes
  size_t action_at_ = 0, reward_at_ = 0;
};

// Makes what `make` makes, with its history; where no option asks for any, the same. Empty if `make` is.
EnvFactory with_history(const HistoryOptions& options, EnvFactory make);

// What such an environment is.
EnvSpec with_history(const HistoryOptions& options, const EnvSpec& spec);

// The same of copies that step together. What their checkpoints hold is the same for every kind of vector.
std::unique_ptr<VectorEnv> with_history(const HistoryOptions& options, std::unique_ptr<VectorEnv> env);

}  // namespace deepq
