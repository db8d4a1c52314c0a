// What is said of an id that nobody knows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace deepq {

// "; did you mean 'ALE/Pong-v5'?" for PongNoFrameskip-v4: the known id of the same name in whatever case and version,
// or else the nearest. `has_source`: others than the library's own environments may be known here too (set_env_source);
// where none are, what they bring is said ("LunarLander-v3 comes with the Python package: python -m deepq ...").
std::string advice_on_env(std::string_view id, const std::vector<std::string>& known, bool has_source);

}  // namespace deepq
