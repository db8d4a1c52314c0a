#include "deepq/core/action_space.h"

#include <utility>

#include "deepq/core/error.h"

namespace deepq {

ActionSpace::ActionSpace(std::vector<int64_t> axes) : axes_(std::move(axes)), count_(1), values_(0) {
  if (axes_.empty()) throw Error("there is no axis of actions; allowed: one or more");
  for (const int64_t size : axes_) {
    if (size < 1) throw Error::of("an axis of actions has ", size, " choices; allowed: 1 or more");
    if (size > kMostValues - values_)
      throw Error::of("the axes of actions have more than ", kMostValues, " choices; allowed: so many in all");
    if (size > kMostActions / count_)
      throw Error("the axes of actions have more than 2^62 combinations; allowed: so many");
    count_ *= size;
    values_ += size;
  }
}

bool is_legal(const ActionSpace& actions, int64_t action, LegalActions legal) {
  bool all = true;
  actions.visit_choices(
      action, [&](size_t, int64_t first, int64_t choice) { all = all && legal(static_cast<size_t>(first + choice)); });
  return all;
}

bool has_choice(const ActionSpace& actions, LegalActions legal) {
  size_t first = 0;
  for (const int64_t size : actions.axes()) {
    bool any = false;
    for (size_t choice = 0; choice < static_cast<size_t>(size); ++choice) any = any || legal(first + choice);
    if (!any) return false;
    first += static_cast<size_t>(size);
  }
  return true;
}

std::string ActionSpace::text() const {
  std::string sizes;
  for (const int64_t size : axes_) sizes += (sizes.empty() ? "" : "x") + std::to_string(size);
  return sizes + " actions";
}

}  // namespace deepq
