// The replay memory: a ring of transitions, the oldest overwritten first. A transition is one contiguous record,
// because a sample of a large memory then costs one cache miss and not five. Its observations are rows as they came
// from the environment, and become a network's floats when they are gathered. Pages are taken from the system as they
// are first written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "deepq/core/action_space.h"
#include "deepq/core/aligned_buffer.h"
#include "deepq/core/archive.h"
#include "deepq/replay/batch.h"

namespace deepq {

// Of actions in a record. Those of several axes may be more than 32 bits number.
enum class ActionWidth { k32, k64 };
inline ActionWidth action_width_of(const ActionSpace& actions) {
  return actions.count() > INT32_MAX ? ActionWidth::k64 : ActionWidth::k32;
}

class ReplayStore {
 public:
  ReplayStore(int64_t capacity, const ObservationLayout& layout, ActionWidth width = ActionWidth::k32);

  // Returns the index that it was stored at.
  int64_t push(const Transition& transition);

  int64_t size() const { return size_; }
  int64_t capacity() const { return capacity_; }
  int64_t newest() const { return (next_ > 0 ? next_ : size_) - 1; }  // the index of what was stored last; -1: nothing

  // Writes the transitions at `indices` (0 ... size() - 1, in order of storage, not of age) into the buffers' first
  // rows.
  void gather(std::span<const int64_t> indices, const BatchBuffers& to) const;

  void serialize(Archive& archive, const ActionSpace& actions);

  static int64_t bytes(int64_t capacity, const ObservationLayout& layout, ActionWidth width = ActionWidth::k32) {
    return capacity * record_bytes(layout, width);
  }

 private:
  // Record: this, without its last number where 32 bits are enough, the observation, the next one, each where its
  // numbers may lie.
  struct Head {
    int32_t action;  // its lower half
    float reward, discount;
    int32_t upper_half;
    int64_t whole_action() const { return int64_t{upper_half} << 32 | static_cast<uint32_t>(action); }
  };
  static size_t head_bytes(ActionWidth width) { return width == ActionWidth::k64 ? 16 : 12; }
  static int64_t observation_at(const ObservationLayout& layout, ActionWidth width);
  static int64_t record_bytes(const ObservationLayout& layout, ActionWidth width);  // a multiple of four

  const std::byte* record(int64_t index) const { return records_.data() + index * width_; }
  Head head(int64_t index) const;
  ObservationRow observation(const std::byte* record, int64_t which) const {
    return ObservationRow({record + first_ + which * layout_.row_bytes(), static_cast<size_t>(layout_.row_bytes())});
  }
  void take_records_of_floats(Archive& archive);
  void require_legal_choices(int64_t index, const ActionSpace& actions) const;

  int64_t capacity_;
  ObservationLayout layout_;
  size_t head_bytes_;
  int64_t first_, width_;  // bytes: from a record's begin to its first observation; of a record
  int64_t size_ = 0, next_ = 0;
  AlignedBuffer<std::byte> records_;
};

}  // namespace deepq
