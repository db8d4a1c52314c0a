#include "deepq/agent/rollout.h"

#include <algorithm>

#include "deepq/replay/bytes.h"

namespace deepq {

RolloutObservations::RolloutObservations(int64_t rows, int64_t size, bool bytes)
    : size_(size),
      bytes_(bytes ? static_cast<size_t>(rows * size) : 0),
      floats_(bytes ? 0 : static_cast<size_t>(rows * size)) {}

void RolloutObservations::put(int64_t first, std::span<const float> observations) {
  const auto at = static_cast<size_t>(first * size_);
  if (bytes_.empty()) {
    std::ranges::copy(observations, &floats_[at]);
  } else {
    require_bytes(observations);
    put_bytes(observations, &bytes_[at]);
  }
}

void RolloutObservations::copy(int64_t row, float* to) const {
  const auto at = static_cast<size_t>(row * size_);
  if (bytes_.empty())
    std::copy_n(&floats_[at], size_, to);
  else
    std::copy_n(&bytes_[at], size_, to);
}

void RolloutObservations::serialize(Archive& archive, int64_t rows) {
  const auto count = static_cast<size_t>(rows * size_);
  if (bytes_.empty())
    archive.array("observations", std::span(floats_).first(count), {rows, size_});
  else
    archive.array("observations", std::span(bytes_).first(count), kAnyValue<uint8_t>, {rows, size_});
}

}  // namespace deepq
