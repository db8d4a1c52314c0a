#include "deepq/replay/replay_store.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "deepq/core/error.h"
#include "deepq/replay/memory.h"

namespace deepq {

int64_t ReplayStore::observation_at(const ObservationLayout& layout, ActionWidth width) {
  return round_up(static_cast<int64_t>(head_bytes(width)), layout.alignment());
}

int64_t ReplayStore::record_bytes(const ObservationLayout& layout, ActionWidth width) {
  return round_up(observation_at(layout, width) + 2 * layout.row_bytes(), std::max<int64_t>(4, layout.alignment()));
}

ReplayStore::ReplayStore(int64_t capacity, const ObservationLayout& layout, ActionWidth width)
    : capacity_(capacity),
      layout_(layout),
      head_bytes_(head_bytes(width)),
      first_(observation_at(layout, width)),
      width_(record_bytes(layout, width)),
      records_(allocate_replay<std::byte>(capacity, capacity, width_)) {}

int64_t ReplayStore::push(const Transition& transition) {
  const auto bytes = static_cast<size_t>(layout_.row_bytes());
  DEEPQ_ASSERT(transition.observation.bytes().size() == bytes && transition.next_observation.bytes().size() == bytes);
  std::byte* const to = records_.data() + next_ * width_;
  const Head head{static_cast<int32_t>(transition.action), transition.reward, transition.discount,
                  static_cast<int32_t>(transition.action >> 32)};
  std::memcpy(to, &head, head_bytes_);
  std::memcpy(to + first_, transition.observation.bytes().data(), bytes);
  std::memcpy(to + first_ + layout_.row_bytes(), transition.next_observation.bytes().data(), bytes);
  const int64_t index = next_;
  size_ = std::max(size_, next_ + 1);
  next_ = (next_ + 1) % capacity_;
  return index;
}

ReplayStore::Head ReplayStore::head(int64_t index) const {
  Head head{};
  std::memcpy(&head, record(index), head_bytes_);
  if (head_bytes_ < sizeof head) head.upper_half = head.action < 0 ? -1 : 0;  // of a damaged file
  return head;
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
    const std::byte* from = record(indices[i]);
    const Head head = this->head(indices[i]);
    to.actions[i] = head.whole_action();
    to.rewards[i] = head.reward;
    to.discounts[i] = head.discount;
    const auto row = static_cast<int64_t>(i);
    layout_.encode(observation(from, 0), to.observations, row);
    layout_.encode(observation(from, 1), to.next_observations, row);
  }
}

// Reals are saved as the floats that a record is then made of, all others as bytes.
void ReplayStore::serialize(Archive& archive, const ActionSpace& actions) {
  const auto scope = archive.scope("replay");
  archive.value("size", size_, {0, capacity_});
  archive.value("next", next_, {0, std::min(size_, capacity_ - 1)});  // a full ring's is below the capacity
  const std::span<std::byte> records = records_.span().first(static_cast<size_t>(size_ * width_));
  if (layout_.is_real()) {
    const std::span floats(reinterpret_cast<float*>(records.data()), records.size() / sizeof(float));
    archive.array("records", floats, {size_, width_ / static_cast<int64_t>(sizeof(float))});
  } else if (archive.loading() && layout_.discrete_leaves() > 0 && archive.holds<float>("records")) {
    take_records_of_floats(archive);
  } else {
    const std::span bytes(reinterpret_cast<uint8_t*>(records.data()), records.size());
    archive.array("records", bytes, kAnyValue<uint8_t>, {size_, width_});
  }
  for (int64_t i = 0; archive.loading() && i < size_; ++i) {
    archive.check("records: an action", head(i).whole_action(), {0, actions.count() - 1});
    // A state that is none would be a place beyond a network's input.
    const bool checked = layout_.discrete_leaves() > 0 || layout_.legal_words() > 0;
    for (int64_t which = 0; checked && which < 2; ++which) layout_.check(observation(record(i), which));
    require_legal_choices(i, actions);
  }
}

// Of a record that was loaded.
void ReplayStore::require_legal_choices(int64_t index, const ActionSpace& actions) const {
  if (layout_.legal_words() == 0) return;
  const Head head = this->head(index);
  if (!is_legal(actions, head.whole_action(), layout_.legal(observation(record(index), 0))))
    throw Error::of("replay record ", index, ": action ", head.whole_action(), " is illegal where it was taken");
  if (head.discount != 0 && !has_choice(actions, layout_.legal(observation(record(index), 1))))
    throw Error::of("replay record ", index, ": no action is legal where the episode goes on");
}

// Of before states were kept as integers: action (its bits), reward, discount, observation, next observation.
void ReplayStore::take_records_of_floats(Archive& archive) {
  const int64_t size = layout_.size(), width = 3 + 2 * size;
  archive.require<float>("records", {size_, width});  // before memory is taken for them
  std::vector<float> saved(static_cast<size_t>(size_ * width));
  archive.array("records", saved, {size_, width});
  for (int64_t i = 0; i < size_; ++i) {
    const std::span from = std::span<const float>(saved).subspan(static_cast<size_t>(i * width));
    std::byte* const to = records_.data() + i * width_;
    std::memcpy(to, from.data(), head_bytes_);
    const std::span rows(to + first_, static_cast<size_t>(2 * layout_.row_bytes()));
    for (size_t which = 0; which < 2; ++which)
      layout_.take_numbers(from.subspan(3 + which * static_cast<size_t>(size), static_cast<size_t>(size)),
                           rows.subspan(which * rows.size() / 2, rows.size() / 2));
  }
}

}  // namespace deepq
