// What action masks cost where all actions are legal: build/dev/bench/micro/deepq_masks [ROUNDS]. A preset of CartPole
// is trained twice in turn, a slice of steps each, in this world and in one that says with each observation that both
// actions are legal. Both take the same actions and learn the same. Figures are in docs/performance.md.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "deepq/env/cartpole.h"
#include "deepq/train/trainer.h"

namespace deepq {
namespace {

class MaskedCartPole final : public Env {
 public:
  MaskedCartPole() : spec_(cartpole_.spec()) {
    spec_.observation_space = spec_.observation_space.with_legal_actions(spec_.action_count);
  }
  const EnvSpec& spec() const override { return spec_; }
  std::span<const float> reset(std::optional<uint64_t> seed) override { return cartpole_.reset(seed); }
  Step step(int64_t action) override { return cartpole_.step(action); }
  LegalActions legal_actions() const override { return LegalActions({&both_, 1}); }

 private:
  CartPole cartpole_;
  EnvSpec spec_;
  uint64_t both_ = 0b11;
};

double seconds_of(Trainer& trainer, int64_t env_steps) {
  const int64_t end = trainer.env_steps() + env_steps;
  const std::clock_t start = std::clock();  // this process's own time: other programs take less from it
  while (trainer.env_steps() < end) trainer.step();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// Quantiles of the ratios of all rounds: other work on the machine disturbs some rounds, and either side of them.
void compare(const std::string& preset_name, int rounds, int64_t slice) {
  RunConfig config = preset(preset_name);
  config.train.set_length(2 * (rounds + 1) * slice);
  Trainer plain(config, [] { return std::make_unique<CartPole>(); });
  Trainer masked(config, [] { return std::make_unique<MaskedCartPole>(); });
  std::vector<double> ratios;
  for (int round = 0; round <= rounds; ++round) {
    const bool plain_first = round % 2 == 0;
    const double first = seconds_of(plain_first ? plain : masked, slice),
                 second = seconds_of(plain_first ? masked : plain, slice);
    if (round > 0) ratios.push_back(plain_first ? second / first : first / second);  // 0 fills the caches
  }
  std::ranges::sort(ratios);
  const auto quantile = [&](size_t quarters) { return ratios[quarters * (ratios.size() - 1) / 4]; };
  const bool same = plain.algorithm().weights_sha256() == masked.algorithm().weights_sha256();
  std::printf("%s: with masks %.3f times as long [quartiles %.3f, %.3f], %d rounds of 2 x %lld steps; %s weights\n",
              preset_name.c_str(), quantile(2), quantile(1), quantile(3), rounds, static_cast<long long>(slice),
              same ? "equal" : "OTHER");
}

}  // namespace
}  // namespace deepq

int main(int count, char** arguments) {
  const int rounds = std::max(count > 1 ? std::atoi(arguments[1]) : 101, 1);
  deepq::compare("chapter", rounds, 2'000);
  deepq::compare("pqn", rounds, 8'192);
  return 0;
}
