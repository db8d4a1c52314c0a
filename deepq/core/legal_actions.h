// Which actions are legal in a state. Environments say it with each observation (EnvSpec, ObservationSpace), rows carry
// it as bits, and whatever chooses or maximises goes by it (agent/choose.h).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace deepq {

// A view: bit a % 64 of word a / 64 says it of action a. Without words all are legal.
class LegalActions {
 public:
  static constexpr size_t kWordBits = 64;
  static constexpr size_t words_for(size_t actions) { return (actions + kWordBits - 1) / kWordBits; }

  LegalActions() = default;
  explicit LegalActions(std::span<const uint64_t> words) : words_(words) {}

  bool all() const { return words_.empty(); }
  bool operator()(size_t action) const {
    const size_t bit = first_ + action;
    return all() || (words_[bit / kWordBits] >> (bit % kWordBits) & 1) != 0;
  }
  // The same counted from an action on.
  LegalActions from(size_t action) const {
    LegalActions legal = *this;
    legal.first_ += action;
    return legal;
  }
  // Bits beyond the last action are 0.
  bool none() const {
    return !all() && std::ranges::all_of(words_, [](uint64_t word) { return word == 0; });
  }
  std::span<const uint64_t> words() const { return words_; }

 private:
  std::span<const uint64_t> words_;
  size_t first_ = 0;
};

// Makes one action legal, in words that were 0.
inline void allow(std::span<uint64_t> words, size_t action) {
  words[action / LegalActions::kWordBits] |= uint64_t{1} << (action % LegalActions::kWordBits);
}

}  // namespace deepq
