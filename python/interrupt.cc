#include "python/interrupt.h"

#include <atomic>

#include "deepq/core/system.h"

namespace deepq::python {
namespace {

// Lock-free atomics are all that a signal handler may touch.
std::atomic<bool> guarded{false}, held{false};
std::atomic<void (*)(int)> pythons_handler{nullptr};

extern "C" void on_interrupt(int number) {
  // The first Ctrl-C is held; a second one before it was handed over goes to Python at once.
  if (held.exchange(true)) pythons_handler.load()(number);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  if (!system::in_main_thread() || guarded) return;
  sigaction(SIGINT, nullptr, &before_);
  // Ignored, the system's default, or a handler of another form: none of these is Python's own.
  if (before_.sa_handler == SIG_IGN || before_.sa_handler == SIG_DFL || (before_.sa_flags & SA_SIGINFO)) return;
  pythons_handler = before_.sa_handler;
  held = false;
  guarded = active_ = true;
  struct sigaction action = {};
  action.sa_handler = on_interrupt;
  // A read or write that is under way goes on instead of failing with EINTR.
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
}

InterruptGuard::~InterruptGuard() {
  if (!active_) return;
  struct sigaction now = {};
  sigaction(SIGINT, nullptr, &now);
  if (now.sa_handler == on_interrupt) sigaction(SIGINT, &before_, nullptr);  // else a callback has set another one
  guarded = false;
  if (held.exchange(false)) pythons_handler.load()(SIGINT);
}

bool interrupt_raises(std::exception_ptr& raised) {
  // Asked at every step: the cheap question first, before the GIL is taken.
  if (!held.load(std::memory_order_relaxed) || !system::in_main_thread()) return false;
  const nb::gil_scoped_acquire gil;
  if (held.exchange(false)) pythons_handler.load()(SIGINT);
  // Python's C handler only notes the signal; this runs the handler in Python, which may raise.
  if (PyErr_CheckSignals() == 0) return false;
  raised = std::make_exception_ptr(nb::python_error());
  return true;
}

}  // namespace deepq::python
