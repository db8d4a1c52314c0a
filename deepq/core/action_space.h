// What actions are: one of so many, or one on each of several axes at once (Gymnasium's MultiDiscrete and MultiBinary).
// An action is a number all the same, 0 ... count() - 1, the last axis fastest; what is learnt has values() numbers,
// one for each choice on each axis, axis after axis: 10 axes of 11 are 110 numbers and 26 milliard actions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "deepq/core/legal_actions.h"

namespace deepq {

class ActionSpace {
 public:
  static constexpr int64_t kMostValues = int64_t{1} << 20, kMostActions = int64_t{1} << 62;

  ActionSpace(int64_t count = 0) : axes_{count}, count_(count), values_(count) {}  // of one axis
  // Throws deepq::Error for no axis, an axis of no choice, more than kMostActions, or more than kMostValues.
  explicit ActionSpace(std::vector<int64_t> axes);

  const std::vector<int64_t>& axes() const { return axes_; }
  size_t axis_count() const { return axes_.size(); }
  bool is_single() const { return axes_.size() == 1; }
  int64_t count() const { return count_; }
  int64_t values() const { return values_; }
  // The same with every action a choice of its own.
  ActionSpace flattened() const { return ActionSpace(count_); }

  // Calls visit(axis, place of its first value, its choice) for each.
  template <class Visit>
  void visit_choices(int64_t action, const Visit& visit) const {
    int64_t left = count_, first = 0;
    for (size_t axis = 0; axis < axes_.size(); ++axis) {
      left /= axes_[axis];
      visit(axis, first, action / left % axes_[axis]);
      first += axes_[axis];
    }
  }
  // The action that has these choices, one for each axis.
  int64_t action_of(std::span<const int64_t> choices) const {
    int64_t action = 0;
    for (size_t axis = 0; axis < axes_.size(); ++axis) action = action * axes_[axis] + choices[axis];
    return action;
  }

  // "6 actions", "3x5 actions"
  std::string text() const;

  friend bool operator==(const ActionSpace&, const ActionSpace&) = default;

 private:
  std::vector<int64_t> axes_;
  int64_t count_, values_;
};

// What is legal is said of each choice, as values are: of an action all its choices; on every axis there must be one.
bool is_legal(const ActionSpace& actions, int64_t action, LegalActions legal);
bool has_choice(const ActionSpace& actions, LegalActions legal);

}  // namespace deepq
