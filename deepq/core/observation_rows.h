// Observations in memory. A row holds one observation, leaf after leaf, each number in its leaf's own type: float32 of
// real ones, uint8 of bytes and frames, int64 of the state of a discrete one; behind them, where the space says which
// actions are legal, a bit for each in words of 64. So rows stay from the environment to
// replay and rollouts; a network's floats are made of them once, by encode(). What a row is made of is
// ObservationLayout's to know and nobody else's.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ranges>
#include <span>
#include <string_view>
#include <vector>

#include "deepq/core/archive.h"
#include "deepq/core/error.h"
#include "deepq/core/legal_actions.h"
#include "deepq/core/observation_space.h"

namespace deepq {

enum class Element : uint8_t {
  kFloat32,
  kUint8,
  kInt64,
  kInt32,  // the handle of a frame, where replay keeps one in place of its pixels (replay/frame_store.h)
};

template <class T>
concept ElementType =
    std::same_as<T, float> || std::same_as<T, uint8_t> || std::same_as<T, int64_t> || std::same_as<T, int32_t>;

template <ElementType T>
inline constexpr Element kElementOf = std::same_as<T, float>     ? Element::kFloat32
                                      : std::same_as<T, uint8_t> ? Element::kUint8
                                      : std::same_as<T, int64_t> ? Element::kInt64
                                                                 : Element::kInt32;

template <class Range>
concept ElementRange = std::ranges::contiguous_range<Range> && std::ranges::sized_range<Range> &&
    ElementType<std::remove_cv_t<std::ranges::range_value_t<Range>>>;

// One observation, a view.
class ObservationRow {
 public:
  ObservationRow() = default;
  explicit ObservationRow(std::span<const std::byte> bytes) : bytes_(bytes) {}
  // One leaf's numbers.
  template <ElementRange Numbers>
  ObservationRow(const Numbers& numbers)
      : bytes_(std::as_bytes(std::span(std::ranges::data(numbers), std::ranges::size(numbers)))) {}

  bool empty() const { return bytes_.empty(); }
  std::span<const std::byte> bytes() const { return bytes_; }

  // Of a row of one leaf, whose type T is.
  template <ElementType T>
  std::span<const T> as() const {
    DEEPQ_ASSERT(bytes_.size() % sizeof(T) == 0);
    return {reinterpret_cast<const T*>(bytes_.data()), bytes_.size() / sizeof(T)};
  }
  int64_t state() const { return as<int64_t>()[0]; }

 private:
  std::span<const std::byte> bytes_;
};

// Where a network's input is written, a row of floats for each observation.
struct InputRows {
  float* data = nullptr;
  int64_t stride = 0;  // floats from row to row
  // [row, discrete leaf]: the column that is 1. All others of such a leaf are 0, and stay so: of many thousand columns
  // two are written. Null: all are written, as where the memory is not known to be zero.
  int64_t* hot = nullptr;
  uint64_t* legal = nullptr;  // [row, word]: bits of the legal actions; null where all are
};

class ObservationLayout {
 public:
  ObservationLayout() = default;                     // of no leaves
  ObservationLayout(const ObservationSpace& space);  // of a space that check() lets pass
  // Of so many handles in place of an observation.
  static ObservationLayout handles(int64_t count);

  int64_t row_bytes() const { return row_bytes_; }        // a multiple of alignment()
  int64_t number_bytes() const { return number_bytes_; }  // of a row without its legal actions
  int64_t alignment() const { return alignment_; }        // of a row
  int64_t size() const { return size_; }                  // numbers of a row
  // Floats that a network sees: one for each number, and for each state of a discrete leaf.
  int64_t input_size() const { return input_size_; }
  int64_t discrete_leaves() const { return discrete_leaves_; }
  int64_t leaf_count() const { return static_cast<int64_t>(leaves_.size()); }  // without legal actions
  // Where a leaf's numbers are, in a row or in one of number_bytes().
  std::span<std::byte> leaf(std::span<std::byte> row, size_t i) const;
  std::span<const std::byte> leaf(ObservationRow row, size_t i) const;
  // The same of observations that do not say which actions are legal.
  ObservationLayout without_legal_actions() const;
  // Which actions are legal, of a row.
  int64_t legal_words() const {  // 0: all are, always
    return static_cast<int64_t>(LegalActions::words_for(static_cast<size_t>(legal_actions_)));
  }
  LegalActions legal(ObservationRow row) const {
    return LegalActions(
        {reinterpret_cast<const uint64_t*>(row.bytes().data() + legal_offset_), static_cast<size_t>(legal_words())});
  }
  // Where a row's bits are written.
  std::span<uint64_t> legal(std::span<std::byte> row) const {
    return {reinterpret_cast<uint64_t*>(row.data() + legal_offset_), static_cast<size_t>(legal_words())};
  }

  // Float32 and nothing else: a row is its network's input.
  bool is_real() const { return all_real_ && legal_actions_ == 0; }
  // Of a layout of one leaf.
  Element element() const { return leaves_.front().element; }
  int64_t states() const { return leaves_.front().count; }  // 0: it is not discrete

  // Throws deepq::Error that says what is allowed, for a row of another size, a number that is not finite, a state that
  // is none, a bit of an action that is none.
  void check(ObservationRow row) const;

  // Makes a row of floats, as users and their environments hand observations over, but for its legal actions. Throws
  // deepq::Error as check(), for bytes also where a number is not a whole one from 0 to 255.
  void take_numbers(std::span<const float> numbers, std::span<std::byte> row) const;
  // The reverse. Throws deepq::Error for a state that is no float32.
  void put_numbers(ObservationRow row, std::span<float> numbers) const;

