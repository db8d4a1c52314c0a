#include "cli/signals.h"

#include <signal.h>
#include <unistd.h>

namespace deepq::cli {
namespace {

// Lock-free atomics are all that a signal handler may touch.
std::atomic<bool> stop{false};
std::atomic<int> first_signal{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

extern "C" void handle_signal(int number) {
  int none = 0;
  if (!first_signal.compare_exchange_strong(none, number)) _exit(128 + number);
  stop = true;
}

}  // namespace

const std::atomic<bool>& stop_on_signals() {
  struct sigaction action = {};
  action.sa_handler = handle_signal;
  action.sa_flags = SA_RESTART;  // a write in progress is not an error
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return stop;
}

int signal_status() { return first_signal == 0 ? 0 : 128 + first_signal; }

}  // namespace deepq::cli
