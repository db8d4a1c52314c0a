// What `deepq watch` shows: the text of one step, and how frames follow each other on a terminal or in a file. Knows no
// streams, like Screen.
#pragma once

#include <functional>
#include <string>

#include "cli/screen.h"
#include "deepq/env/env.h"
#include "deepq/train/evaluation.h"

namespace deepq::cli {

// Shows each state: a vector of environments may have reset it already when an episode ends.
class Filmed : public Env {
 public:
  // Is shown the environment after each reset and step.
  using Camera = std::function<void(const Env&)>;

  Filmed(std::unique_ptr<Env> env, Camera camera) : env_(std::move(env)), camera_(std::move(camera)) {}

  const EnvSpec& spec() const override { return env_->spec(); }
  std::span<const float> reset(std::optional<uint64_t> seed) override;
  Step step(int64_t action) override;
  ObservationRow typed_observation() const override { return env_->typed_observation(); }
  LegalActions legal_actions() const override { return env_->legal_actions(); }

 private:
  std::unique_ptr<Env> env_;
  Camera camera_;
};

// As the environment's users count; the library counts from 0.
struct Numbering {
  int64_t action_start = 0, state_start = 0;
  ActionSpace actions = {};  // that values are of, where they have several axes
};

// The picture, or the observation's numbers where there is none; below it step, reward and return, and the value of
// each action, the one taken marked by '>'; of several axes each choice, as "axis:choice". Whole lines.
std::string frame_text(const PlayedStep& step, const std::string& picture, const Numbering& numbering = {});

class FrameScreen {
 public:
  // `rows`: of the terminal, asked before each frame; 0: unknown. Without it frames follow each other as plain text.
  FrameScreen(Screen::Write write, std::function<int()> rows) : write_(std::move(write)), rows_(std::move(rows)) {}

  // On a terminal over the last frame; of one that is too high the lower part.
  void show(const std::string& frame);

  // The last frame stays; what comes next is written below it.
  void keep();

 private:
  const Screen::Write write_;
  const std::function<int()> rows_;
  int drawn_lines_ = 0;
};

}  // namespace deepq::cli
