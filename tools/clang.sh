#!/usr/bin/env bash
# Builds library and program with Clang 16 as well, warnings as errors, and lets that program train and test itself for a moment: beside a build of
# GCC's it must compute the same, with plain and with vector kernels.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh build clang
[ -e build/clang/build.ninja ] || cmake --preset clang >/dev/null
cmake --build --preset clang
build/clang/cli/deepq doctor

presets="--preset chapter --preset rainbow --preset pqn"
# shellcheck disable=SC2086
if [ -x build/dev/cli/deepq ]; then
  diff <(build/dev/cli/deepq bench --signature $presets) <(build/clang/cli/deepq bench --signature $presets)
  echo "clang: the signature of GCC"
fi
