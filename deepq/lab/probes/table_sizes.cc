#include "deepq/lab/probes/table_sizes.h"

#include <cmath>

#include "deepq/env/grid_world.h"
#include "deepq/page/text.h"

namespace deepq::lab {
namespace {

std::string whole(double value) { return page::fixed_text(value, 0); }

std::string bytes_text(double bytes) {
  for (const char* unit : {"bytes", "kB", "MB", "GB"}) {
    if (bytes < 1000) return page::brief_text(bytes) + " " + unit;
    bytes /= 1000;
  }
  return page::brief_text(bytes) + " TB";
}

}  // namespace

std::string power_text(int64_t base, int64_t exponent) {
  // 128^33600 is beyond any double: only its logarithm is computed.
  const double logarithm = static_cast<double>(exponent) * std::log10(static_cast<double>(base));
  const double power = std::floor(logarithm), leading = std::pow(10, logarithm - power);
  std::string text = std::to_string(base) + "^" + whole(static_cast<double>(exponent)) + ", which is ";
  if (leading > 1) text += page::fixed_text(leading, 1) + " x ";
  return text + "10^" + whole(power);
}

int64_t grid_table_values(int64_t side) {
  const GridWorld world({.rows = side, .columns = side});
  return world.spec().observation_space.states() * world.spec().action_count;
}

page::Table table_sizes() {
  page::Table table{.caption = "What a table must hold (8 bytes each)",
                    .columns = {"world", "states", "values", "memory"},
                    .rows = {}};
  for (const int64_t side : {4, 10, 100}) {
    const auto values = static_cast<double>(grid_table_values(side));
    table.rows.push_back({"grid of " + std::to_string(side) + " x " + std::to_string(side) + ", 4 actions",
                          whole(values / 4), whole(values), bytes_text(8 * values)});
  }
  constexpr int64_t kPositions = 100, kJoints = 6;
  // 100^6 states of 8 bytes.
  table.rows.push_back({"robot of 6 joints, 100 positions each", power_text(kPositions, kJoints), "x actions",
                        bytes_text(8e12) + " x actions"});
  constexpr int64_t kColors = 128, kPixels = 210 * 160;
  table.rows.push_back(
      {"Atari screen, 210 x 160, 128 colours", power_text(kColors, kPixels), "x actions", "none would do"});
  table.rows.push_back({"continuous state", "infinitely many", "", ""});
  return table;
}

}  // namespace deepq::lab
