// What the page's controls are made from: the program's own tables, so that none can go stale.
#pragma once

#include <string>

namespace deepq::web {

// {"version", "keys": [{"key", "value", "allowed", "doc", "words"}], "presets": [{"name", "text", "env"}], "envs",
// "faults"} as JSON; `value` is the default.
std::string tables();

}  // namespace deepq::web
