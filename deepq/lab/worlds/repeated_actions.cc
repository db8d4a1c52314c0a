#include "deepq/lab/worlds/repeated_actions.h"

#include <utility>

namespace deepq::lab {

RepeatedActions::RepeatedActions(std::unique_ptr<Env> within, int64_t names)
    : within_(std::move(within)), spec_(within_->spec()) {
  spec_.action_count *= names;
}

EnvFactory repeat_actions(EnvFactory within, int64_t names) {
  return [within = std::move(within), names] { return std::make_unique<RepeatedActions>(within(), names); };
}

}  // namespace deepq::lab
