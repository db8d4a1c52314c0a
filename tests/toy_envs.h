// Small environments whose optimal action values are known in closed form, so that a test can ask whether an agent has
// learnt the truth and not only whether it scores. q_star(gamma) is [states, actions] in the order of
// all_observations(), which is [states, observation_size]; both are for an agent that bootstraps through time limits.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "deepq/core/random.h"
#include "deepq/env/env.h"

namespace deepq::test {

// What both share: a state 0 ... n-1 observed as a one-hot vector of n, and a random stream.
class OneHotEnv : public Env {
 public:
  const EnvSpec& spec() const override { return spec_; }
  bool serialize(Archive& archive) override {
    random_.serialize(archive);
    archive.value("state", state_, {0, static_cast<int64_t>(observation_.size()) - 1});
    observe();
    return true;
  }

 protected:
  OneHotEnv(EnvSpec spec, size_t states) : spec_(std::move(spec)), observation_(states) {}

  std::span<const float> observe() {
    std::fill(observation_.begin(), observation_.end(), 0.0f);
    observation_[static_cast<size_t>(state_)] = 1;
    return observation_;
  }
  void seed(std::optional<uint64_t> seed) {
    if (seed) random_ = Random(*seed);
  }
  int64_t draw_state(int64_t count) { return static_cast<int64_t>(random_.below(static_cast<uint64_t>(count))); }

  EnvSpec spec_;
  Random random_;
  int64_t state_ = 0;
  std::vector<float> observation_;
};

// The observation names the action that is wanted: reward 1 for it, 0 for others, and the next one is drawn at random.
// Episodes are cut off after `episode_steps`; none ever terminates, so Q*(s, a) = [a = s] + gamma / (1 - gamma).
class IdentityEnv : public OneHotEnv {
 public:
  explicit IdentityEnv(int64_t actions = 3, int64_t episode_steps = 10)
      : OneHotEnv({.id = "Identity-v0",
                   .observation_space = ObservationSpace::real({actions}),
                   .action_count = actions,
                   .max_episode_steps = episode_steps,
                   .solved_return = static_cast<double>(episode_steps),
                   .has_solved_return = true},
                  static_cast<size_t>(actions)) {}

  std::span<const float> reset(std::optional<uint64_t> new_seed) override {
    seed(new_seed);
    state_ = draw_state(spec_.action_count);
    return observe();
  }
  Step step(int64_t action) override {
    const double reward = action == state_ ? 1 : 0;
    state_ = draw_state(spec_.action_count);
    return {.observation = observe(), .reward = reward, .terminated = false, .truncated = false};
  }

  std::vector<double> q_star(double gamma) const {
    const auto n = static_cast<size_t>(spec_.action_count);
    std::vector<double> q(n * n, gamma / (1 - gamma));
    for (size_t s = 0; s < n; ++s) q[s * n + s] += 1;
    return q;
  }
  std::vector<float> all_observations() const {
    const auto n = static_cast<size_t>(spec_.action_count);
    std::vector<float> rows(n * n, 0.0f);
    for (size_t s = 0; s < n; ++s) rows[s * n + s] = 1;
    return rows;
  }
};

// States 0 ... n-1 in a row; action 0 goes left (at 0: stays), 1 goes right. Reaching n-1 gives reward 1 and
// terminates; every other reward is 0. Episodes start in any state but the last and are cut off after `episode_steps`.
// V*(s) = gamma^(n-2-s), Q*(s, right) = V*(s), Q*(s, left) = gamma V*(max(s-1, 0)).
class ChainEnv : public OneHotEnv {
 public:
  explicit ChainEnv(int64_t states = 5, int64_t episode_steps = 20)
      : OneHotEnv({.id = "Chain-v0",
                   .observation_space = ObservationSpace::real({states}),
                   .action_count = 2,
                   .max_episode_steps = episode_steps,
                   .solved_return = 0.9,
                   .has_solved_return = true},
                  static_cast<size_t>(states)) {}

  std::span<const float> reset(std::optional<uint64_t> new_seed) override {
    seed(new_seed);
    state_ = draw_state(last());
    return observe();
  }
  Step step(int64_t action) override {
    state_ = action == 1 ? state_ + 1 : std::max<int64_t>(state_ - 1, 0);
    const bool arrived = state_ == last();
    return {.observation = observe(), .reward = arrived ? 1.0 : 0.0, .terminated = arrived, .truncated = false};
  }

  // Of the states 0 ... n-2: nothing is ever decided in the last one.
  std::vector<double> q_star(double gamma) const {
    const auto value = [&](int64_t s) { return std::pow(gamma, static_cast<double>(last() - 1 - s)); };
    std::vector<double> q;
    for (int64_t s = 0; s < last(); ++s) {
      q.push_back(gamma * value(std::max<int64_t>(s - 1, 0)));
      q.push_back(value(s));
    }
    return q;
  }
  std::vector<float> all_observations() const {
    const auto n = static_cast<size_t>(last());
    std::vector<float> rows(n * (n + 1), 0.0f);
    for (size_t s = 0; s < n; ++s) rows[s * (n + 1) + s] = 1;
    return rows;
  }

 private:
  int64_t last() const { return spec_.observation_space.shape()[0] - 1; }
};

// ChainEnv seen on a small screen: a column of light stands at the state's place and the episode's clock runs along the
// top row. Observations are stacks of the last frames, padded at an episode's start with its first one, or with black.
class PixelChainEnv : public Env {
 public:
  struct Screen {
    int64_t stack = 3, height = 6, width = 8;
    bool repeat_first = true;
    bool stacked = true;  // false: the same bytes, but not declared as stacks of frames
  };

  explicit PixelChainEnv(const Screen& screen, int64_t episode_steps = 20)
      : screen_(screen), chain_(screen.width, episode_steps), spec_(chain_.spec()) {
    spec_.id = "PixelChain-v0";
    const std::vector<int64_t> shape{screen.stack, screen.height, screen.width};
    spec_.observation_space = screen.stacked ? ObservationSpace::frames(shape) : ObservationSpace::bytes(shape);
    frames_.resize(static_cast<size_t>(spec_.observation_size()));
  }

  const EnvSpec& spec() const override { return spec_; }
  std::span<const float> reset(std::optional<uint64_t> seed) override {
    clock_ = 0;
    std::fill(frames_.begin(), frames_.end(), 0.0f);
    const auto position = chain_.reset(seed);
    show(position);
    for (int64_t i = 1; screen_.repeat_first && i < screen_.stack; ++i) show(position);
    return frames_;
  }
  Step step(int64_t action) override {
    Step step = chain_.step(action);
    ++clock_;
    show(step.observation);
    step.observation = frames_;
    return step;
  }
  bool serialize(Archive& archive) override {
    archive.value("clock", clock_, kCount);
    archive.array("frames", frames_);
    return chain_.serialize(archive);
  }

 private:
  void show(std::span<const float> position) {
    const int64_t size = screen_.height * screen_.width;
    std::copy(frames_.begin() + size, frames_.end(), frames_.begin());
    float* const frame = frames_.data() + (screen_.stack - 1) * size;
    for (int64_t i = 0; i < size; ++i) frame[i] = 255 * position[static_cast<size_t>(i % screen_.width)];
    std::fill_n(frame, screen_.width, 0.0f);
    frame[clock_ % screen_.width] = 100;
  }

  Screen screen_;
  ChainEnv chain_;
  EnvSpec spec_;
  int64_t clock_ = 0;
  std::vector<float> frames_;
};

}  // namespace deepq::test
