// The functions of deepq/act/act.h without what is behind them: what a program weighs that has no agent in it.
#include "deepq/act/act.h"
extern "C" {
DeepqActAgent* deepq_act_load(const void*, size_t) noexcept { return nullptr; }
void deepq_act_free(DeepqActAgent*) noexcept {}
const char* deepq_act_error(const DeepqActAgent*) noexcept { return ""; }
int64_t deepq_act_observation_size(const DeepqActAgent*) noexcept { return 0; }
int64_t deepq_act_action_count(const DeepqActAgent*) noexcept { return 0; }
size_t deepq_act_axis_count(const DeepqActAgent*) noexcept { return 0; }
int64_t deepq_act_axis_size(const DeepqActAgent*, size_t) noexcept { return 0; }
int64_t deepq_act_first_action(const DeepqActAgent*) noexcept { return 0; }
const double* deepq_act_q_values(DeepqActAgent*, const void*, size_t, DeepqActType) noexcept { return nullptr; }
int64_t deepq_act_action(DeepqActAgent*, const void*, size_t, DeepqActType, const uint8_t*) noexcept { return 0; }
}
