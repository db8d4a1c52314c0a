#include "web/core/faults.h"

#include <algorithm>
#include <array>
#include <utility>

#include "deepq/core/error.h"

namespace deepq::web {
namespace {

constexpr std::array<std::pair<std::string_view, Fault>, 5> kNames{{{"none", Fault::kNone},
                                                                    {"no_terminal_mask", Fault::kNoTerminalMask},
                                                                    {"wrong_sign", Fault::kWrongSign},
                                                                    {"stale_target", Fault::kStaleTarget},
                                                                    {"zero_priority", Fault::kZeroPriority}}};

// Hands everything on but what the fault changes.
class FaultyEnv final : public VectorEnv {
 public:
  FaultyEnv(std::unique_ptr<VectorEnv> env, Fault fault) : env_(std::move(env)), fault_(fault) {
    spec_ = env_->spec();
    make_room(static_cast<size_t>(env_->count()));
    take();
  }

  void receive() override {
    env_->receive();
    take();
  }

  void serialize(Archive& archive) override {
    env_->serialize(archive);
    take();
  }

 protected:
  void begin_step() override { env_->send(actions_); }

 private:
  void take() {
    take_results(*env_);
    if (fault_ == Fault::kWrongSign)
      for (double& reward : rewards_) reward = -reward;
    if (fault_ != Fault::kNoTerminalMask) return;
    // A truncation's successor is bootstrapped from: so is the end's, which has no value.
    for (size_t i = 0; i < terminated_.size(); ++i)
      if (std::exchange(terminated_[i], 0) != 0) truncated_[i] = 1;
  }

  std::unique_ptr<VectorEnv> env_;
  Fault fault_;
};

}  // namespace

Fault fault_of(const std::string& name) {
  for (const auto& [known, fault] : kNames)
    if (known == name) return fault;
  throw Error::of("unknown fault '", name, "'; allowed: ", join(fault_names()));
}

std::vector<std::string> fault_names() {
  std::vector<std::string> names;
  for (const auto& [name, fault] : kNames) names.emplace_back(name);
  return names;
}

RunConfig with_fault(RunConfig config, Fault fault) {
  constexpr int64_t kNever = int64_t{1} << 50;
  if (fault == Fault::kNoTerminalMask) config.agent.bootstrap_at_truncation = true;
  if (fault == Fault::kStaleTarget) {
    config.target.sync_every_env_steps = 0;
    config.target.sync_every_updates = kNever;
  }
  if (fault == Fault::kZeroPriority) config.replay.priority_alpha = 0;
  return config;
}

std::unique_ptr<VectorEnv> with_fault(std::unique_ptr<VectorEnv> env, Fault fault) {
  if (fault != Fault::kNoTerminalMask && fault != Fault::kWrongSign) return env;
  return std::make_unique<FaultyEnv>(std::move(env), fault);
}

}  // namespace deepq::web
