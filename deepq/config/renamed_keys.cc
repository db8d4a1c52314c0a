#include "deepq/config/renamed_keys.h"

#include <algorithm>
#include <array>

#include "deepq/core/error.h"

namespace deepq {

std::span<const RenamedKey> renamed_keys() {
  // Since 0.2, when the optimiser got a section of its own; 0.3 does not read the old ones.
  static constexpr std::array kTable{
      RenamedKey{"agent.optimizer", "optimizer.optimizer"},
      RenamedKey{"agent.learning_rate", "optimizer.learning_rate"},
      RenamedKey{"agent.learning_rate_schedule", "optimizer.learning_rate_schedule"},
      RenamedKey{"agent.final_learning_rate_fraction", "optimizer.final_learning_rate_fraction"},
      RenamedKey{"agent.optimizer_epsilon", "optimizer.epsilon"},
      RenamedKey{"agent.adam_beta1", "optimizer.adam_beta1"},
      RenamedKey{"agent.adam_beta2", "optimizer.adam_beta2"},
      RenamedKey{"agent.rmsprop_decay", "optimizer.rmsprop_decay"},
      RenamedKey{"agent.rmsprop_centered", "optimizer.rmsprop_centered"},
      RenamedKey{"agent.rmsprop_epsilon_inside_root", "optimizer.rmsprop_epsilon_inside_root"},
      RenamedKey{"agent.max_grad_norm", "optimizer.max_grad_norm"}};
  return kTable;
}

std::string current_key(std::string_view key) {
  const auto found = std::ranges::find(renamed_keys(), key, &RenamedKey::before);
  return std::string(found == renamed_keys().end() ? key : found->now);
}

std::string note_on_renamed(const std::vector<std::pair<std::string, std::string>>& names) {
  constexpr size_t kMostNamed = 3;  // a complete file of an older version has all of them
  if (names.empty()) return "";
  std::vector<std::string> parts;
  for (const auto& [before, now] : std::span(names).first(std::min(kMostNamed, names.size())))
    parts.push_back(before + " is called " + now + " now");
  const size_t others = names.size() - parts.size();
  return join(parts) + (others > 0 ? ", and so on for " + std::to_string(others) + " more" : "") +
         "; this version is the last to take the old name" + (names.size() > 1 ? "s" : "");
}

}  // namespace deepq
