// Ctrl-C while C++ works: the first one is held until the present step is over and handed to Python then, whose handler
// (KeyboardInterrupt's, or a user's own) says what comes of it; the next ones are Python's at once.
#pragma once

#include <signal.h>

#include <exception>

#include "python/py_values.h"

namespace deepq::python {

// Takes SIGINT over while it lives, where it can: in the main thread, from Python's own handler. Within another one's
// life it does nothing.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();  // hands over what came last
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  bool active_ = false;
  struct sigaction before_ = {};
};

// For the main thread, between two steps and without the GIL: hands one that is held to Python, and keeps what the
// handler raises. Returns whether it raised something.
bool interrupt_raises(std::exception_ptr& raised);

}  // namespace deepq::python
