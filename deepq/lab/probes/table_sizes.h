// How many entries a table of values needs, for worlds that fit and for worlds that never will.
#pragma once

#include <cstdint>
#include <string>

#include "deepq/page/table.h"

namespace deepq::lab {

// "128^33,600, which is 1.8 x 10^70,802"; only "100^6, which is 10^12" where that is exact.
std::string power_text(int64_t base, int64_t exponent);

// Entries of the table for GridWorld-v0 of side x side cells, as the environment itself counts its states and actions.
int64_t grid_table_values(int64_t side);

page::Table table_sizes();

}  // namespace deepq::lab
