// Keys as C++ has them: which member of RunConfig a key of --set and TOML is.
#pragma once

#include <string>
#include <string_view>

namespace deepq {

// "agent.double_q" of "agent.double"; most keys are their own member, and so is what is no key.
std::string config_member(std::string_view key);

}  // namespace deepq
