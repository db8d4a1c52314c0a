// Sequences of steps of an episode, for networks with memory (Hausknecht and Stone 2015; Kapturowski et al. 2019): a
// ring, the oldest overwritten first. A sequence is what the network remembered before it, `burn_in` steps that only
// bring that up to date, steps that are learnt from, and the observations that those bootstrap from. One that begins
// where its episode does has no burn-in: nothing is to be brought up to date there. One that ends with it is shorter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "deepq/core/action_space.h"
#include "deepq/core/aligned_buffer.h"
#include "deepq/core/archive.h"
#include "deepq/replay/batch.h"
#include "deepq/replay/replay_config.h"

namespace deepq {

struct SequenceShape {
  int64_t burn_in = 0, length = 1, overlap = 0;  // steps, see ReplayConfig
  int64_t n_step = 1;
  int64_t memory_size = 0;   // numbers that the network remembers
  bool keeps_memory = true;  // or every sequence begins with none

  int64_t steps() const { return burn_in + length + n_step; }  // observations of a whole one
  int64_t period() const { return length - overlap; }          // from one's first learnt step to the next one's
  // So many that about `transitions` different steps are kept, where episodes are long.
  int64_t sequences(int64_t transitions) const { return (transitions + period() - 1) / period(); }
};
SequenceShape sequence_shape(const ReplayConfig& config, int64_t n_step, int64_t memory_size);

// Where some sequences are gathered to. Rows of observations lie step by step: row = step * sequences + sequence.
struct SequenceBuffers {
  InputRows observations;
  std::span<float> before;         // [sequence, memory_size]
  std::span<int64_t> learnt_from;  // [sequence]: its first step that is learnt from
  // Of each learnt step, one sequence's after another's; room for `length` each.
  std::span<int64_t> rows, next_rows;  // of its observation, and of the one that it bootstraps from
  std::span<int64_t> of_sequence;
  std::span<int64_t> actions;
  std::span<float> rewards, discounts;
};

// How a sequence lies in memory: one record of bytes.
class SequenceFormat {
 public:
  SequenceFormat(const SequenceShape& shape, const ObservationLayout& layout);

  struct Head {
    int64_t burn_in, learnt;  // steps of this one
  };
  struct Step {
    int64_t action, steps;  // steps: to the observation that it bootstraps from
    float reward, discount;
  };

  const SequenceShape& shape() const { return shape_; }
  const ObservationLayout& layout() const { return layout_; }
  int64_t bytes() const { return bytes_; }

  template <class Byte>
  auto& head(Byte* record) const {
    return at<Head>(record, 0);
  }
  template <class Byte>
  auto& step(Byte* record, int64_t i) const {  // from the first of the burn-in
    return at<Step>(record, steps_at_ + i * static_cast<int64_t>(sizeof(Step)));
  }
  template <class Byte>
  auto* memory(Byte* record) const {
    return &at<float>(record, memory_at_);
  }
  template <class Byte>
  Byte* observation_bytes(Byte* record, int64_t i) const {
    return record + observations_at_ + i * layout_.row_bytes();
  }
  ObservationRow observation(const std::byte* record, int64_t i) const {
    return ObservationRow({observation_bytes(record, i), static_cast<size_t>(layout_.row_bytes())});
  }

  // Throws deepq::Error, that begins with `what`, for a record that no builder makes.
  void check(const std::byte* record, const ActionSpace& actions, const std::string& what) const;

 private:
  template <class T, class Byte>
  static auto& at(Byte* record, int64_t offset) {
    return *reinterpret_cast<std::conditional_t<std::is_const_v<Byte>, const T, T>*>(record + offset);
  }

  SequenceShape shape_;
  ObservationLayout layout_;
  int64_t steps_at_, memory_at_, observations_at_, bytes_;
};

class SequenceStore {
 public:
  // Room for as many sequences as about `transitions` steps need.
  SequenceStore(int64_t transitions, const SequenceFormat& format);

  // Of the format's bytes. Returns the index that it was stored at.
  int64_t push(std::span<const std::byte> record);

  int64_t size() const { return size_; }
  int64_t capacity() const { return capacity_; }
  int64_t newest() const { return (next_ > 0 ? next_ : size_) - 1; }

  // Returns the number of learnt steps.
  int64_t gather(std::span<const int64_t> indices, const SequenceBuffers& to) const;

  void serialize(Archive& archive, const ActionSpace& actions);

  static int64_t bytes(int64_t transitions, const SequenceFormat& format) {
    return format.shape().sequences(transitions) * format.bytes();
  }

 private:
  const std::byte* record(int64_t index) const { return records_.data() + index * format_.bytes(); }

  SequenceFormat format_;
  int64_t capacity_;
  int64_t size_ = 0, next_ = 0;
  AlignedBuffer<std::byte> records_;
};

// What a sequence's priority is made of (Kapturowski et al. 2019, section 2.3): mix * largest + (1 - mix) * mean of its
// steps' errors. `errors` and `of_sequence` are of each learnt step, as SequenceBuffers have them.
void mix_errors(std::span<const float> errors, std::span<const int64_t> of_sequence, double mix, std::span<float> to);

}  // namespace deepq
