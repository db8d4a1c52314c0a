// Signatures of the presets named: run.cmake compares those of an optimised library with those of an unoptimised one.
#include <iostream>

#include "deepq/train/bench.h"

int main(int argument_count, char** arguments) {
  for (int i = 1; i < argument_count; ++i) std::cout << arguments[i] << ' ' << deepq::signature(arguments[i]) << '\n';
}
