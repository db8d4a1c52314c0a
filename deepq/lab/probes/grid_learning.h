// A table and a network that learn the same grid world from the same kind of data, and what they know of its cells.
#pragma once

#include <vector>

#include "deepq/config/run_config.h"
#include "deepq/env/grid_world.h"
#include "deepq/lab/experiment.h"

namespace deepq::lab {

struct GridPlan {
  int64_t side = 10;
  bool table = true;  // else the network
  int64_t most_steps = 0;
  bool stop_when_solved = true;
  std::vector<int64_t> closed = {};  // cells that are walls in training and free when it is tested
};

RunConfig grid_config(const GridPlan& plan);

// values: "solved_at" (environment steps when the greedy policy first found the goal from 95% of the cells; NaN: not
// within most_steps), "solved_fraction" (of the cells, at the end), "table_bytes" or "network_bytes" and
// "replay_bytes"; and over the cells that were closed in training ("unseen_") and all others ("seen_") at the end:
// "return" (see cell_returns) and "closer" (how often its actions lead nearer to the goal, ties as in cell_returns).
// curve: "solved_fraction".
JobResult learn_grid(const GridPlan& plan, const Job& job);

// Of every cell, its action values: q[cell * 4 + action].
using CellValues = std::vector<double>;

// The fraction of free cells from which always taking the first of the largest values comes to the goal in 4 x side
// steps.
double solved_fraction(const GridWorld& world, int64_t side, const CellValues& q);

// The expected discounted return from each cell when equal largest values are chosen among at random: a table that has
// never seen a cell does anything there. Exact, by dynamic programming.
std::vector<double> cell_returns(const GridWorld& world, const CellValues& q, double gamma);

// The block of side / 2 x side / 2 cells in the corner farthest from the goal, or in the middle.
std::vector<int64_t> corner_block(int64_t side);
std::vector<int64_t> middle_block(int64_t side);

}  // namespace deepq::lab
