#!/usr/bin/env bash
# Builds library and program with Clang 16 as well, warnings as errors, and lets that program train and test itself for a moment.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh build clang
[ -e build/clang/build.ninja ] || cmake --preset clang >/dev/null
cmake --build --preset clang
build/clang/cli/deepq doctor
