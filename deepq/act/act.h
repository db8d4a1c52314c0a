// Acting alone, without the rest of the library (docs/cpp.md): an agent from the bytes of a file that
// `deepq export --safetensors` wrote. Target deepq::act: no files, no threads, no exceptions out of it, and no memory
// taken but by load(). It acts as deepq::Policy does, bit for bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

// What the library has. It may have been compiled by another compiler, with another standard library.
extern "C" {
struct DeepqActAgent;
enum DeepqActType { kDeepqActFloat, kDeepqActUint8, kDeepqActInt64 };

DeepqActAgent* deepq_act_load(const void* file, std::size_t bytes) noexcept;  // null: not even memory for an error
void deepq_act_free(DeepqActAgent*) noexcept;
const char* deepq_act_error(const DeepqActAgent*) noexcept;  // of the last call; "": none
std::int64_t deepq_act_observation_size(const DeepqActAgent*) noexcept;
std::int64_t deepq_act_action_count(const DeepqActAgent*) noexcept;
std::size_t deepq_act_axis_count(const DeepqActAgent*) noexcept;
std::int64_t deepq_act_axis_size(const DeepqActAgent*, std::size_t axis) noexcept;
std::int64_t deepq_act_first_action(const DeepqActAgent*) noexcept;
const double* deepq_act_q_values(DeepqActAgent*, const void* observation, std::size_t numbers, DeepqActType) noexcept;
std::int64_t deepq_act_action(DeepqActAgent*, const void* observation, std::size_t numbers, DeepqActType,
                              const std::uint8_t* legal) noexcept;
}

namespace deepq {

// One agent; not to be used by two threads at once.
class Actor {
 public:
  Actor() = default;
  // The bytes are not kept. Where they are no such file, is_loaded() is false and error() says why.
  Actor(const void* file, std::size_t bytes) noexcept : agent_(deepq_act_load(file, bytes)) {}
  Actor(Actor&& other) noexcept : agent_(std::exchange(other.agent_, nullptr)) {}
  Actor& operator=(Actor&& other) noexcept {
    std::swap(agent_, other.agent_);
    return *this;
  }
  ~Actor() { deepq_act_free(agent_); }

  bool is_loaded() const noexcept { return action_count() > 0; }
  // What was wrong with the file or with the last observation; "" where nothing was.
  const char* error() const noexcept { return agent_ ? deepq_act_error(agent_) : "no agent is loaded"; }

  std::int64_t observation_size() const noexcept { return agent_ ? deepq_act_observation_size(agent_) : 0; }
  std::int64_t action_count() const noexcept { return agent_ ? deepq_act_action_count(agent_) : 0; }
  // Of actions on several axes: the choices of each. An action is the number of a combination, the last axis fastest,
  // and there are values, and bytes of what is legal, for each axis' choices, axis after axis.
  std::size_t axis_count() const noexcept { return agent_ ? deepq_act_axis_count(agent_) : 0; }
  std::int64_t axis_size(std::size_t axis) const noexcept { return agent_ ? deepq_act_axis_size(agent_, axis) : 0; }
  // What the environment's users call the first action; here it is 0.
  std::int64_t first_action() const noexcept { return agent_ ? deepq_act_first_action(agent_) : 0; }

  // The greedy action, or the values of all actions, valid until the next call; -1 and null where error() says what is
  // wrong with the observation. That is observation_size() numbers: floats always do, else what the environment gives,
  // bytes of pixels and the int64 that a discrete observation is. `legal`: a byte for each action (of several axes each
  // choice), 0 where it must not be taken; one that learnt which are legal acts by nothing else.
  std::int64_t act(const float* observation, std::size_t numbers, const std::uint8_t* legal = nullptr) noexcept {
    return agent_ ? deepq_act_action(agent_, observation, numbers, kDeepqActFloat, legal) : -1;
  }
  std::int64_t act(const std::uint8_t* observation, std::size_t numbers, const std::uint8_t* legal = nullptr) noexcept {
    return agent_ ? deepq_act_action(agent_, observation, numbers, kDeepqActUint8, legal) : -1;
  }
  std::int64_t act(const std::int64_t* observation, std::size_t numbers, const std::uint8_t* legal = nullptr) noexcept {
    return agent_ ? deepq_act_action(agent_, observation, numbers, kDeepqActInt64, legal) : -1;
  }
  const double* q_values(const float* observation, std::size_t numbers) noexcept {
    return agent_ ? deepq_act_q_values(agent_, observation, numbers, kDeepqActFloat) : nullptr;
  }
  const double* q_values(const std::uint8_t* observation, std::size_t numbers) noexcept {
    return agent_ ? deepq_act_q_values(agent_, observation, numbers, kDeepqActUint8) : nullptr;
  }
  const double* q_values(const std::int64_t* observation, std::size_t numbers) noexcept {
    return agent_ ? deepq_act_q_values(agent_, observation, numbers, kDeepqActInt64) : nullptr;
  }

 private:
  DeepqActAgent* agent_ = nullptr;
};

}  // namespace deepq
