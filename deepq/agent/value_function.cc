#include "deepq/agent/value_function.h"

#include <algorithm>
#include <numeric>

#include "deepq/core/error.h"
#include "deepq/nn/kernels/flush_denormals.h"

namespace deepq {
namespace {

void draw_noise(Network& network, Random& noise) { network.sample_noise(noise); }
void draw_noise(LearningEngine& engine, Random& noise) { engine.sample_noise(ParameterCopy::kOnline, noise); }

}  // namespace

NetworkValues::NetworkValues(Source network, const ObservationSpace& space, const AgentConfig& agent, Numerics numerics,
                             int64_t action_count, int64_t rows)
    : network_(network),
      rows_(rows),
      action_count_(action_count),
      arithmetic_(numerics.arithmetic),
      of_outputs_(agent, numerics, action_count, rows),
      observations_(space, rows),
      plain_(observations_.layout().without_legal_actions()),
      values_(static_cast<size_t>(rows * action_count)) {}

bool NetworkValues::noisy() const {
  return std::visit([](const auto* network) { return network->noisy(); }, network_);
}

int64_t NetworkValues::memory_size() const {
  return std::visit([](const auto* network) { return network->memory_size(); }, network_);
}

std::span<const double> NetworkValues::values(const ObservationRows& observations, Random* noise,
                                              std::span<float> memory) {
  const FlushDenormals guard(arithmetic_);
  const ObservationRows given = observations.in(plain_);
  const int64_t rows = given.count();
  DEEPQ_ASSERT(rows <= rows_);
  observations_.put(given);
  const Rows q = std::visit(
      [&](auto* network) {
        // Without noise a noisy network acts by its means alone.
        if (kLearns && noise)
          draw_noise(*network, *noise);
        else if (network->noisy())
          network->mute_noise();
        return of_outputs_(*network, observations_, rows, memory);
      },
      network_);
  for (int64_t i = 0; i < rows; ++i) std::copy_n(q[i], action_count_, values_.data() + i * action_count_);
  return std::span(values_).first(static_cast<size_t>(rows * action_count_));
}

int64_t NetworkValues::bytes(const ObservationSpace& space, int64_t rows) {
  return ObservationBatch::bytes(space, rows);
}

TableValues::TableValues(const std::vector<double>& table, const std::vector<double>& second,
                         const ObservationSpace& space, int64_t action_count, int64_t rows)
    : table_(table),
      second_(second),
      plain_(ObservationLayout(space).without_legal_actions()),
      action_count_(static_cast<size_t>(action_count)),
      values_(static_cast<size_t>(rows * action_count)) {}

std::span<const double> TableValues::values(const ObservationRows& observations, Random*, std::span<float>) {
  const ObservationRows given = observations.in(plain_);
  const auto rows = static_cast<size_t>(given.count());
  const std::span<double> all = std::span(values_).first(rows * action_count_);
  for (size_t i = 0; i < rows; ++i) {
    const ObservationRow observation = given[static_cast<int64_t>(i)];
    given.layout().check(observation);
    fill(observation.state(), all.subspan(i * action_count_, action_count_));
  }
  return all;
}

std::span<const double> TableValues::of_state(int64_t state) {
  const std::span<double> row = std::span(values_).first(action_count_);
  fill(state, row);
  return row;
}

void TableValues::fill(int64_t state, std::span<double> row) const {
  const size_t from = static_cast<size_t>(state) * action_count_;
  for (size_t a = 0; a < action_count_; ++a)
    // Double Q-learning acts by the mean of both tables; std::midpoint does not overflow.
    row[a] = second_.empty() ? table_[from + a] : std::midpoint(table_[from + a], second_[from + a]);
}

}  // namespace deepq
