#include "deepq/act/act.h"

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string_view>
#include <vector>

#include "deepq/agent/acting_policy.h"

struct DeepqActAgent {
  std::optional<deepq::ActingPolicy> policy;
  std::vector<uint64_t> legal;  // bits
  std::array<char, 512> error{};
};

namespace {

void say(DeepqActAgent& agent, std::string_view text) noexcept {
  const size_t length = std::min(text.size(), agent.error.size() - 1);
  std::copy_n(text.data(), length, agent.error.data());
  agent.error[length] = '\0';
}

// Does something with the agent that may fail; what it throws becomes the agent's error.
template <class Call>
void guarded(DeepqActAgent& agent, const Call& call) noexcept {
  say(agent, "");
  try {
    call();
  } catch (const std::bad_alloc&) {
    say(agent, "there is not enough memory");
  } catch (const std::exception& error) {
    say(agent, error.what());
  }
}

deepq::ObservationRows rows_of(const void* observation, size_t numbers, DeepqActType type) {
  switch (type) {
    case kDeepqActUint8:
      return {static_cast<const uint8_t*>(observation), numbers};
    case kDeepqActInt64:
      return {static_cast<const int64_t*>(observation), numbers};
    case kDeepqActFloat:
      break;
  }
  return {static_cast<const float*>(observation), numbers};
}

deepq::ObservationRows legally(const deepq::ObservationRows& row, DeepqActAgent& agent, const uint8_t* legal) {
  const int64_t actions = agent.policy->facts().actions.values();
  std::ranges::fill(agent.legal, 0);
  for (size_t a = 0; a < static_cast<size_t>(actions); ++a)
    if (legal[a]) deepq::allow(agent.legal, a);
  return row.where_legal(agent.legal, actions);
}

}  // namespace

DeepqActAgent* deepq_act_load(const void* file, size_t bytes) noexcept {
  auto* const agent = new (std::nothrow) DeepqActAgent;
  if (!agent) return nullptr;
  guarded(*agent, [&] {
    agent->policy.emplace(std::span(static_cast<const std::byte*>(file), bytes));
    agent->legal.resize(deepq::LegalActions::words_for(static_cast<size_t>(agent->policy->facts().actions.values())));
  });
  return agent;
}

void deepq_act_free(DeepqActAgent* agent) noexcept { delete agent; }

const char* deepq_act_error(const DeepqActAgent* agent) noexcept { return agent->error.data(); }

int64_t deepq_act_observation_size(const DeepqActAgent* agent) noexcept {
  return agent->policy ? agent->policy->observation_size() : 0;
}
int64_t deepq_act_action_count(const DeepqActAgent* agent) noexcept {
  return agent->policy ? agent->policy->facts().actions.count() : 0;
}
size_t deepq_act_axis_count(const DeepqActAgent* agent) noexcept {
  return agent->policy ? agent->policy->facts().actions.axis_count() : 0;
}
int64_t deepq_act_axis_size(const DeepqActAgent* agent, size_t axis) noexcept {
  return axis < deepq_act_axis_count(agent) ? agent->policy->facts().actions.axes()[axis] : 0;
}
int64_t deepq_act_first_action(const DeepqActAgent* agent) noexcept {
  return agent->policy ? agent->policy->facts().action_start : 0;
}

const double* deepq_act_q_values(DeepqActAgent* agent, const void* observation, size_t numbers,
                                 DeepqActType type) noexcept {
  if (!agent->policy) return nullptr;  // the error is still that of loading
  const double* values = nullptr;
  guarded(*agent, [&] { values = agent->policy->q_values(rows_of(observation, numbers, type)).data(); });
  return values;
}

int64_t deepq_act_action(DeepqActAgent* agent, const void* observation, size_t numbers, DeepqActType type,
                         const uint8_t* legal) noexcept {
  if (!agent->policy) return -1;
  int64_t action = -1;
  guarded(*agent, [&] {
    const deepq::ObservationRows row = rows_of(observation, numbers, type);
    action = agent->policy->act(legal ? legally(row, *agent, legal) : row);
  });
  return action;
}
