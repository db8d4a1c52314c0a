#!/usr/bin/env bash
# clang-tidy over the library and the program, each file by itself: with the compile commands of a configuration that is never built.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh build check
cmake --preset dev -B build/lint -DDEEPQ_BUILD_TESTS=OFF -DDEEPQ_BUILD_BENCH=OFF -DCMAKE_UNITY_BUILD=OFF >/dev/null
# Kernels are left out: their flags choose an instruction set that clang spells differently; and what another system alone compiles.
git ls-files 'deepq/*.cc' 'cli/*.cc' | grep -v -e '_test\.cc$' -e nn/kernels/ -e system_darwin |
  xargs -P "$(nproc)" -n 2 clang-tidy-14 -p build/lint --quiet --extra-arg=-Wno-unknown-warning-option --warnings-as-errors='*' 2>/dev/null
echo "lint: nothing to report"