  // Writes the i-th row of a network's input.
  void encode(ObservationRow row, const InputRows& to, int64_t i) const {
    float* const input = to.data + i * to.stride;
    if (all_real_)
      std::memcpy(input, row.bytes().data(), static_cast<size_t>(number_bytes_));
    else
      encode_leaves(row, input, to.hot ? to.hot + i * discrete_leaves_ : nullptr);
    if (to.legal) copy_legal(row, to.legal + i * legal_words());
  }

  // Rows, under one name and in the leaf's type; `shape` is that of its numbers, one dimension by default. Files of
  // before rows were kept hold floats: they are converted. Of several leaves, or with legal actions: whole rows, as
  // bytes. Throws deepq::Error for what cannot be.
  void serialize(Archive& archive, std::string_view name, std::span<std::byte> rows,
                 std::vector<int64_t> shape = {}) const;

  friend bool operator==(const ObservationLayout&, const ObservationLayout&) = default;

 private:
  struct Leaf {
    Element element = Element::kFloat32;
    int64_t offset = 0, size = 0;  // in bytes from the row's begin; numbers
    int64_t count = 0;             // states
    friend bool operator==(const Leaf&, const Leaf&) = default;
  };

  void copy_legal(ObservationRow row, uint64_t* to) const {
    const std::span<const uint64_t> words = legal(row).words();
    if (words.size() == 1)
      *to = words[0];  // nearly always; a copy of any length costs several times as much
    else
      std::ranges::copy(words, to);
  }
  void add(Element element, int64_t size, int64_t count);
  void add_legal(int64_t actions);
  void serialize_numbers(Archive& archive, std::string_view name, std::span<std::byte> rows,
                         std::vector<int64_t> shape) const;
  void encode_leaves(ObservationRow row, float* input, int64_t* hot) const;
  void take_saved(std::span<const float> saved, std::span<std::byte> rows) const;
  template <ElementType T>
  static std::span<const T> numbers(ObservationRow row, const Leaf& leaf) {
    return {reinterpret_cast<const T*>(row.bytes().data() + leaf.offset), static_cast<size_t>(leaf.size)};
  }

  std::vector<Leaf> leaves_;
  int64_t row_bytes_ = 0, number_bytes_ = 0, alignment_ = 1, size_ = 0, input_size_ = 0, discrete_leaves_ = 0;
  int64_t legal_offset_ = 0, legal_actions_ = 0;  // bytes from a row's begin to its bits; of how many actions
  bool all_real_ = true;                          // all numbers
};

// Observations, row after row, a view. It says what its rows are, or was made of plain numbers: then those of one
// observation or several, whose receiver knows the layout. Which actions are legal is said by the rows, or beside them.
class ObservationRows {
 public:
  ObservationRows() = default;
  // `layout` must live as long.
  ObservationRows(const ObservationLayout& layout, std::span<const std::byte> rows)
      : layout_(&layout), element_(layout.element()), bytes_(rows) {}
  template <ElementRange Numbers>
  ObservationRows(const Numbers& numbers)
      : element_(kElementOf<std::remove_cv_t<std::ranges::range_value_t<Numbers>>>),
        bytes_(ObservationRow(numbers).bytes()) {}
  template <ElementType T>
  ObservationRows(const T* numbers, size_t count) : ObservationRows(std::span(numbers, count)) {}

  // The same numbers with which of `actions` are legal: bits [row, LegalActions::words_for(actions)], a view.
  ObservationRows where_legal(std::span<const uint64_t> words, int64_t actions) const {
    ObservationRows rows = *this;
    rows.legal_ = words;
    rows.legal_words_ = LegalActions::words_for(static_cast<size_t>(actions));
    return rows;
  }

  bool has_layout() const { return layout_ != nullptr; }
  const ObservationLayout& layout() const { return *layout_; }
  Element element() const { return element_; }  // of a layout of one leaf
  std::span<const std::byte> bytes() const { return bytes_; }
  int64_t numbers() const;  // in all of them

  // The same with a layout: its own, or this one, whose numbers it must have been made of.
  ObservationRows in(const ObservationLayout& layout) const {
    if (layout_) return *this;
    DEEPQ_ASSERT(element_ == layout.element() && bytes_.size() % static_cast<size_t>(layout.row_bytes()) == 0);
    return {layout, bytes_};
  }

  // These need a layout, but for legal actions.
  int64_t count() const { return static_cast<int64_t>(bytes_.size()) / layout_->row_bytes(); }
  ObservationRow operator[](int64_t i) const {
    const auto size = static_cast<size_t>(layout_->row_bytes());
    return ObservationRow(bytes_.subspan(static_cast<size_t>(i) * size, size));
  }

  // Whether they say which actions are legal; what may be done there: all of it, where they do not.
  bool say_legal() const { return !legal_.empty() || (layout_ && layout_->legal_words() > 0); }
  LegalActions legal(int64_t i) const {
    if (!legal_.empty()) return LegalActions(legal_.subspan(static_cast<size_t>(i) * legal_words_, legal_words_));
    return layout_ ? layout_->legal((*this)[i]) : LegalActions();
  }

  // All numbers, where there is one leaf and nothing else.
  template <ElementType T>
  std::span<const T> as() const {
    DEEPQ_ASSERT(element_ == kElementOf<T>);
    return ObservationRow(bytes_).as<T>();
  }

 private:
  const ObservationLayout* layout_ = nullptr;
  Element element_ = Element::kFloat32;
  std::span<const std::byte> bytes_;
  std::span<const uint64_t> legal_;  // [row, word]; empty: as the rows say
  size_t legal_words_ = 0;
};

// Throws deepq::Error that names the first of `values` that is not a whole number from 0 to 255.
void require_bytes(std::span<const float> values);

}  // namespace deepq
