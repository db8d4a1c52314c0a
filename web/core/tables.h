// What the page's controls are made from: the program's own tables, so that none can go stale.
#pragma once

#include <string>

namespace deepq::web {

// {"version", "keys": [{"key", "value", "allowed", "doc", "words"}], "presets": [{"name", "text", "env", "values"}],
// "envs", "faults"} as JSON; `value` is the default, `values` are those of the preset that are not.
std::string tables();

}  // namespace deepq::web
