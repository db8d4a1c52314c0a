#!/usr/bin/env bash
# The readers of files under the address and undefined-behaviour sanitizers, by files that were tampered with: no file may overwrite memory.
# Builds one test program, with the plain kernels and little optimisation, for it is the compiler that takes the time. Arguments go to the test.
set -euo pipefail
cd "$(dirname "$0")/.."

build=build/readers
cmake --preset asan -B "$build" -DDEEPQ_ENGINE=plain -DDEEPQ_BUILD_PYTHON=OFF -DDEEPQ_BUILD_EXAMPLES=OFF -DDEEPQ_BUILD_CLI=OFF \
  "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1 -g1 -DNDEBUG" >/dev/null
cmake --build "$build" --target deepq_files_test
UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 "$build/tests/deepq_files_test" --gtest_brief=1 "$@"
