#include "deepq/lab/probes/grid_learning.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "deepq/agent/choose.h"
#include "deepq/core/finite.h"
#include "deepq/env/registry.h"
#include "deepq/lab/training.h"
#include "deepq/train/make_algorithm.h"

namespace deepq::lab {
namespace {

constexpr int64_t kActions = 4;
constexpr double kEnough = 0.95;   // of the cells
constexpr double kNextLook = 1.1;  // times the steps of the last
constexpr double kExactTo = 1e-12;

std::span<const double> row(const CellValues& q, int64_t cell) {
  return std::span(q).subspan(static_cast<size_t>(cell * kActions), kActions);
}

GridWorld open_world(int64_t side) { return GridWorld({.rows = side, .columns = side}); }

CellValues values_of(Policy& policy, const GridPlan& plan) {
  CellValues values;
  const auto scale = static_cast<float>(plan.side - 1);
  for (int64_t cell = 0; cell < plan.side * plan.side; ++cell) {
    const int64_t row = cell / plan.side, column = cell % plan.side;
    // As GridWorld gives them: 0 to 1 along each side.
    const std::array<float, 2> coordinates = {static_cast<float>(row) / scale, static_cast<float>(column) / scale};
    const std::array<int64_t, 1> number = {cell};
    const std::span<const double> q =
        policy.q_values(plan.table ? ObservationRows(number) : ObservationRows(coordinates));
    values.insert(values.end(), q.begin(), q.end());
  }
  return values;
}

// Chances of the four actions: equal among the largest values.
std::array<double, kActions> chances(std::span<const double> q) {
  const double largest = largest_value(q);
  // A table knows nothing of cells that it never saw: all actions are equal there, and chance is its policy.
  const auto ties = static_cast<double>(std::count(q.begin(), q.end(), largest));
  std::array<double, kActions> chances{};
  for (size_t a = 0; a < q.size(); ++a) chances[a] = q[a] == largest ? 1 / ties : 0;
  return chances;
}

// The goal is the last cell and there are no walls: down and right lead nearer, except along the edge.
double chance_of_nearer(const GridWorld& world, int64_t cell, std::span<const double> q) {
  double sum = 0;
  for (size_t a = 0; a < q.size(); ++a)
    if (world.outcomes(cell, static_cast<int64_t>(a))[0].next_state > cell) sum += chances(q)[a];
  return sum;
}

void measure_cells(const GridPlan& plan, const CellValues& q, double gamma, JobResult& result) {
  const GridWorld world = open_world(plan.side);
  const std::vector<double> returns = cell_returns(world, q, gamma);
  std::array<double, 2> count{}, value{}, nearer{};
  // All cells but the goal.
  for (const int32_t cell : world.starts()) {
    const size_t unseen = std::find(plan.closed.begin(), plan.closed.end(), cell) != plan.closed.end();
    ++count[unseen];
    value[unseen] += returns[static_cast<size_t>(cell)];
    nearer[unseen] += chance_of_nearer(world, cell, row(q, cell));
  }
  for (const size_t unseen : {0, 1}) {
    const std::string group = unseen ? "unseen_" : "seen_";
    result.values[group + "return"] = value[unseen] / count[unseen];
    result.values[group + "closer"] = nearer[unseen] / count[unseen];
  }
}

void measure_memory(const GridPlan& plan, const RunConfig& config, const EnvSpec& env, JobResult& result) {
  const AlgorithmShape shape = algorithm_shape(config, env);
  if (plan.table) {
    result.values["table_bytes"] = static_cast<double>(Tabular::bytes(tabular_settings(config, shape)));
    return;
  }
  // As plan_memory() counts it for a run.
  const DqnConfig dqn = dqn_config(config, shape);
  result.values["network_bytes"] = static_cast<double>(Dqn::learner_bytes(dqn));
  result.values["replay_bytes"] = static_cast<double>(Dqn::replay_bytes(dqn, config.replay.capacity));
}

}  // namespace

RunConfig grid_config(const GridPlan& plan) {
  // Epsilon stays 1: both learners watch the same uniformly random actions.
  RunConfig config = configure("chapter", {"env.id=GridWorld-v0", "agent.bootstrap_at_truncation=true",
                                           "exploration.epsilon_end=1", "replay.capacity=100000"});
  GridWorldOptions& grid = config.env_options.grid_world;
  grid.rows = grid.columns = plan.side;
  grid.walls = plan.closed;
  // Twice the longest way, 2 side - 2 steps from corner to corner, and a little.
  grid.max_episode_steps = 4 * plan.side;
  grid.observation = plan.table ? GridWorldOptions::Observation::kOneHot : GridWorldOptions::Observation::kCoordinates;
  if (plan.table) config.agent.algorithm = AlgorithmKind::kQLearning;
  config.tabular.learning_rate = 1;  // nothing here is random: the table at its best
  config.train.episodes = 0;
  config.train.env_steps = plan.most_steps;
  return config;
}

JobResult learn_grid(const GridPlan& plan, const Job& job) {
  RunConfig config = grid_config(plan);
  config.train.seed = job.seed;
  Trainer trainer(config, find_env(config.env.id, config.env_options));
  const GridWorld world = open_world(plan.side);
  JobResult result;
  result.values["solved_at"] = kNaN;
  Curve& curve = result.curves["solved_fraction"];
  double next_look = 100, fraction = 0;
  while (!trainer.done() && !(plan.stop_when_solved && fraction >= kEnough)) {
    trainer.step();
    const auto steps = static_cast<double>(trainer.env_steps());
    if (trainer.env_steps() % 1000 == 0) job.report(steps / static_cast<double>(plan.most_steps));
    // At intervals that grow by a tenth: solved_at is known to 10%, and looking costs less than learning.
    if (steps < next_look && !trainer.done()) continue;
    next_look = std::ceil(next_look * kNextLook);
    fraction = solved_fraction(world, plan.side, values_of(trainer.policy(), plan));
    curve.x.push_back(steps);
    curve.y.push_back(fraction);
    if (fraction >= kEnough && std::isnan(result.values["solved_at"])) result.values["solved_at"] = steps;
  }
  result.values["solved_fraction"] = fraction;
  measure_memory(plan, config, trainer.env_spec(), result);
  measure_cells(plan, values_of(trainer.policy(), plan), config.agent.gamma, result);
  return result;
}

double solved_fraction(const GridWorld& world, int64_t side, const CellValues& q) {
  double solved = 0;
  for (const int32_t start : world.starts()) {
    int64_t cell = start;
    // Twice the longest way; a greedy policy that goes round in circles never arrives.
    for (int64_t step = 0; step < 4 * side && !world.is_goal(cell); ++step)
      cell = world.outcomes(cell, greedy_action(row(q, cell)))[0].next_state;
    solved += world.is_goal(cell);
  }
  return solved / static_cast<double>(world.starts().size());
}

std::vector<double> cell_returns(const GridWorld& world, const CellValues& q, double gamma) {
  std::vector<double> values(q.size() / kActions);
  for (double moved = 1; moved > kExactTo;) {
    moved = 0;
    // From the far corner to the first: most ways lead to later cells.
    for (auto start = world.starts().rbegin(); start != world.starts().rend(); ++start) {
      const std::array<double, kActions> chance = chances(row(q, *start));
      double value = 0;
      for (size_t a = 0; a < chance.size(); ++a) {
        const auto [outcome] = world.outcomes(*start, static_cast<int64_t>(a));
        const double following = outcome.terminated ? 0 : values[static_cast<size_t>(outcome.next_state)];
        value += chance[a] * (outcome.reward + gamma * following);
      }
      double& here = values[static_cast<size_t>(*start)];
      moved = std::max(moved, std::abs(value - here));
      here = value;
    }
  }
  return values;
}

namespace {

std::vector<int64_t> block(int64_t side, int64_t first) {
  std::vector<int64_t> cells;
  for (int64_t r = first; r < first + side / 2; ++r)
    for (int64_t c = first; c < first + side / 2; ++c) cells.push_back(r * side + c);
  return cells;
}

}  // namespace

std::vector<int64_t> corner_block(int64_t side) { return block(side, 0); }

std::vector<int64_t> middle_block(int64_t side) { return block(side, side / 4); }

}  // namespace deepq::lab
