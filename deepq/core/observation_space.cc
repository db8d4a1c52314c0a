#include "deepq/core/observation_space.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "deepq/core/error.h"
#include "deepq/core/states.h"

namespace deepq {
namespace {

// Far above any real observation (9,000 stacks of four 84 x 84 frames), far below what would overflow a size.
constexpr int64_t kMaxObservationSize = int64_t{1} << 28;

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

void check_states(const ObservationLeaf& leaf, const std::string& where) {
  if (leaf.count < 1 || leaf.count > kMostStates)
    refuse(where, "the number of states", leaf.count, "1 to 1099511627776");
  if (leaf.size() != 1) refuse(where, "the size of an observation that is a state", leaf.size(), "1");
  const int64_t most = largest_start(leaf.count);
  if (leaf.start > most)
    throw Error::of(where, "state_start is ", leaf.start, " with ", leaf.count,
                    " numbers from there on; allowed: up to ", most, ", as the last must be below 2^63");
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
ObservationSpace ObservationSpace::frames(std::vector<int64_t> shape) {
  return of_one(ObservationKind::kFrames, std::move(shape));
}
ObservationSpace ObservationSpace::discrete(int64_t count, int64_t start) {
  return ObservationSpace({{.kind = ObservationKind::kDiscrete, .shape = {1}, .count = count, .start = start}});
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
  if (archive.loading() ? !archive.contains("legal_actions") : actions == 0) {
    leaves_.resize(1);
    return;
  }
  archive.value("legal_actions", actions, {1, kMaxObservationSize});
  leaves_.resize(1);
  leaves_.push_back({.kind = ObservationKind::kLegal, .shape = {actions}});
}

// One leaf, as every checkpoint has it, and whether another says which actions are legal. The kind is told by the
// counts: files have no other word for it.
void ObservationSpace::serialize(Archive& archive) {
  const bool loading = archive.loading();
  if (leaves_.empty()) leaves_.resize(1);
  ObservationLeaf& one = leaf();
  const auto has = [&](std::string_view name) { return !loading || archive.contains(name); };
  archive.vector("observation_shape", one.shape, {1, kMaxObservationSize});
  int64_t size = 1;
  for (const int64_t dimension : one.shape)
    archive.check("observation_shape: the product", size *= dimension, {1, kMaxObservationSize});
  int64_t stack = frames_in_stack(), most_stack = one.shape.empty() ? 0 : one.shape[0];
  archive.value("state_count", one.count, {0, kMostStates});
  if (one.count > 0) archive.check("observation_shape: the product", size, {1, 1});
  if (has("state_start")) archive.value("state_start", one.start, {kAnyValue<int64_t>.least, largest_start(one.count)});
  if (has("frame_stack")) archive.value("frame_stack", stack, {0, kMaxObservationSize});
  if (stack > 0) archive.check("frame_stack", stack, {most_stack, most_stack});
  if (loading) one.channels_first = false;  // in older files all pictures but stacks of frames had their channels last
  if (has("channels_first")) archive.value("channels_first", one.channels_first);
  if (has("observation_dtype")) archive.text("observation_dtype", one.dtype);
  serialize_legal_actions(archive);
  if (!loading) return;
  leaf().kind = leaf().count > 0          ? ObservationKind::kDiscrete
                : stack > 0               ? ObservationKind::kFrames
                : leaf().dtype == "uint8" ? ObservationKind::kBytes
                                          : ObservationKind::kReal;
}

void ObservationSpace::check(const std::string& where) const {
  const size_t seen = leaves_.size() - (legal_actions() > 0 ? 1 : 0);
  if (seen != 1 || is(ObservationKind::kLegal))
    refuse(where, "the number of observation_space's leaves", static_cast<int64_t>(leaves_.size()),
           "1, and a second one of legal actions");
  check_shape(leaf(), where);
  if (is(ObservationKind::kDiscrete)) check_states(leaf(), where);
  if (is(ObservationKind::kFrames) && leaf().shape.size() != 3)
    refuse(where, "the number of dimensions of a stack of frames", static_cast<int64_t>(leaf().shape.size()),
           "3 (stack, height, width)");
  for (const std::vector<float>* bounds : {&leaf().low, &leaf().high})
    if (!bounds->empty() && static_cast<int64_t>(bounds->size()) != leaf().size())
      refuse(where, "the number of an observation's bounds", static_cast<int64_t>(bounds->size()),
             "none, or one for each of its numbers");
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
  if (states() > 0)
    return std::to_string(states()) + " states" + (leaf().start == 0 ? "" : " from " + std::to_string(leaf().start)) +
           legal;
  std::vector<std::string> sizes;
  for (const int64_t size : shape()) sizes.push_back(std::to_string(size));
  return "observations of " + join(sizes, "x") + legal;
}

}  // namespace deepq
