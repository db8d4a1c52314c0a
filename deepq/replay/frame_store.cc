#include "deepq/replay/frame_store.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "deepq/core/error.h"
#include "deepq/replay/memory.h"

namespace deepq {

int64_t FrameStore::pool_size(int64_t capacity, const FrameShape& shape) {
  constexpr int64_t kMost = 2'000'000'000;  // frames are numbered with 32 bits
  if (capacity > kMost)
    throw Error::of("replay.capacity is ", capacity, "; allowed with stacks of frames: up to ", kMost);
  const int64_t remembered = shape.env_count * history(shape) * shape.stack;
  // A transition brings one new frame, and an episode one more at its start: a 64th is enough for episodes of 64 steps.
  // The other bound is for batches in which no two observations have a frame in common.
  const int64_t frames = std::max(capacity + capacity / 64, 2 * shape.stack * shape.least);
  return 1 + frames + remembered + shape.env_count * shape.stack;  // 1: black; and a stack for each that is coming in
}

int64_t FrameStore::bytes(int64_t capacity, const FrameShape& shape) {
  const int64_t pool = pool_size(capacity, shape), remembered = shape.env_count * history(shape) * shape.stack;
  // 8: its count, and its place in the free list.
  return pool * (shape.frame_size + 8) + 4 * (capacity * width(shape) + remembered);
}

FrameStore::FrameStore(int64_t capacity, const FrameShape& shape)
    : capacity_(capacity),
      shape_(shape),
      width_(width(shape)),
      pool_(pool_size(capacity, shape)),
      records_(allocate_replay<int32_t>(capacity, capacity, width_)),
      frames_(allocate_replay<uint8_t>(capacity, pool_, shape.frame_size)),
      refcounts_(allocate_replay<int32_t>(capacity, pool_, 1)),
      free_(allocate_replay<int32_t>(capacity, pool_, 1)),
      handles_(ObservationLayout::handles(shape.stack)),
      remembered_(static_cast<size_t>(shape.env_count * history(shape) * shape.stack), kBlack),
      newest_(static_cast<size_t>(shape.env_count)) {
  DEEPQ_ASSERT(capacity >= 1 && shape.frame_size >= 1 && shape.stack >= 1 && shape.env_count >= 1 && shape.n_step >= 1);
  count_users();
}

StepRecord FrameStore::observe(int64_t env, const StepRecord& step) {
  const std::span observation = step.observation.as<uint8_t>(), next = step.next_observation.as<uint8_t>();
  const auto size = static_cast<size_t>(shape_.observation_size());
  DEEPQ_ASSERT(observation.size() == size && next.size() == size);
  // Within an episode it is what the last step led to.
  if (!equals(remembered(env, 0), observation.data())) push_history(env, observation.data());
  push_history(env, next.data());
  StepRecord handles = step;
  handles.observation = remembered(env, 1);
  handles.next_observation = remembered(env, 0);
  return handles;
}

std::span<const int32_t> FrameStore::remembered(int64_t env, int64_t age) const {
  const int64_t places = history(shape_);
  const int64_t place = (newest_[static_cast<size_t>(env)] + places - age) % places;
  return std::span(remembered_)
      .subspan(static_cast<size_t>((env * places + place) * shape_.stack), static_cast<size_t>(shape_.stack));
}

std::span<int32_t> FrameStore::remembered(int64_t env, int64_t age) {
  const std::span<const int32_t> handle = std::as_const(*this).remembered(env, age);
  return {const_cast<int32_t*>(handle.data()), handle.size()};
}

bool FrameStore::equals(int32_t id, const uint8_t* pixels) const {
  return std::memcmp(frame(id), pixels, static_cast<size_t>(shape_.frame_size)) == 0;
}

bool FrameStore::equals(std::span<const int32_t> handle, const uint8_t* pixels) const {
  for (size_t i = handle.size(); i-- > 0;)  // the newest frame differs first
    if (!equals(handle[i], pixels + static_cast<int64_t>(i) * shape_.frame_size)) return false;
  return true;
}

// Each frame is likely to be the next one of the stack before, else the one before it in this stack (a first frame
// repeated), else black.
void FrameStore::push_history(int64_t env, const uint8_t* pixels) {
  // The oldest goes first, so that its frames are free for the one that comes.
  for (const int32_t id : remembered(env, history(shape_) - 1)) release(id);
  const std::span<const int32_t> before = remembered(env, 0);
  int64_t& newest = newest_[static_cast<size_t>(env)];
  newest = (newest + 1) % history(shape_);
  const std::span<int32_t> now = remembered(env, 0);
  std::ranges::fill(now, kBlack);
  for (size_t i = 0; i < now.size(); ++i) {
    const std::array<int32_t, 3> candidates{i + 1 < now.size() ? before[i + 1] : kBlack, i > 0 ? now[i - 1] : kBlack,
                                            kBlack};
    const int32_t id = find_or_add(candidates, pixels + static_cast<int64_t>(i) * shape_.frame_size);
    acquire(id);
    now[i] = id;
  }
}

int32_t FrameStore::find_or_add(std::span<const int32_t> candidates, const uint8_t* pixels) {
  for (const int32_t id : candidates)
    if (equals(id, pixels)) return id;  // most are the first candidate: one comparison of 7 KB
  const int32_t id = free_frame();
  std::copy_n(pixels, shape_.frame_size, frame(id));
  return id;
}

int32_t FrameStore::free_frame() {
  while (free_frames() == 0) forget_last();  // seldom: push() lets the ring turn while frames are left
  if (free_count_ > 0) return free_[static_cast<size_t>(--free_count_)];
  return static_cast<int32_t>(used_++);
}

void FrameStore::release(int32_t id) {
  if (--refcounts_[static_cast<size_t>(id)] == 0) free_[static_cast<size_t>(free_count_++)] = id;
}

void FrameStore::release_record(int64_t index) {
  for (const int32_t id : record(index).subspan(kHead)) release(id);
}

// The one with the highest index, not the oldest: indices then stay 0 ... size() - 1, and the ring goes round within
// what is left.
void FrameStore::forget_last() {
  DEEPQ_ASSERT(size_ > 0);
  release_record(--size_);
  next_ = std::min(next_, size_);
}

int64_t FrameStore::push(const Transition& transition) {
  // The ring turns at the capacity, or where frames become few: every environment may need a whole stack of them.
  const bool turn = size_ == capacity_ || free_frames() < shape_.env_count * shape_.stack;
  if (next_ == size_ && turn) next_ = 0;
  if (next_ < size_)
    release_record(next_);
  else
    ++size_;
  int32_t* to = records_.data() + next_ * width_;
  *to++ = static_cast<int32_t>(transition.action);
  *to++ = std::bit_cast<int32_t>(transition.reward);  // the bits: a record is all of one type
  *to++ = std::bit_cast<int32_t>(transition.discount);
  for (const ObservationRow observation : {transition.observation, transition.next_observation}) {
    const std::span handle = observation.as<int32_t>();
    DEEPQ_ASSERT(static_cast<int64_t>(handle.size()) == shape_.stack);
    // The record names the frames from now on, whatever the environment forgets.
    for (const int32_t id : handle) {
      acquire(id);
      *to++ = id;
    }
  }
  return next_++;
}

void FrameStore::put_stack(std::span<const int32_t> handle, float* to) const {
  for (const int32_t id : handle) to = std::copy_n(frame(id), shape_.frame_size, to);
}

void FrameStore::gather(std::span<const int64_t> indices, const BatchBuffers& to) const {
  const auto stack = static_cast<size_t>(shape_.stack);
  for (const int64_t index : indices) {  // their cache misses overlap
    DEEPQ_ASSERT(index >= 0 && index < size_);
    __builtin_prefetch(record(index).data());
  }
  for (size_t i = 0; i < indices.size(); ++i) {
    const std::span<const int32_t> from = record(indices[i]);
    to.actions[i] = from[0];
    to.rewards[i] = std::bit_cast<float>(from[1]);
    to.discounts[i] = std::bit_cast<float>(from[2]);
    const auto row = static_cast<int64_t>(i);
    put_stack(from.subspan(kHead, stack), to.observations.data + row * to.observations.stride);
    put_stack(from.subspan(kHead + stack, stack), to.next_observations.data + row * to.next_observations.stride);
  }
}

void FrameStore::serialize(Archive& archive, const ActionSpace& actions) {
  const auto scope = archive.scope("replay");
  const int64_t used_before = used_;
  archive.value("size", size_, {0, capacity_});
  archive.value("next", next_, {0, size_});
  archive.value("used_frames", used_, {1, pool_});
  archive.value("free_frames", free_count_, {0, used_ - 1});
  archive.array("records", records_.span().first(static_cast<size_t>(size_ * width_)), kAnyValue<int32_t>,
                {size_, width_});
  archive.array("frames", frames_.span().first(static_cast<size_t>(used_ * shape_.frame_size)), kAnyValue<uint8_t>,
                {used_, shape_.frame_size});
  archive.array("free", free_.span().first(static_cast<size_t>(free_count_)), {0, static_cast<int32_t>(used_ - 1)});
  handles_.serialize(archive, "remembered", std::as_writable_bytes(std::span(remembered_)));
  archive.array("newest", newest_, {0, history(shape_) - 1});
  // Reference counts are not stored: they follow from what names the frames.
  if (!archive.loading()) return;
  for (int64_t i = 0; i < size_; ++i)
    archive.check("records: an action", int64_t{record(i)[0]}, {0, actions.count() - 1});
  check_frames();
  std::ranges::fill(refcounts_.span().first(static_cast<size_t>(std::max(used_, used_before))), 0);
  count_users();
}

// No file, however made, may name a frame that is not there.
void FrameStore::check_frames() const {
  const auto is_frame = [this](int32_t id) { return id >= 0 && id < used_; };
  bool good = std::ranges::all_of(remembered_, is_frame);
  for (int64_t i = 0; i < size_; ++i) good = good && std::ranges::all_of(record(i).subspan(kHead), is_frame);
  if (!good) throw Error("the saved replay names frames that it does not hold");
}

// A step adds two observations at most, and all that a window's later steps can add must leave its own remembered.
void FrameStore::check_restored(int64_t env, int64_t steps, ObservationRow handle) const {
  for (int64_t age = 0; age < 2 * steps; ++age)
    if (std::ranges::equal(remembered(env, age), handle.as<int32_t>())) return;
  throw Error("the saved n-step windows name frames that the saved replay does not remember");
}

// From what names frames, which a file may not contradict: a frame is free just where nothing names it.
void FrameStore::count_users() {
  acquire(kBlack);
  for (const int32_t id : remembered_) acquire(id);
  for (int64_t i = 0; i < size_; ++i)
    for (const int32_t id : record(i).subspan(kHead)) acquire(id);
  bool good = true;
  const auto free = free_.span().first(static_cast<size_t>(free_count_));
  for (const int32_t id : free) good = good && refcounts_[static_cast<size_t>(id)]-- == 0;  // -1: seen
  const auto refcounts = refcounts_.span().first(static_cast<size_t>(used_));
  if (!good || std::ranges::count(refcounts, 0) > 0) throw Error("the saved replay's free frames are not those unused");
  for (const int32_t id : free) refcounts_[static_cast<size_t>(id)] = 0;
}

}  // namespace deepq
