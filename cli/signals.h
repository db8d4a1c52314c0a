// SIGINT (Ctrl-C), SIGTERM and SIGHUP (the terminal was closed) end a run with a valid checkpoint instead of killing
// it; a second one ends the program at once. Pipes that are gone and limits on the size of files end nothing: writing
// fails with an error instead.
#pragma once

#include <atomic>
#include <string>

namespace deepq::cli {

// Takes the three signals over, for the rest of the program, but for those that whoever started it has it ignore
// (nohup). The result turns true when one arrives.
const std::atomic<bool>& stop_on_signals();

// What the second signal leaves behind on stderr: the way on, of at most 4,000 bytes.
void set_farewell(const std::string& text);

// Exit status for a run that a signal stopped: 128 + its number (129, 130, 143); 0 when none arrived.
int signal_status();

// SIGPIPE and SIGXFSZ become errors of write(2), and what is not open of the three standard streams becomes /dev/null,
// so that no file of a run gets their numbers. Returns whether standard output was open.
bool make_streams_safe();

}  // namespace deepq::cli
