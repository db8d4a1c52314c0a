#include "python/interrupt.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace deepq::python {
namespace {

// Lock-free atomics are all that a signal handler may touch.
std::atomic<std::atomic<bool>*> asked_to_stop{nullptr};
std::atomic<bool> seen{false};
std::atomic<void (*)(int)> pythons_handler{nullptr};

extern "C" void on_interrupt(int number) {
  if (!seen.exchange(true)) {
    if (std::atomic<bool>* stop = asked_to_stop) *stop = true;
    return;
  }
  if (const auto handler = pythons_handler.load()) handler(number);
}

bool in_main_thread() { return getpid() == static_cast<pid_t>(syscall(SYS_gettid)); }

}  // namespace

InterruptGuard::InterruptGuard(std::atomic<bool>& stop) {
  if (!in_main_thread() || asked_to_stop) return;
  sigaction(SIGINT, nullptr, &before_);
  if (before_.sa_handler == SIG_IGN || before_.sa_handler == SIG_DFL || (before_.sa_flags & SA_SIGINFO)) return;
  pythons_handler = before_.sa_handler;
  asked_to_stop = &stop;
  seen = false;
  struct sigaction action = {};
  action.sa_handler = on_interrupt;
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  active_ = true;
}

InterruptGuard::~InterruptGuard() {
  if (!active_) return;
  sigaction(SIGINT, &before_, nullptr);
  asked_to_stop = nullptr;
}

bool InterruptGuard::interrupted() const { return active_ && seen; }

}  // namespace deepq::python
