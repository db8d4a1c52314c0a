// The replay memory for pixels: a transition is a few numbers and the frames of its two stacks, and every frame is kept
// once, as bytes, however many stacks show it (Mnih et al. 2015 keep frames likewise). A stack handed out equals, byte
// for byte, the one that the environment gave: padding at an episode's start, whatever its rule, is compared and not
// assumed, and no stack or window can cross an end or the write head, for frames are found by reference.
//
// There is room for 65 frames to 64 transitions. Where episodes are so short that this is too little (an episode of T
// steps shows T + 1 frames), fewer transitions than the capacity are kept, but never fewer than FrameShape::least once
// so many have come: for those there is room even where no two observations share a frame. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "deepq/core/aligned_buffer.h"
#include "deepq/core/archive.h"
#include "deepq/replay/batch.h"
#include "deepq/replay/n_step.h"

namespace deepq {

struct FrameShape {
  int64_t frame_size = 0;  // bytes
  int64_t stack = 0;       // frames in an observation, the oldest first
  int64_t env_count = 1, n_step = 1;
  int64_t least = 1;  // transitions that are kept however short the episodes are: one batch

  int64_t observation_size() const { return frame_size * stack; }
};

class FrameStore {
 public:
  FrameStore(int64_t capacity, const FrameShape& shape);

  // Takes in one step of one environment, whose observations are stacks of bytes, before the accumulator does, and
  // returns it with handles in place of those: `stack` int32 each (ObservationLayout::handles), which only push() can
  // read, valid until the environment's next step and, copied by the accumulator, as long as a window of n steps is
  // open. May forget transitions to make room: size() is smaller then. No allocation.
  StepRecord observe(int64_t env, const StepRecord& step);

  // Stores a transition between handles; returns the index that it was stored at.
  int64_t push(const Transition& transition);

  int64_t size() const { return size_; }
  int64_t capacity() const { return capacity_; }
  int64_t newest() const { return (next_ > 0 ? next_ : size_) - 1; }  // the index of what was stored last; -1: nothing

  // Writes the transitions at `indices` (0 ... size() - 1, in order of storage, not of age) into the buffers' first
  // rows, whole stacks, the oldest frame first.
  void gather(std::span<const int64_t> indices, const BatchBuffers& to) const;

  void serialize(Archive& archive, const ActionSpace& actions);

  // Throws deepq::Error unless `handle`, which a restored window of an environment began with so many steps ago, is one
  // that observe() gave and that is valid until the window closes.
  void check_restored(int64_t env, int64_t steps, ObservationRow handle) const;

  static int64_t bytes(int64_t capacity, const FrameShape& shape);

 private:
  // Frame 0 is black and never given up: stacks are padded with it at the start of many environments' episodes.
  static constexpr int32_t kBlack = 0;
  // Record: action, reward and discount (as bits), then the frames of the observation and of the next one.
  static constexpr int64_t kHead = 3;

  static int64_t width(const FrameShape& shape) { return kHead + 2 * shape.stack; }
  static int64_t pool_size(int64_t capacity, const FrameShape& shape);
  // An environment's last observations: a step adds two at most, and a window is open for n steps.
  static int64_t history(const FrameShape& shape) { return 2 * shape.n_step; }

  std::span<const int32_t> record(int64_t index) const {
    return records_.span().subspan(static_cast<size_t>(index * width_), static_cast<size_t>(width_));
  }
  uint8_t* frame(int64_t id) { return frames_.data() + id * shape_.frame_size; }
  const uint8_t* frame(int64_t id) const { return frames_.data() + id * shape_.frame_size; }
  // The frames of the environment's observation that is the age-th last.
  std::span<const int32_t> remembered(int64_t env, int64_t age) const;
  std::span<int32_t> remembered(int64_t env, int64_t age);
  bool equals(int32_t id, const uint8_t* pixels) const;
  bool equals(std::span<const int32_t> handle, const uint8_t* pixels) const;
  void push_history(int64_t env, const uint8_t* pixels);
  void put_stack(std::span<const int32_t> handle, float* to) const;
  int32_t find_or_add(std::span<const int32_t> candidates, const uint8_t* pixels);
  int32_t free_frame();
  int64_t free_frames() const { return free_count_ + pool_ - used_; }
  void acquire(int32_t id) { ++refcounts_[static_cast<size_t>(id)]; }
  void release(int32_t id);
  void release_record(int64_t index);
  void forget_last();
  void check_frames() const;
  void count_users();

  int64_t capacity_;
  FrameShape shape_;
  int64_t width_, pool_;
  int64_t size_ = 0, next_ = 0;
  AlignedBuffer<int32_t> records_;
  int64_t used_ = 1;                  // frames that were ever written: the first so many
  AlignedBuffer<uint8_t> frames_;     // [pool, frame_size]
  AlignedBuffer<int32_t> refcounts_;  // of each frame: how often records and remembered observations name it
  AlignedBuffer<int32_t> free_;       // frames that nothing names
  int64_t free_count_ = 0;
  ObservationLayout handles_;
  std::vector<int32_t> remembered_;  // [env, history, stack]: handles, a ring for each environment
  std::vector<int64_t> newest_;      // [env]: place in it
};

}  // namespace deepq
