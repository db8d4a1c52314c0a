// Which program this is, as far as results go.
#pragma once

#include <string_view>

namespace deepq::lab {

// SHA-256 over all sources that compute a result (core, nn, replay, env, agent, config, train, the lab, the
// presets; not what keeps, compares or shows results), the compiler and its options: cmake/SourceHash.cmake. Another
// build of the same sources has the same.
std::string_view source_hash();

}  // namespace deepq::lab
