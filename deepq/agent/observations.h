// A batch of observations as a network's input: floats, and one-hot rows of discrete ones (core/observation_rows.h).
#pragma once

#include <algorithm>
#include <vector>

#include "deepq/core/action_space.h"
#include "deepq/core/observation_rows.h"
#include "deepq/core/observation_space.h"
#include "deepq/nn/network.h"

namespace deepq {

// Of a network that takes such observations and gives one number for each action.
// Throws deepq::Error for more states than a network can have inputs.
NetworkShape network_for(const ObservationSpace& space, const ActionSpace& actions);

class ObservationBatch {
 public:
  ObservationBatch(const ObservationSpace& space, int64_t rows)
      : layout_(space),
        input_(rows, layout_.input_size()),
        hot_(static_cast<size_t>(rows * layout_.discrete_leaves())),
        legal_(static_cast<size_t>(rows * layout_.legal_words())) {}

  const ObservationLayout& layout() const { return layout_; }

  // Puts observations into the first rows. Their numbers may be of another type than the space's, where they are as
  // many: a network sees floats. Where they do not say which actions are legal, all are.
  void put(const ObservationRows& observations) {
    for (int64_t i = 0; i < observations.count(); ++i) put(observations[i], observations.layout(), i);
  }
  void put(ObservationRow observation, const ObservationLayout& layout, int64_t row) {
    DEEPQ_ASSERT(layout.input_size() == layout_.input_size());
    InputRows rows = to();
    if (rows.legal && layout.legal_words() == 0) {
      std::ranges::fill(legal_words(row), ~uint64_t{0});
      rows.legal = nullptr;
    }
    layout.encode(observation, rows, row);
  }

  // Where replay gathers to, from this row on.
  InputRows to(int64_t first_row = 0) {
    return {rows().data + first_row * rows().stride, rows().stride,
            hot_.empty() ? nullptr : hot_.data() + first_row * layout_.discrete_leaves(),
            legal_.empty() ? nullptr : legal_.data() + first_row * layout_.legal_words()};
  }

  // What may be done there.
  LegalActions legal(int64_t row) const {
    const auto words = static_cast<size_t>(layout_.legal_words());
    return LegalActions(std::span(legal_).subspan(static_cast<size_t>(row) * words, words));
  }

  // The network's input.
  Rows rows() { return input_.rows(); }

  static int64_t bytes(const ObservationSpace& space, int64_t rows) {
    return InputBuffer::bytes(rows, ObservationLayout(space).input_size());
  }

 private:
  std::span<uint64_t> legal_words(int64_t row) {
    const auto words = static_cast<size_t>(layout_.legal_words());
    return std::span(legal_).subspan(static_cast<size_t>(row) * words, words);
  }

  ObservationLayout layout_;
  InputBuffer input_;
  std::vector<int64_t> hot_;     // [row, discrete leaf]: the column that is 1
  std::vector<uint64_t> legal_;  // [row, word]
};

// Throws deepq::Error where one of `rows` observations says of another number of actions that they are legal, or of
// none that it is, and where they do not say it and the agent learnt with it.
void require_legal_actions(const ObservationRows& observations, int64_t rows, const ObservationSpace& space,
                           const ActionSpace& actions);

// What is handed over to be acted on, as rows with a layout, checked.
class ObservationIntake {
 public:
  ObservationIntake(const ObservationSpace& space, int64_t most_rows);

  // The same rows where they have a layout or are of the space's own type; floats will always do: they are made states
  // for a table or one-hot rows, and in place of bytes a network takes them as they are. Of an observation of several
  // leaves they are those of all, one leaf after another. What is legal is asked of
  // those that were given. Valid until the next call. Throws deepq::Error where an observation has another size, holds
  // a NaN or an infinity, or is no state. No allocation.
  ObservationRows operator()(const ObservationRows& given);

 private:
  ObservationLayout layout_, reals_;  // of the space, without legal actions; of as many floats
  int64_t most_rows_;
  std::vector<std::byte> made_;  // rows that floats were made
};

}  // namespace deepq
