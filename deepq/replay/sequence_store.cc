#include "deepq/replay/sequence_store.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "deepq/core/error.h"
#include "deepq/replay/memory.h"

namespace deepq {

SequenceShape sequence_shape(const ReplayConfig& config, int64_t n_step, int64_t memory_size) {
  return {.burn_in = config.burn_in,
          .length = config.sequence_length,
          .overlap = config.sequence_overlap,
          .n_step = n_step,
          .memory_size = memory_size,
          .keeps_memory = config.stored_state};
}

SequenceFormat::SequenceFormat(const SequenceShape& shape, const ObservationLayout& layout)
    : shape_(shape),
      layout_(layout),
      steps_at_(sizeof(Head)),
      memory_at_(steps_at_ + (shape.burn_in + shape.length) * static_cast<int64_t>(sizeof(Step))),
      observations_at_(
          round_up(memory_at_ + (shape.keeps_memory ? shape.memory_size : 0) * static_cast<int64_t>(sizeof(float)),
                   std::max<int64_t>(8, layout.alignment()))),
      bytes_(round_up(observations_at_ + shape.steps() * layout.row_bytes(), 8)) {}

void SequenceFormat::check(const std::byte* record, const ActionSpace& actions, const std::string& what) const {
  const auto check = [&](const std::string& name, int64_t value, int64_t least, int64_t most) {
    if (value < least || value > most)
      throw Error::of(what, ": ", name, " is ", value, "; allowed: ", least, " to ", most);
  };
  const Head& of = head(record);
  check("its burn-in", of.burn_in, 0, shape_.burn_in);
  check("its length", of.learnt, 0, shape_.length);
  const auto check_row = [&](int64_t i) {
    if (layout_.discrete_leaves() > 0 || layout_.legal_words() > 0) layout_.check(observation(record, i));
  };
  for (int64_t i = 0; i < of.burn_in; ++i) check_row(i);
  for (int64_t i = of.burn_in; i < of.burn_in + of.learnt; ++i) {
    const Step& taken = step(record, i);
    check("an action", taken.action, 0, actions.count() - 1);
    check("the steps of a window", taken.steps, 1, shape_.n_step);
    check_row(i), check_row(i + taken.steps);
    if (layout_.legal_words() == 0) continue;
    if (!is_legal(actions, taken.action, layout_.legal(observation(record, i))))
      throw Error::of(what, ": action ", taken.action, " is illegal where it was taken");
    if (taken.discount != 0 && !has_choice(actions, layout_.legal(observation(record, i + taken.steps))))
      throw Error::of(what, ": no action is legal where the episode goes on");
  }
}

SequenceStore::SequenceStore(int64_t transitions, const SequenceFormat& format)
    : format_(format),
      capacity_(format.shape().sequences(transitions)),
      records_(allocate_replay<std::byte>(transitions, capacity_, format.bytes())) {}

int64_t SequenceStore::push(std::span<const std::byte> record) {
  DEEPQ_ASSERT(static_cast<int64_t>(record.size()) == format_.bytes());
  std::ranges::copy(record, records_.data() + next_ * format_.bytes());
  const int64_t index = next_;
  size_ = std::max(size_, next_ + 1);
  next_ = (next_ + 1) % capacity_;
  return index;
}

int64_t SequenceStore::gather(std::span<const int64_t> indices, const SequenceBuffers& to) const {
  const SequenceShape& shape = format_.shape();
  const auto sequences = static_cast<int64_t>(indices.size()), size = shape.memory_size;
  size_t learnt = 0;
  for (int64_t s = 0; s < sequences; ++s) {
    DEEPQ_ASSERT(indices[static_cast<size_t>(s)] >= 0 && indices[static_cast<size_t>(s)] < size_);
    const std::byte* const from = record(indices[static_cast<size_t>(s)]);
    const SequenceFormat::Head& head = format_.head(from);
    const auto row_of = [&](int64_t step) { return step * sequences + s; };
    float* const before = to.before.data() + s * size;
    if (shape.keeps_memory)
      std::copy_n(format_.memory(from), size, before);
    else
      std::fill_n(before, size, 0.0f);
    to.learnt_from[static_cast<size_t>(s)] = head.burn_in;
    int64_t last = head.burn_in - 1;
    for (int64_t i = head.burn_in; i < head.burn_in + head.learnt; ++i, ++learnt) {
      const SequenceFormat::Step& step = format_.step(from, i);
      to.rows[learnt] = row_of(i);
      to.next_rows[learnt] = row_of(i + step.steps);
      to.of_sequence[learnt] = s;
      to.actions[learnt] = step.action;
      to.rewards[learnt] = step.reward;
      to.discounts[learnt] = step.discount;
      last = std::max(last, i + step.steps);
    }
    // Rows behind its last one stay what they were: nothing asks for them.
    for (int64_t i = 0; i <= last; ++i)
      format_.layout().encode(format_.observation(from, i), to.observations, row_of(i));
  }
  return static_cast<int64_t>(learnt);
}

void SequenceStore::serialize(Archive& archive, const ActionSpace& actions) {
  const auto scope = archive.scope("replay");
  archive.value("size", size_, {0, capacity_});
  archive.value("next", next_, {0, std::min(size_, capacity_ - 1)});  // a full ring's is below the capacity
  const std::span<std::byte> records = records_.span().first(static_cast<size_t>(size_ * format_.bytes()));
  const std::span bytes(reinterpret_cast<uint8_t*>(records.data()), records.size());
  archive.array("sequences", bytes, kAnyValue<uint8_t>, {size_, format_.bytes()});
  for (int64_t i = 0; archive.loading() && i < size_; ++i)
    format_.check(record(i), actions, "replay sequence " + std::to_string(i));
}

void mix_errors(std::span<const float> errors, std::span<const int64_t> of_sequence, double mix, std::span<float> to) {
  std::ranges::fill(to, 0.0f);
  // Those of a sequence lie side by side.
  for (size_t begin = 0, end = 0; begin < errors.size(); begin = end) {
    double largest = 0, sum = 0;
    for (end = begin; end < errors.size() && of_sequence[end] == of_sequence[begin]; ++end) {
      const double error = std::abs(errors[end]);
      // A NaN stays one, for who takes it as a priority to refuse.
      largest = error <= largest ? largest : error;
      sum += error;
    }
    to[static_cast<size_t>(of_sequence[begin])] =
        static_cast<float>(mix * largest + (1 - mix) * sum / static_cast<double>(end - begin));
  }
}

}  // namespace deepq
