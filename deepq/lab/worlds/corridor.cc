#include "deepq/lab/worlds/corridor.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "deepq/core/streams.h"
#include "deepq/nn/kernels/flush_denormals.h"
#include "deepq/nn/network.h"
#include "deepq/nn/optimizer.h"

namespace deepq::lab {
namespace {

constexpr int64_t kFirstTurn = 9, kSecondTurn = 59;  // cells from which the next one lies in the other direction

struct Seen {
  int64_t cell, action;
};

// The expectation over the policy of q[0 ... actions).
template <class T>
double expected(const T* q, int64_t actions, int64_t best, double epsilon) {
  double mean = 0;
  for (int64_t a = 0; a < actions; ++a) mean += static_cast<double>(q[a]) / static_cast<double>(actions);
  return (1 - epsilon) * static_cast<double>(q[best]) + epsilon * mean;
}

// Reward and discounted value of what follows, as far as the network knows.
double target(const CorridorSettings& settings, const Rows& q, const Seen& seen) {
  const int64_t next = Corridor::next(seen.cell, seen.action);
  if (next == Corridor::kGoal) return 1;
  return settings.gamma * expected(q[next], settings.actions, Corridor::best_action(next), settings.epsilon);
}

double squared_error(const Rows& q, const std::vector<double>& truth, int64_t actions) {
  double sum = 0;
  for (int64_t cell = 0; cell < Corridor::kGoal; ++cell) {
    for (int64_t a = 0; a < actions; ++a) {
      const double error = static_cast<double>(q[cell][a]) - truth[static_cast<size_t>(cell * actions + a)];
      sum += error * error;
    }
  }
  return sum;
}

}  // namespace

int64_t Corridor::best_action(int64_t cell) { return cell < kFirstTurn || cell >= kSecondTurn ? kUp : kRight; }

int64_t Corridor::next(int64_t cell, int64_t action) {
  constexpr std::array<int64_t, 4> kOpposite = {kDown, kUp, kRight, kLeft};
  if (cell < kGoal && action == best_action(cell)) return cell + 1;
  // Back; every other action stays, and those beyond the fourth do nothing at all.
  if (cell > 0 && action < 4 && kOpposite[static_cast<size_t>(action)] == best_action(cell - 1)) return cell - 1;
  return cell;
}

std::vector<double> Corridor::action_values(int64_t actions, double epsilon, double gamma) {
  std::vector<double> q(static_cast<size_t>(kGoal * actions));
  double change = 1;
  while (change > 1e-13) {
    change = 0;
    for (int64_t cell = kGoal - 1; cell >= 0; --cell) {  // from the goal: most values follow from the next cell's
      for (int64_t a = 0; a < actions; ++a) {
        const int64_t to = next(cell, a);
        const double value =
            to == kGoal ? 1 : gamma * expected(q.data() + to * actions, actions, best_action(to), epsilon);
        double& old = q[static_cast<size_t>(cell * actions + a)];
        change = std::max(change, std::abs(value - old));
        old = value;
      }
    }
  }
  return q;
}

CorridorRun evaluate_in_corridor(const CorridorSettings& settings, uint64_t seed) {
  const FlushDenormals guard(settings.network.arithmetic);
  constexpr int64_t kCells = Corridor::kCells;
  Random start = random_stream(seed, Stream::kInitialization), random = random_stream(seed, Stream::kExperiment);
  Network network(settings.network, {.inputs = {{.shape = {kCells}}}, .actions = settings.actions}, kCells,
                  Trainable::kYes);
  network.initialize(start);
  // Adam with its defaults but for the step size; the paper names no optimiser.
  Optimizer optimizer({}, settings.network.numerics(), network.parameters().size());
  InputBuffer cells(kCells, kCells);  // all cells at once: a batch is then a choice among the rows
  for (int64_t cell = 0; cell < kCells; ++cell) cells.rows()[cell][cell] = 1;
  const std::vector<double> truth = Corridor::action_values(settings.actions, settings.epsilon, settings.gamma);

  std::vector<Seen> seen;
  int64_t cell = 0;
  CorridorRun run;
  for (int64_t update = 1; update <= settings.updates; ++update) {
    const bool explores = random.uniform() < settings.epsilon;
    const auto any = static_cast<int64_t>(random.below(static_cast<uint64_t>(settings.actions)));
    // Everything that was seen is kept: replay without an end.
    seen.push_back({cell, explores ? any : Corridor::best_action(cell)});
    cell = Corridor::next(cell, seen.back().action);
    if (cell == Corridor::kGoal) cell = 0;

    const Rows q = network.forward(cells.rows(), kCells);
    const Rows gradient = network.output_gradient();
    std::fill(gradient[0], gradient[kCells], 0.0f);  // rows that no sample is of get none
    for (int64_t i = 0; i < settings.batch; ++i) {
      const Seen& sample = seen[random.below(seen.size())];
      // A semi-gradient: the target is made of the same outputs and counts as a constant.
      const double error = static_cast<double>(q[sample.cell][sample.action]) - target(settings, q, sample);
      gradient[sample.cell][sample.action] += static_cast<float>(2 * error / static_cast<double>(settings.batch));
    }
    // Of the outputs before this update's step.
    if (update * kCorridorPoints / settings.updates > static_cast<int64_t>(run.error.size()))
      run.error.push_back(squared_error(q, truth, settings.actions));
    network.backward();
    optimizer.step(network.gradients(), network.parameters(), settings.learning_rate, network.team());
    network.parameters_changed();
  }
  return run;
}

}  // namespace deepq::lab
