// The deepq program; see program.h.
#include "cli/program.h"

int main(int argc, char** argv) { return deepq::cli::run_program(argc, argv); }
