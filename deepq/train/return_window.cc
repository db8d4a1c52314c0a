#include "deepq/train/return_window.h"

#include <algorithm>
#include <numeric>

namespace deepq {

void ReturnWindow::add(double episode_return, int64_t episode, const EnvSpec& env) {
  returns_[static_cast<size_t>(count_) % kEpisodes] = episode_return;
  ++count_;
  const size_t filled = std::min(static_cast<size_t>(count_), kEpisodes);
  const auto end = returns_.begin() + static_cast<std::ptrdiff_t>(filled);
  // 100 numbers anew for each episode: no rounding gathers as in a running sum, and the order is that of the ring.
  last_mean_ = std::accumulate(returns_.begin(), end, 0.0) / static_cast<double>(filled);
  const bool whole = filled == kEpisodes;
  const bool first_whole = count_ == static_cast<int64_t>(kEpisodes);
  // Means of fewer than 100 episodes are no best: the first whole window takes their place.
  best_mean_ = !whole || first_whole ? last_mean_ : std::max(best_mean_, last_mean_);
  if (whole && first_episode_solved_ == 0 && env.has_solved_return && last_mean_ > env.solved_return)
    first_episode_solved_ = episode;
}

void ReturnWindow::serialize(Archive& archive, int64_t episodes) {
  const auto scope = archive.scope("returns");
  archive.array("last", returns_);
  archive.value("count", count_, {0, episodes});
  archive.value("last_mean", last_mean_);
  archive.value("best_mean", best_mean_);
  archive.value("first_episode_solved", first_episode_solved_, {0, episodes});
}

}  // namespace deepq
