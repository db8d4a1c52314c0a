#include "deepq/core/observation_space.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "deepq/core/error.h"
#include "deepq/core/states.h"

namespace deepq {
namespace {

// Far above any real observation (9,000 stacks of four 84 x 84 frames), far below what would overflow a size.
constexpr int64_t kMaxObservationSize = int64_t{1} << 28;
constexpr int64_t kMostLeaves = 4096, kMostStatesAmongOthers = int64_t{1} << 24;

ObservationSpace of_one(ObservationKind kind, std::vector<int64_t> shape) {
  return ObservationSpace({{.kind = kind, .shape = std::move(shape)}});
}

[[noreturn]] void refuse(const std::string& where, std::string_view what, int64_t value, std::string_view allowed) {
  throw Error::of(where, what, " is ", value, "; allowed: ", allowed);
}

void check_shape(const ObservationLeaf& leaf, const std::string& where) {
  if (leaf.shape.empty()) refuse(where, "the number of observation_shape's dimensions", 0, "at least 1");
  int64_t size = 1;
  for (const int64_t dimension : leaf.shape) {
    if (dimension < 1) refuse(where, "a dimension of observation_shape", dimension, "at least 1");
    if (dimension > kMaxObservationSize / size)
      refuse(where, "a dimension of observation_shape", dimension, "2^28 in all");
    size *= dimension;
  }
}

void check_states(const ObservationLeaf& leaf, const std::string& where, int64_t leaves) {
  // Beside others they are asked for as floats, too.
  if (leaves > 1 && (leaf.count < 1 || leaf.count > kMostStatesAmongOthers))
    refuse(where, "the number of states", leaf.count, "1 to 16777216 beside other observations");
  if (leaf.count < 1 || leaf.count > kMostStates)
    refuse(where, "the number of states", leaf.count, "1 to 1099511627776");
  if (leaf.size() != 1) refuse(where, "the size of an observation that is a state", leaf.size(), "1");
  const int64_t most = largest_start(leaf.count);
  if (leaf.start > most)
    throw Error::of(where, "state_start is ", leaf.start, " with ", leaf.count,
                    " numbers from there on; allowed: up to ", most, ", as the last must be below 2^63");
}

// The kind is told by the counts: files have no other word for it.
void serialize_leaf(Archive& archive, ObservationLeaf& one) {
  const bool loading = archive.loading();
  const auto has = [&](std::string_view name) { return !loading || archive.contains(name); };
  archive.vector("observation_shape", one.shape, {1, kMaxObservationSize});
  int64_t size = 1;
  for (const int64_t dimension : one.shape)
    archive.check("observation_shape: the product", size *= dimension, {1, kMaxObservationSize});
  int64_t most_stack = one.shape.empty() ? 0 : one.shape[0];
  int64_t stack = one.kind == ObservationKind::kFrames ? most_stack : 0;
  archive.value("state_count", one.count, {0, kMostStates});
  if (one.count > 0) archive.check("observation_shape: the product", size, {1, 1});
  if (has("state_start")) archive.value("state_start", one.start, {kAnyValue<int64_t>.least, largest_start(one.count)});
  if (has("frame_stack")) archive.value("frame_stack", stack, {0, kMaxObservationSize});
  if (stack > 0) archive.check("frame_stack", stack, {most_stack, most_stack});
  if (loading) one.channels_first = false;  // in older files all pictures but stacks of frames had their channels last
  if (has("channels_first")) archive.value("channels_first", one.channels_first);
  if (has("observation_dtype")) archive.text("observation_dtype", one.dtype);
  if (!loading) return;
  one.kind = one.count > 0          ? ObservationKind::kDiscrete
             : stack > 0            ? ObservationKind::kFrames
             : one.dtype == "uint8" ? ObservationKind::kBytes
                                    : ObservationKind::kReal;
}

// Of `count` leaves of a space.
void check_leaf(const ObservationLeaf& leaf, const std::string& where, int64_t count) {
  check_shape(leaf, where);
  if (leaf.kind == ObservationKind::kDiscrete) check_states(leaf, where, count);
  if (leaf.kind == ObservationKind::kFrames && leaf.shape.size() != 3)
    refuse(where, "the number of dimensions of a stack of frames", static_cast<int64_t>(leaf.shape.size()),
           "3 (stack, height, width)");
  if (count > 1 && (leaf.kind == ObservationKind::kFrames || leaf.kind == ObservationKind::kLegal))
    throw Error::of(where, "stacks of frames and legal actions are no parts of an observation among others");
  for (const std::vector<float>* bounds : {&leaf.low, &leaf.high})
    if (!bounds->empty() && static_cast<int64_t>(bounds->size()) != leaf.size())
      refuse(where, "the number of an observation's bounds", static_cast<int64_t>(bounds->size()),
             "none, or one for each of its numbers");
}

// "84x84x3", "5 states from -1"
std::string leaf_text(const ObservationLeaf& leaf) {
  if (leaf.kind == ObservationKind::kDiscrete)
    return std::to_string(leaf.count) + " states" + (leaf.start == 0 ? "" : " from " + std::to_string(leaf.start));
  std::vector<std::string> sizes;
  for (const int64_t size : leaf.shape) sizes.push_back(std::to_string(size));
  return join(sizes, "x");
}

}  // namespace

int64_t ObservationLeaf::size() const {
  int64_t size = 1;
  for (const int64_t dimension : shape) size *= dimension;
  return size;
}

std::string ObservationLeaf::numpy_dtype() const {
  if (!dtype.empty()) return dtype;
  switch (kind) {
    case ObservationKind::kDiscrete:
      return "int64";
    case ObservationKind::kFrames:
      return "uint8";
    case ObservationKind::kLegal:
      return "int8";  // as Gymnasium's worlds have it
    case ObservationKind::kReal:
    case ObservationKind::kBytes:  // whole numbers, but the library's own worlds hand them over as floats
      return "float32";
  }
  return "float32";
}

ObservationSpace ObservationSpace::real(std::vector<int64_t> shape) {
  return of_one(ObservationKind::kReal, std::move(shape));
}
ObservationSpace ObservationSpace::bytes(std::vector<int64_t> shape) {
  return of_one(ObservationKind::kBytes, std::move(shape));
}
ObservationSpace ObservationSpace::zeros_and_ones(std::vector<int64_t> shape) {
  const ObservationSpace space = bytes(std::move(shape));
  const auto size = static_cast<size_t>(space.size());
  return space.within(std::vector<float>(size, 0), std::vector<float>(size, 1));
}
ObservationSpace ObservationSpace::frames(std::vector<int64_t> shape) {
  return of_one(ObservationKind::kFrames, std::move(shape));
}
ObservationSpace ObservationSpace::discrete(int64_t count, int64_t start) {
  return ObservationSpace({{.kind = ObservationKind::kDiscrete, .shape = {1}, .count = count, .start = start}});
}

ObservationSpace ObservationSpace::within(std::vector<float> low, std::vector<float> high) const {
  ObservationSpace space = *this;
  space.leaf().low = std::move(low);
  space.leaf().high = std::move(high);
  return space;
}

ObservationSpace ObservationSpace::with_legal_actions(int64_t actions) const {
  DEEPQ_ASSERT(legal_actions() == 0);
  ObservationSpace space = *this;
  space.leaves_.push_back({.kind = ObservationKind::kLegal, .shape = {actions}});
  return space;
}

int64_t ObservationSpace::size() const {
  int64_t size = 0;
  for (const ObservationLeaf& leaf : leaves_) size += leaf.kind == ObservationKind::kLegal ? 0 : leaf.size();
  return size;
}

// Absent in files where all actions are legal.
void ObservationSpace::serialize_legal_actions(Archive& archive) {
  int64_t actions = legal_actions();
  if (archive.loading() ? !archive.contains("legal_actions") : actions == 0) return;
  archive.value("legal_actions", actions, {1, kMaxObservationSize});
  if (archive.loading()) leaves_.push_back({.kind = ObservationKind::kLegal, .shape = {actions}});
}

// Of one leaf as every checkpoint has it, of several the others in scopes of their own, and whether actions are legal.
void ObservationSpace::serialize(Archive& archive) {
  int64_t count = static_cast<int64_t>(seen().size());
  if (archive.loading()) {
    count = 1;
    if (archive.contains("leaf_count")) archive.value("leaf_count", count, {2, kMostLeaves});
    // What is there stays as far as a file does not tell it.
    leaves_.resize(seen().size());
    leaves_.resize(static_cast<size_t>(count));
  } else if (count > 1) {
    archive.value("leaf_count", count, {2, kMostLeaves});
  }
  for (int64_t i = 0; i < count; ++i) {
    ObservationLeaf& one = leaves_[static_cast<size_t>(i)];
    std::optional<Archive::Scope> scope;
    if (i > 0) scope.emplace(archive, "leaf_" + std::to_string(i));
    serialize_leaf(archive, one);
    // Of one part whose dtype is not uint8 bytes are to a network what floats are; beside others they are divided.
    bool bytes = one.kind == ObservationKind::kBytes;
    if (count > 1) archive.value("observation_of_bytes", bytes);
    if (count > 1 && bytes) one.kind = ObservationKind::kBytes;
    if (archive.loading() ? archive.contains("observation_name") : !one.name.empty())
      archive.text("observation_name", one.name);
  }
  serialize_legal_actions(archive);
}

void ObservationSpace::check(const std::string& where) const {
  const std::span<const ObservationLeaf> all = seen();
  const auto count = static_cast<int64_t>(all.size());
  if (count < 1 || count > kMostLeaves) refuse(where, "the number of observation_space's leaves", count, "1 to 4096");
  int64_t size = 0;
  for (const ObservationLeaf& one : all) {
    const std::string of_leaf = one.name.empty() ? where : where + "observation '" + one.name + "': ";
    check_leaf(one, of_leaf, count);
    size += one.size();
    if (size > kMaxObservationSize) refuse(where, "the size of an observation", size, "2^28 in all");
  }
  std::vector<std::string> names;
  for (const ObservationLeaf& one : all) names.push_back(one.name);
  std::ranges::sort(names);
  if (const auto twice = std::ranges::adjacent_find(names); twice != names.end())
    throw Error::of(where, "two parts of an observation are called '", *twice, "'");
}

bool ObservationSpace::takes_same(const ObservationSpace& other) const {
  return std::ranges::equal(leaves_, other.leaves_, [](const ObservationLeaf& one, const ObservationLeaf& two) {
    const bool discrete = one.kind == ObservationKind::kDiscrete, also = two.kind == ObservationKind::kDiscrete;
    const bool legal = one.kind == ObservationKind::kLegal, legal_too = two.kind == ObservationKind::kLegal;
    return discrete == also && legal == legal_too && one.shape == two.shape && one.count == two.count &&
           one.start == two.start && one.name == two.name;
  });
}

std::string ObservationSpace::text() const {
  const std::string legal = legal_actions() > 0 ? " with legal actions" : "";
  if (is_single() && leaf().name.empty()) return (states() > 0 ? "" : "observations of ") + leaf_text(leaf()) + legal;
  std::vector<std::string> parts;
  for (const ObservationLeaf& one : seen()) parts.push_back(one.name + " (" + leaf_text(one) + ")");
  return join(parts) + legal;
}

}  // namespace deepq
