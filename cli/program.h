// The deepq program as a function, so that the Python module can be the same program with more environments.
#pragma once

namespace deepq::cli {

// Runs one command line and returns the exit status: 0 done, 2 the user's input is wrong, 1 anything else, 129, 130 or
// 143 stopped by a signal. Prints everything that people see, and throws nothing.
int run_program(int argc, char** argv);

}  // namespace deepq::cli
