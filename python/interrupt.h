// Ctrl-C while C++ works: the first one asks the run to stop, with its checkpoint; the next ones are Python's.
#pragma once

#include <signal.h>

#include <atomic>

namespace deepq::python {

// Takes SIGINT over while it lives, where it can: in the main thread, from Python's own handler.
class InterruptGuard {
 public:
  explicit InterruptGuard(std::atomic<bool>& stop);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  bool interrupted() const;

 private:
  bool active_ = false;
  struct sigaction before_ = {};
};

}  // namespace deepq::python
