// How well training goes, episode by episode.
#pragma once

#include <array>

#include "deepq/core/archive.h"
#include "deepq/env/env.h"

namespace deepq {

// Mean return of the last 100 episodes, its best, and when it first passed the environment's threshold.
class ReturnWindow {
 public:
  static constexpr size_t kEpisodes = 100;

  void add(double episode_return, int64_t episode, const EnvSpec& env);
  bool is_whole() const { return count_ >= static_cast<int64_t>(kEpisodes); }
  double last_mean() const { return last_mean_; }
  double best_mean() const { return best_mean_; }
  int64_t first_episode_solved() const { return first_episode_solved_; }  // 0: not yet
  void serialize(Archive& archive, int64_t episodes);                     // all that there were

 private:
  std::array<double, kEpisodes> returns_{};
  int64_t count_ = 0;
  double last_mean_ = 0, best_mean_ = 0;
  int64_t first_episode_solved_ = 0;
};

}  // namespace deepq
