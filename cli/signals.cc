#include "cli/signals.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace deepq::cli {
namespace {

// Lock-free atomics are all that a signal handler may touch.
std::atomic<bool> stop_asked{false};
std::atomic<int> first_signal{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

std::array<char, 4000> farewell;
std::atomic<size_t> farewell_size{0};

extern "C" void handle_signal(int number) {
  int none = 0;
  // The first asks for an orderly end, the second ends at once. Neither allocates, locks or formats: a handler may not.
  if (!first_signal.compare_exchange_strong(none, number)) {
    static_cast<void>(!write(STDERR_FILENO, farewell.data(), farewell_size));  // nothing is left to do where it fails
    _exit(128 + number);
  }
  stop_asked = true;
}

}  // namespace

const std::atomic<bool>& stop_on_signals() {
  struct sigaction action = {};
  action.sa_handler = handle_signal;
  action.sa_flags = SA_RESTART;  // a write in progress is not an error
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before = {};
    sigaction(number, nullptr, &before);
    if (before.sa_handler != SIG_IGN) sigaction(number, &action, nullptr);  // nohup's SIGHUP stays ignored
  }
  return stop_asked;
}

void set_farewell(const std::string& text) {
  farewell_size = 0;  // a signal in between writes nothing
  // Copied beforehand: the handler only writes these bytes.
  const size_t size = std::min(text.size(), farewell.size());
  std::copy_n(text.begin(), size, farewell.begin());
  farewell_size = size;
}

bool make_streams_safe() {
  signal(SIGPIPE, SIG_IGN);  // write says EPIPE instead, and a training whose reader went away goes on
  signal(SIGXFSZ, SIG_IGN);
  const bool open_output = fcntl(STDOUT_FILENO, F_GETFD) >= 0;
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(number, F_GETFD) < 0) static_cast<void>(open("/dev/null", O_RDWR));  // takes the lowest free number
  return open_output;
}

int signal_status() { return first_signal == 0 ? 0 : 128 + first_signal; }

}  // namespace deepq::cli
