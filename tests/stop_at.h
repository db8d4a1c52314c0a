// An observer that raises the stop flag at a step, as a signal would.
#pragma once

#include <atomic>
#include <cstdint>

#include "deepq/record/observer.h"

namespace deepq::test {

class StopAt : public Observer {
 public:
  explicit StopAt(int64_t env_steps) : at_(env_steps) {}
  void on_step(int64_t env_steps) override {
    if (env_steps >= at_) stop = true;
  }
  std::atomic<bool> stop = false;

 private:
  int64_t at_;
};

}  // namespace deepq::test
