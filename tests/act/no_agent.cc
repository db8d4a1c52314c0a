// The functions of deepq/act/act.h without what is behind them: what a program weighs that has no agent in it.
#include "deepq/act/act.h"
extern "C" {
deepq_act_agent* deepq_act_load(const void*, size_t) noexcept { return nullptr; }
void deepq_act_free(deepq_act_agent*) noexcept {}
const char* deepq_act_error(const deepq_act_agent*) noexcept { return ""; }
int64_t deepq_act_observation_size(const deepq_act_agent*) noexcept { return 0; }
int64_t deepq_act_action_count(const deepq_act_agent*) noexcept { return 0; }
int64_t deepq_act_first_action(const deepq_act_agent*) noexcept { return 0; }
const double* deepq_act_q_values(deepq_act_agent*, const void*, size_t, deepq_act_type) noexcept { return nullptr; }
int64_t deepq_act_action(deepq_act_agent*, const void*, size_t, deepq_act_type) noexcept { return 0; }
}
