// What crosses the board in MinAtar's Seaquest: fish, submarines, divers and shots, each kind in a list without
// allocation.
#pragma once

#include <algorithm>

#include "deepq/core/error.h"
#include "deepq/env/minatar.h"

namespace deepq::minatar {

// Shots move in every step and leave the two waits at 0.
struct Swimmer {
  int8_t column = 0, row = 0;
  int8_t heading = 1;  // -1: to the left
  int8_t move_wait = 0, shot_wait = 0;
  bool operator==(const Swimmer&) const = default;
};

// In order of arrival. The capacity: the fastest enemies need 30 steps to cross the board, and at most one comes in
// each.
class Shoal {
 public:
  int size() const { return size_; }
  Swimmer& operator[](int i) { return swimmers_[static_cast<size_t>(i)]; }
  std::span<const Swimmer> all() const { return std::span(swimmers_).first(static_cast<size_t>(size_)); }
  void clear() { size_ = 0; }

  void add(const Swimmer& swimmer) {
    if (size_ == kCapacity) return;  // only in a state that no game leads to: a file can hold one
    swimmers_[static_cast<size_t>(size_++)] = swimmer;
  }

  // The reference finds what it removes by its value, so of equal ones the oldest goes. They can stand for each other,
  // but their places in the order decide which of several in one cell is hit later.
  void remove(const Swimmer swimmer) {
    remove_first([&](const Swimmer& other) { return other == swimmer; });
  }

  // The oldest in that cell; false when there is none.
  bool remove_at(const Swimmer& place) {
    return remove_first([&](const Swimmer& other) { return other.column == place.column && other.row == place.row; });
  }

  void serialize(Archive& archive, std::string_view name) {
    const auto scope = archive.scope(name);
    archive.value("size", size_, {0, kCapacity});
    serialize_pieces<Swimmer>(archive, "swimmers", swimmers_);
    for (const Swimmer& swimmer : all()) {  // the others are what was left over
      archive.check("swimmers: a column", int32_t{swimmer.column}, kOnBoard);
      archive.check("swimmers: a row", int32_t{swimmer.row}, {0, kSide - 2});
      check_heading(archive, "swimmers: a heading", swimmer.heading);
      archive.check("swimmers: a wait", int{swimmer.move_wait}, {0, kLongestWait});
      archive.check("swimmers: a wait", int{swimmer.shot_wait}, {0, kLongestWait});
    }
  }

 private:
  static constexpr int kCapacity = 48, kLongestWait = 10;

  template <class Matches>
  bool remove_first(const Matches& matches) {
    const auto end = swimmers_.begin() + size_;
    const auto found = std::find_if(swimmers_.begin(), end, matches);
    if (found == end) return false;
    std::copy(found + 1, end, found);
    --size_;
    return true;
  }

  std::array<Swimmer, kCapacity> swimmers_{};
  int32_t size_ = 0;
};

}  // namespace deepq::minatar
