#include "deepq/lab/probes/phases.h"

#include <algorithm>

#include "deepq/core/finite.h"

namespace deepq::lab {

void EpisodeLog::on_episode(const EpisodeRecord& record) {
  returns.push_back(record.episode_return);
  lengths.push_back(static_cast<double>(record.length));
  epsilons.push_back(epsilon_sum_ / lengths.back());
  epsilon_sum_ = 0;
}

PhaseFigures phase_figures(const Phase& phase, const std::vector<double>& returns, const std::vector<double>& lengths,
                           const std::vector<double>& epsilons) {
  const auto begin = phase.first - 1;
  const size_t end = phase.last > 0 ? std::min(phase.last, returns.size()) : returns.size();
  if (end < begin + 2) return {kNaN, kNaN, kNaN};  // a slope needs two episodes
  const auto count = static_cast<double>(end - begin);
  const double middle = static_cast<double>(begin + end - 1) / 2;
  PhaseFigures figures;
  double steps = 0, spread = 0;
  for (size_t i = begin; i < end; ++i) {
    const double offset = static_cast<double>(i) - middle;
    figures.mean_return += returns[i] / count;
    figures.epsilon += epsilons[i] * lengths[i];  // per step: long episodes count for more
    steps += lengths[i];
    figures.rise += offset * returns[i];
    spread += offset * offset;
  }
  figures.epsilon /= steps;
  // Least squares: sum of offset * return over sum of offset^2, for each 100 episodes.
  figures.rise *= 100 / spread;
  return figures;
}

}  // namespace deepq::lab
