// The replay memory: a ring of transitions, the oldest overwritten first. A transition is one contiguous record,
// because a sample of a large memory then costs one cache miss and not five. Pages are taken from the system as they
// are first written.
#pragma once

#include <cstdint>
#include <span>

#include "deepq/core/aligned_buffer.h"
#include "deepq/core/archive.h"
#include "deepq/replay/batch.h"

namespace deepq {

class ReplayStore {
 public:
  // `bytes`: all observations are whole numbers from 0 to 255, and a quarter of the memory is enough.
  ReplayStore(int64_t capacity, int64_t observation_size, bool bytes = false);

  // Returns the index that it was stored at. Throws deepq::Error, and has stored nothing, for an observation that is
  // not bytes in a store of bytes.
  int64_t push(const Transition& transition);

  int64_t size() const { return size_; }
  int64_t capacity() const { return capacity_; }

  // Copies the transitions at `indices` (0 ... size() - 1, in order of storage, not of age) into the buffers' first
  // rows.
  void gather(std::span<const int64_t> indices, const BatchBuffers& to) const;

  void serialize(Archive& archive, int64_t action_count);

  static int64_t bytes(int64_t capacity, int64_t observation_size, bool bytes = false) {
    return capacity * record_floats(observation_size, bytes) * static_cast<int64_t>(sizeof(float));
  }

 private:
  // Record: action (as int32 bits), reward, discount, observation, next observation; a record of bytes is padded to
  // whole floats.
  static constexpr int64_t kHead = 3;
  static int64_t record_floats(int64_t observation_size, bool bytes) {
    return kHead + (bytes ? (2 * observation_size + 3) / 4 : 2 * observation_size);
  }
  const float* record(int64_t index) const { return records_.data() + index * width_; }

  int64_t capacity_, observation_size_;
  bool bytes_;
  int64_t width_;  // of a record, in floats
  int64_t size_ = 0, next_ = 0;
  AlignedBuffer<float> records_;
};

}  // namespace deepq
