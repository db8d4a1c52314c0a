#!/usr/bin/env bash
# clang-tidy over the library and the program, with the compile commands of a build. tools/lint.sh [preset]
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh build check
preset=${1:-dev}
[ -e "build/$preset/compile_commands.json" ] || cmake --preset "$preset" >/dev/null
# Kernels are left out: their flags choose an instruction set that clang spells differently.
git ls-files 'deepq/*.cc' 'cli/*.cc' | grep -v -e '_test\.cc$' -e nn/kernels/ |
  xargs -P "$(nproc)" -n 2 clang-tidy-14 -p "build/$preset" --quiet --extra-arg=-Wno-unknown-warning-option --warnings-as-errors='*' 2>/dev/null
echo "lint: nothing to report"
