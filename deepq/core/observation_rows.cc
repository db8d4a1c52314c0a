#include "deepq/core/observation_rows.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>
#include <utility>

#include "deepq/core/finite.h"
#include "deepq/core/states.h"

namespace deepq {
namespace {

// Calls with std::type_identity of the type that `element` stands for.
template <class Call>
auto with_type(Element element, const Call& call) {
  switch (element) {
    case Element::kUint8:
      return call(std::type_identity<uint8_t>{});
    case Element::kInt64:
      return call(std::type_identity<int64_t>{});
    case Element::kInt32:
      return call(std::type_identity<int32_t>{});
    case Element::kFloat32:
      break;
  }
  return call(std::type_identity<float>{});
}

int64_t round_up(int64_t bytes, int64_t to) { return (bytes + to - 1) / to * to; }

int64_t bytes_of(Element element) {
  return with_type(element, []<class T>(std::type_identity<T>) { return static_cast<int64_t>(sizeof(T)); });
}

Element element_of(ObservationKind kind) {
  switch (kind) {
    case ObservationKind::kReal:
      return Element::kFloat32;
    case ObservationKind::kBytes:
    case ObservationKind::kFrames:
      return Element::kUint8;
    case ObservationKind::kDiscrete:
      return Element::kInt64;
    case ObservationKind::kLegal:
      break;  // no numbers
  }
  return Element::kFloat32;
}

// 0 for a whole number from 0 to 255. In integers, which the compiler makes vectors of, and which see a denormal where
// those are flushed, too. Added to 2^23 a whole number from 0 to 255 is the low byte, and comes back by subtracting; of
// others something is lost, or a higher bit is set.
inline uint32_t wrong_bits(float value) {
  constexpr float kShift = 0x1p23f;
  const float shifted = value + kShift;
  const uint32_t lost = std::bit_cast<uint32_t>(shifted - kShift) ^ std::bit_cast<uint32_t>(value);
  const uint32_t higher = (std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(kShift)) >> 8;
  return higher | (lost & 0x7fffffff);  // -0 is 0
}

template <class T>
T* at(std::span<std::byte> row, int64_t offset) {
  return reinterpret_cast<T*>(row.data() + offset);
}

// What was saved, of any type that rows were ever saved in, as the floats that users would hand over.
std::vector<float> saved_numbers(Archive& archive, std::string_view name, size_t count, std::vector<int64_t> shape) {
  std::vector<float> numbers(count);
  if (archive.holds<uint8_t>(name)) {
    std::vector<uint8_t> bytes(count);
    archive.array(name, bytes, kAnyValue<uint8_t>, std::move(shape));
    std::ranges::copy(bytes, numbers.begin());
  } else {
    archive.array(name, numbers, std::move(shape));
  }
  return numbers;
}

}  // namespace

void require_bytes(std::span<const float> values) {
  uint32_t wrong = 0;
  for (const float value : values) wrong |= wrong_bits(value);
  if (wrong == 0) return;
  const auto first = std::ranges::find_if(values, [](float value) { return wrong_bits(value) != 0; });
  throw Error::of("number ", first - values.begin(), " of a byte observation is ", *first,
                  "; allowed: whole numbers from 0 to 255");
}

ObservationLayout::ObservationLayout(const ObservationSpace& space) {
  for (const ObservationLeaf& leaf : space.leaves())
    if (leaf.kind != ObservationKind::kLegal) add(element_of(leaf.kind), leaf.size(), leaf.count);
  if (space.legal_actions() > 0) add_legal(space.legal_actions());
}

ObservationLayout ObservationLayout::handles(int64_t count) {
  ObservationLayout layout;
  layout.add(Element::kInt32, count, 0);
  return layout;
}

void ObservationLayout::add(Element element, int64_t size, int64_t count) {
  const int64_t width = bytes_of(element), offset = round_up(number_bytes(), width);
  leaves_.push_back({.element = element, .offset = offset, .size = size, .count = count});
  alignment_ = std::max(alignment_, width);
  number_bytes_ = offset + width * size;
  row_bytes_ = round_up(number_bytes_, alignment_);
  size_ += size;
  input_size_ += element == Element::kInt64 ? count : size;
  discrete_leaves_ += element == Element::kInt64;
  all_real_ = all_real_ && element == Element::kFloat32;
}

void ObservationLayout::add_legal(int64_t actions) {
  constexpr int64_t kWord = sizeof(uint64_t);
  legal_offset_ = round_up(number_bytes(), kWord);
  legal_actions_ = actions;
  alignment_ = std::max(alignment_, kWord);
  row_bytes_ = round_up(legal_offset_ + kWord * legal_words(), alignment_);
}

ObservationLayout ObservationLayout::without_legal_actions() const {
  ObservationLayout layout;
  for (const Leaf& leaf : leaves_) layout.add(leaf.element, leaf.size, leaf.count);
  return layout;
}

std::span<std::byte> ObservationLayout::leaf(std::span<std::byte> row, size_t i) const {
  const Leaf& leaf = leaves_[i];
  return row.subspan(static_cast<size_t>(leaf.offset), static_cast<size_t>(leaf.size * bytes_of(leaf.element)));
}

std::span<const std::byte> ObservationLayout::leaf(ObservationRow row, size_t i) const {
  const Leaf& leaf = leaves_[i];
  return row.bytes().subspan(static_cast<size_t>(leaf.offset), static_cast<size_t>(leaf.size * bytes_of(leaf.element)));
}

void ObservationLayout::check(ObservationRow row) const {
  if (static_cast<int64_t>(row.bytes().size()) != row_bytes_)
    throw Error::of("the observation has ", row.bytes().size(), " bytes; allowed: ", row_bytes_);
  for (const Leaf& leaf : leaves_) {
    if (leaf.element == Element::kFloat32) {
      const std::span<const float> reals = numbers<float>(row, leaf);
      if (!all_finite(reals)) throw Error(not_finite_text(reals));
    } else if (leaf.element == Element::kInt64) {
      require_state(numbers<int64_t>(row, leaf)[0], leaf.count);
    }
  }
  // Words that are not full have bits of no action: at every step, so not bit by bit.
  const auto used = static_cast<size_t>(legal_actions_) % LegalActions::kWordBits;
  const LegalActions bits = legal(row);
  if (used == 0 || bits.words().back() >> used == 0) return;
  const auto first = static_cast<size_t>(std::countr_zero(bits.words().back() >> used));
  throw Error::of("action ", static_cast<size_t>(legal_actions_) + first, " is said to be legal; allowed: 0 to ",
                  legal_actions_ - 1);
}

void ObservationLayout::take_numbers(std::span<const float> given, std::span<std::byte> row) const {
  if (static_cast<int64_t>(given.size()) != size_)
    throw Error::of("the observation has ", given.size(), " numbers; allowed: ", size_);
  for (const Leaf& leaf : leaves_) {
    const std::span<const float> from = given.first(static_cast<size_t>(leaf.size));
    given = given.subspan(from.size());
    switch (leaf.element) {
      case Element::kFloat32:
        if (!all_finite(from)) throw Error(not_finite_text(from));
        std::ranges::copy(from, at<float>(row, leaf.offset));
        break;
      case Element::kUint8:
        require_bytes(from);
        std::ranges::transform(from, at<uint8_t>(row, leaf.offset),
                               [](float x) { return static_cast<uint8_t>(static_cast<int32_t>(x)); });
        break;
      case Element::kInt64:
        *at<int64_t>(row, leaf.offset) = state_of(from[0], leaf.count);
        break;
      case Element::kInt32:  // handles were kept as floats with the same bits
        std::memcpy(row.data() + leaf.offset, from.data(), from.size_bytes());
        break;
    }
  }
}

void ObservationLayout::put_numbers(ObservationRow row, std::span<float> to) const {
  for (const Leaf& leaf : leaves_) {
    const std::span<float> part = to.first(static_cast<size_t>(leaf.size));
    to = to.subspan(part.size());
    if (leaf.element == Element::kFloat32) {
      std::ranges::copy(numbers<float>(row, leaf), part.begin());
    } else if (leaf.element == Element::kUint8) {
      std::ranges::copy(numbers<uint8_t>(row, leaf), part.begin());
    } else {
      const int64_t state = numbers<int64_t>(row, leaf)[0];
      part[0] = static_cast<float>(state);
      if (static_cast<int64_t>(part[0]) != state)
        throw Error::of("the observation is state ", state, ", which a float32 does not tell from its neighbours");
    }
  }
}

void ObservationLayout::encode_leaves(ObservationRow row, float* input, int64_t* hot) const {
  for (const Leaf& leaf : leaves_) {
    switch (leaf.element) {
      case Element::kFloat32:
        input = std::ranges::copy(numbers<float>(row, leaf), input).out;
        break;
      case Element::kUint8:
        input = std::ranges::copy(numbers<uint8_t>(row, leaf), input).out;
        break;
      case Element::kInt64: {
        const int64_t state = numbers<int64_t>(row, leaf)[0];
        DEEPQ_ASSERT(state >= 0 && state < leaf.count);  // whoever took it in has checked it
        if (hot)
          input[std::exchange(*hot++, state)] = 0;
        else
          std::fill_n(input, leaf.count, 0.0f);
        input[state] = 1;
        input += leaf.count;
        break;
      }
      case Element::kInt32:
        DEEPQ_ASSERT(false);  // handles are no observation
    }
  }
}

int64_t ObservationRows::numbers() const {
  return layout_ ? count() * layout_->size() : static_cast<int64_t>(bytes_.size()) / bytes_of(element_);
}

void ObservationLayout::serialize(Archive& archive, std::string_view name, std::span<std::byte> rows,
                                  std::vector<int64_t> shape) const {
  if (legal_actions_ == 0 && leaves_.size() == 1) return serialize_numbers(archive, name, rows, std::move(shape));
  // Whole rows: an archive keeps views of what it saves, so nothing can be taken apart for it here.
  const auto bytes = static_cast<size_t>(row_bytes_);
  archive.array(name, std::span(reinterpret_cast<uint8_t*>(rows.data()), rows.size()), kAnyValue<uint8_t>,
                {static_cast<int64_t>(rows.size() / bytes), row_bytes_});
  for (size_t at = 0; archive.loading() && at < rows.size(); at += bytes)
    check(ObservationRow(rows.subspan(at, bytes)));
}

void ObservationLayout::serialize_numbers(Archive& archive, std::string_view name, std::span<std::byte> rows,
                                          std::vector<int64_t> shape) const {
  const Leaf& leaf = leaves_.front();
  with_type(leaf.element, [&]<class T>(std::type_identity<T>) {
    const std::span<T> numbers(at<T>(rows, 0), rows.size() / sizeof(T));
    if (archive.loading() && !archive.holds<T>(name)) {
      take_saved(saved_numbers(archive, name, numbers.size(), std::move(shape)), rows);
    } else if constexpr (WholeNumber<T>) {
      const Limits<T> allowed = leaf.count > 0 ? Limits<T>{0, static_cast<T>(leaf.count - 1)} : kAnyValue<T>;
      archive.array(name, numbers, allowed, std::move(shape));
    } else {
      archive.array(name, numbers, std::move(shape));
    }
  });
}

void ObservationLayout::take_saved(std::span<const float> saved, std::span<std::byte> rows) const {
  const auto size = static_cast<size_t>(size_), bytes = static_cast<size_t>(row_bytes_);
  for (size_t i = 0; i < saved.size() / size; ++i)
    take_numbers(saved.subspan(i * size, size), rows.subspan(i * bytes, bytes));
}

}  // namespace deepq
