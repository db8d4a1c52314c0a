#include "deepq/replay/n_step.h"

#include <algorithm>

namespace deepq {

NStepAccumulator::NStepAccumulator(int64_t env_count, int64_t n_step, double gamma, const ObservationLayout& layout)
    : n_step_(n_step), layout_(layout), row_bytes_(static_cast<size_t>(layout.row_bytes())), powers_{1.0} {
  DEEPQ_ASSERT(env_count >= 1 && n_step >= 1 && row_bytes_ >= 1);
  // By multiplication: the last bits of std::pow depend on the C library.
  for (int64_t k = 1; k <= n_step; ++k) powers_.push_back(powers_.back() * gamma);
  if (n_step == 1) return;
  const auto windows = static_cast<size_t>(env_count * n_step);
  oldest_.resize(static_cast<size_t>(env_count));
  open_.resize(static_cast<size_t>(env_count));
  observations_.resize(windows * row_bytes_);
  actions_.resize(windows);
  reward_sums_.resize(windows);
}

int64_t NStepAccumulator::bytes(int64_t env_count, int64_t n_step, const ObservationLayout& layout) {
  if (n_step == 1) return 0;
  // 16: action and reward sum.
  return env_count * n_step * (layout.row_bytes() + 16);
}

void NStepAccumulator::open_window(int64_t env, const StepRecord& step) {
  DEEPQ_ASSERT(step.observation.bytes().size() == row_bytes_ && env >= 0 && env < static_cast<int64_t>(open_.size()));
  int64_t& open = open_[static_cast<size_t>(env)];
  // The oldest window is `open` steps older than this reward, the youngest one.
  for (int64_t age = 0; age < open; ++age)
    reward_sums_[slot(env, age)] += powers_[static_cast<size_t>(open - age)] * step.reward;
  const size_t newest = slot(env, open);
  std::ranges::copy(step.observation.bytes(), observations_.begin() + static_cast<int64_t>(newest * row_bytes_));
  actions_[newest] = step.action;
  reward_sums_[newest] = step.reward;
  ++open;
}

void NStepAccumulator::clear() { std::ranges::fill(open_, 0); }

void NStepAccumulator::serialize(Archive& archive, const ActionSpace& actions) {
  if (n_step_ == 1) return;  // there is never an open window
  const auto scope = archive.scope("n_step");
  archive.array("oldest", oldest_, {0, n_step_ - 1});
  archive.array("open", open_, {0, n_step_ - 1});
  layout_.serialize(archive, "observations", observations_);
  archive.array("actions", actions_, {0, actions.count() - 1});
  archive.array("reward_sums", reward_sums_);
  if (!archive.loading() || layout_.legal_words() == 0) return;
  for (int64_t env = 0; env < static_cast<int64_t>(open_.size()); ++env)
    for (int64_t age = 0; age < open_[static_cast<size_t>(env)]; ++age)
      if (const size_t at = slot(env, age); !is_legal(actions, actions_[at], layout_.legal(observation(at))))
        throw Error::of("an open window began with action ", actions_[at], ", which is illegal there");
}

}  // namespace deepq
