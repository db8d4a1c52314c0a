#include "deepq/replay/replay_store.h"

#include <algorithm>
#include <bit>

#include "deepq/core/error.h"
#include "deepq/replay/bytes.h"

namespace deepq {
ReplayStore::ReplayStore(int64_t capacity, int64_t observation_size, bool bytes)
    : capacity_(capacity),
      observation_size_(observation_size),
      bytes_(bytes),
      width_(record_floats(observation_size, bytes)),
      records_(allocate_replay<float>(capacity, capacity, width_)) {}

int64_t ReplayStore::push(const Transition& transition) {
  DEEPQ_ASSERT(static_cast<int64_t>(transition.observation.size()) == observation_size_ &&
               static_cast<int64_t>(transition.next_observation.size()) == observation_size_);
  if (bytes_) {
    require_bytes(transition.observation);
    require_bytes(transition.next_observation);
  }
  float* to = records_.data() + next_ * width_;
  // The bits, not the value: a float holds no more than 2^24 actions.
  *to++ = std::bit_cast<float>(static_cast<int32_t>(transition.action));
  *to++ = transition.reward;
  *to++ = transition.discount;
  if (bytes_) {
    put_bytes(transition.next_observation, put_bytes(transition.observation, reinterpret_cast<uint8_t*>(to)));
  } else {
    to = std::copy(transition.observation.begin(), transition.observation.end(), to);
    std::copy(transition.next_observation.begin(), transition.next_observation.end(), to);
  }
  const int64_t index = next_;
  size_ = std::max(size_, next_ + 1);
  next_ = (next_ + 1) % capacity_;
  return index;
}

void ReplayStore::gather(std::span<const int64_t> indices, const BatchBuffers& to) const {
  // Ask for all records first: their cache misses then overlap, and a million transitions cost about what ten thousand
  // do.
  for (const int64_t index : indices) {
    DEEPQ_ASSERT(index >= 0 && index < size_);
    __builtin_prefetch(record(index));
    // A small record lies in two cache lines at most; of a long one the copy fetches the rest.
    __builtin_prefetch(record(index) + width_ - 1);
  }
  for (size_t i = 0; i < indices.size(); ++i) {
    const float* from = record(indices[i]);
    const int64_t row = static_cast<int64_t>(i) * to.observation_stride;
    to.actions[i] = std::bit_cast<int32_t>(from[0]);
    to.rewards[i] = from[1];
    to.discounts[i] = from[2];
    if (bytes_) {
      const auto* bytes = reinterpret_cast<const uint8_t*>(from + kHead);
      std::copy_n(bytes, observation_size_, to.observations + row);
      std::copy_n(bytes + observation_size_, observation_size_, to.next_observations + row);
    } else {
      std::copy_n(from + kHead, observation_size_, to.observations + row);
      std::copy_n(from + kHead + observation_size_, observation_size_, to.next_observations + row);
    }
  }
}

void ReplayStore::serialize(Archive& archive, int64_t action_count) {
  const auto scope = archive.scope("replay");
  archive.value("size", size_, {0, capacity_});
  archive.value("next", next_, {0, std::min(size_, capacity_ - 1)});  // a full ring's is below the capacity
  const std::span<float> records = records_.span().first(static_cast<size_t>(size_ * width_));
  if (bytes_) {
    const std::span bytes(reinterpret_cast<uint8_t*>(records.data()), records.size_bytes());
    archive.array("records", bytes, kAnyValue<uint8_t>, {size_, 4 * width_});
  } else {
    archive.array("records", records, {size_, width_});
  }
  for (int64_t i = 0; archive.loading() && i < size_; ++i)
    archive.check("records: an action", int64_t{std::bit_cast<int32_t>(*record(i))}, {0, action_count - 1});
}

}  // namespace deepq
