#include "deepq/replay/sum_tree.h"

#include <algorithm>
#include <utility>

#include "deepq/core/error.h"

namespace deepq {
namespace {

// In pairs: three additions deep and not seven, and always in this order, so that restored weights give the same sums.
double sum_of_eight(const double* x) { return ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + (x[6] + x[7])); }

// Takes `target` down to one of the eight children: the first whose running sum passes it.
int64_t descend(const double* children, double& target) {
  double sum = 0, before = 0;
  int64_t child = 0;
  for (int i = 0; i < 8; ++i) {  // no branches: which child it is cannot be predicted
    sum += children[i];
    const bool passed = sum <= target;
    child += passed;
    before = passed ? sum : before;
  }
  target -= before;
  if (child == 8) {  // rounding, at the end of a node's range: its last child that weighs anything
    do --child;
    while (child > 0 && children[child] == 0);
    target = children[child];
  }
  return child;
}

}  // namespace

SumTree::SumTree(int64_t capacity) {
  DEEPQ_ASSERT(capacity >= 1);
  sizes_[0] = capacity;
  int64_t end = 0;
  for (;; ++top_) {
    // Whole families of eight, so that no sum looks past its level; what pads the last one weighs 0.
    offsets_[top_] = end;
    end += (sizes_[top_] + kFan - 1) / kFan * kFan;
    if (sizes_[top_] == 1) break;
    sizes_[top_ + 1] = (sizes_[top_] + kFan - 1) / kFan;
  }
  nodes_ = AlignedBuffer<double>(static_cast<size_t>(end));
}

int64_t SumTree::bytes(int64_t capacity) {
  int64_t nodes = 0;
  for (int64_t size = capacity;; size = (size + kFan - 1) / kFan) {
    nodes += (size + kFan - 1) / kFan * kFan;
    if (size == 1) return nodes * static_cast<int64_t>(sizeof(double));
  }
}

void SumTree::set(int64_t index, double weight) {
  DEEPQ_ASSERT(index >= 0 && index < capacity() && weight >= 0);
  nodes(0)[index] = weight;
  // From the leaf up, each sum made anew: a difference that is added would leave its rounding behind for good.
  for (size_t level = 0; level < top_; ++level) {
    index /= kFan;
    nodes(level + 1)[index] = sum_of_eight(nodes(level) + kFan * index);
  }
}

void SumTree::set(std::span<const int64_t> indices, std::span<const double> weights) {
  DEEPQ_ASSERT(indices.size() == weights.size());
  for (size_t i = 0; i < indices.size(); i += kFew) {
    const size_t count = std::min(kFew, indices.size() - i);  // `stale` lies on the stack, 2 KB
    set_few(indices.subspan(i, count), weights.subspan(i, count));
  }
}

void SumTree::set_few(std::span<const int64_t> indices, std::span<const double> weights) {
  std::array<int64_t, kFew> stale;  // nodes to sum anew on the present level; neighbours named once
  size_t count = 0;
  const auto add = [&](int64_t node) {
    // Not a set: a node that is named twice apart from itself is summed twice, which is right and seldom.
    if (count == 0 || stale[count - 1] != node) stale[count++] = node;
  };
  for (size_t i = 0; i < indices.size(); ++i) {
    DEEPQ_ASSERT(indices[i] >= 0 && indices[i] < capacity() && weights[i] >= 0);
    nodes(0)[indices[i]] = weights[i];
    add(indices[i] / kFan);
  }
  for (size_t level = 1; level <= top_; ++level) {
    const double* children = nodes(level - 1);
    double* sums = nodes(level);
    // Their parents take the place of the nodes as these are done: never more of them than were read.
    const size_t all = std::exchange(count, 0);
    for (size_t i = 0; i < all; ++i) {
      const int64_t node = stale[i];
      sums[node] = sum_of_eight(children + kFan * node);
      add(node / kFan);
    }
  }
}

void SumTree::find(std::span<double> targets, std::span<int64_t> indices) const {
  DEEPQ_ASSERT(targets.size() == indices.size() && total() > 0);
  std::fill(indices.begin(), indices.end(), 0);
  for (size_t level = top_; level > 0; --level) {
    const double* children = nodes(level - 1);
    // All targets go down one level before any goes on, so that the cache misses of a batch are awaited together.
    const double* next = level > 1 ? nodes(level - 2) : children;
    for (size_t i = 0; i < indices.size(); ++i) {
      const int64_t node = kFan * indices[i] + descend(children + kFan * indices[i], targets[i]);
      indices[i] = node;
      if (level > 1) __builtin_prefetch(next + kFan * node);
    }
  }
}

void SumTree::sum_up(int64_t count) {
  for (size_t level = 1; level <= top_; ++level) {
    count = (count + kFan - 1) / kFan;
    for (int64_t node = 0; node < count; ++node) nodes(level)[node] = sum_of_eight(nodes(level - 1) + kFan * node);
  }
}

}  // namespace deepq
