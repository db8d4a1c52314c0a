// SIGINT (Ctrl-C) and SIGTERM end a run with a valid checkpoint instead of killing it; a second one ends the program at
// once.
#pragma once

#include <atomic>

namespace deepq::cli {

// Takes both signals over, for the rest of the program. The result turns true when one arrives.
const std::atomic<bool>& stop_on_signals();

// Exit status for a run that a signal stopped: 128 + its number (130, 143); 0 when none arrived.
int signal_status();

}  // namespace deepq::cli
