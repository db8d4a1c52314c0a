// What observations are: leaves, each of a kind and a shape. Environments say it once (EnvSpec), and whatever keeps,
// learns from or hands over observations asks here. Gymnasium's Box, Discrete and MultiBinary are a leaf each, Dict and
// Tuple have several, MultiDiscrete one for each of its numbers; a last one may say which actions are legal.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "deepq/core/archive.h"

namespace deepq {

enum class ObservationKind {
  kReal,      // float32 numbers
  kBytes,     // whole numbers from 0 to 255: replay keeps one byte each
  kDiscrete,  // one whole number, 0 to count - 1 (Gymnasium's Discrete): tables take it as it is, networks see it
              // one-hot
  kFrames,    // bytes, a stack of pictures: replay keeps each frame once, and convolutions see frames as channels
  kLegal,     // which actions are legal, a bit each (core/legal_actions.h): seen by what chooses, and by no network
};

struct ObservationLeaf {
  ObservationKind kind = ObservationKind::kReal;
  std::vector<int64_t> shape = {};  // {4}; pictures {height, width, channels}; frames {stack, height, width}, oldest
                                    // first; discrete {1}; legal {number of actions}
  int64_t count = 0, start = 0;     // discrete: so many, and what the environment's own users call the first
  std::string name = {};            // its place among several: "image", "robot/arm", "0" of a tuple; "": the only one
  std::string dtype = {};           // of what those users see, by NumPy's name; "": see numpy_dtype()
  std::vector<float> low = {}, high = {};  // bounds of each number; empty: not known
  bool channels_first = false;             // of pictures: {channels, height, width}; stacks of frames always are

  int64_t size() const;  // numbers
  // The dtype, or where none is said that of the kind: float32, int64 of states, uint8 of frames.
  std::string numpy_dtype() const;
  bool holds_bytes() const { return kind == ObservationKind::kBytes || kind == ObservationKind::kFrames; }
  // Real numbers of more than a byte: bits (bool; MultiBinary's int8) are none.
  bool is_measured() const { return kind == ObservationKind::kReal && dtype != "bool" && dtype != "int8"; }
  bool has_channels_first() const { return kind == ObservationKind::kFrames || channels_first; }
  // Of a picture: channels are few, pixels are many; of equal sides the last is the channels.
  bool has_fewer_channels_first() const { return shape.front() < shape.back(); }
  // Three dimensions and no stack of frames: [height, width, channels], or the channels first.
  bool is_picture() const { return kind != ObservationKind::kLegal && shape.size() == 3; }
  friend bool operator==(const ObservationLeaf&, const ObservationLeaf&) = default;
};

class ObservationSpace {
 public:
  ObservationSpace() = default;
  explicit ObservationSpace(std::vector<ObservationLeaf> leaves) : leaves_(std::move(leaves)) {}
  static ObservationSpace real(std::vector<int64_t> shape);
  static ObservationSpace bytes(std::vector<int64_t> shape);
  static ObservationSpace zeros_and_ones(std::vector<int64_t> shape);  // bytes within these bounds
  static ObservationSpace discrete(int64_t count, int64_t start = 0);
  static ObservationSpace frames(std::vector<int64_t> shape);  // {stack, height, width}

  const std::vector<ObservationLeaf>& leaves() const { return leaves_; }
  // Those that a network sees: all but legal actions.
  std::span<const ObservationLeaf> seen() const {
    return std::span(leaves_).first(leaves_.size() - (legal_actions() > 0 ? 1 : 0));
  }
  std::span<ObservationLeaf> seen() { return std::span(leaves_).first(std::as_const(*this).seen().size()); }
  // The same with the bounds of each number, of one leaf.
  ObservationSpace within(std::vector<float> low, std::vector<float> high) const;
  // The same, with a leaf behind the others that says which of so many actions are legal.
  ObservationSpace with_legal_actions(int64_t actions) const;
  // The number of actions of which it is said; 0: all are legal, always.
  int64_t legal_actions() const {
    return leaves_.empty() || leaves_.back().kind != ObservationKind::kLegal ? 0 : leaves_.back().size();
  }

  // The first; all that a network sees where is_single().
  bool is_single() const { return seen().size() == 1; }
  const ObservationLeaf& leaf() const { return leaves_.front(); }
  ObservationLeaf& leaf() { return leaves_.front(); }

  int64_t size() const;  // numbers in all, which legal actions are not
  const std::vector<int64_t>& shape() const { return leaf().shape; }
  int64_t states() const { return is(ObservationKind::kDiscrete) ? leaf().count : 0; }  // 0: it is not discrete
  int64_t frames_in_stack() const { return is(ObservationKind::kFrames) ? leaf().shape.front() : 0; }  // 0: no frames
  bool holds_bytes() const { return is_single() && leaf().holds_bytes(); }

  // Throws deepq::Error that begins with `where` for what no environment can have, or none that this library can keep.
  void check(const std::string& where) const;

  // Whether an agent of the one can act on the other: by kind of number, shape and where users count from.
  bool takes_same(const ObservationSpace& other) const;

  // Saves it, or becomes what was saved; what a file of an older version does not tell stays as it is. Throws
  // deepq::Error for what no space can be.
  void serialize(Archive& archive);

  // "5 states from -1", "observations of 84x84x3", "direction (4 states), image (7x7x3)"
  std::string text() const;

  friend bool operator==(const ObservationSpace&, const ObservationSpace&) = default;

 private:
  void serialize_legal_actions(Archive& archive);
  bool is(ObservationKind kind) const { return is_single() && leaf().kind == kind; }

  std::vector<ObservationLeaf> leaves_;
};

}  // namespace deepq
