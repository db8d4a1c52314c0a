#!/usr/bin/env bash
# Installs the compiler that PyPI's ziglang brings, Clang with libc++ and many systems' C libraries, into build/zig, and prints its path. Of one version, so
# that everyone compiles alike.
set -euo pipefail
cd "$(dirname "$0")/.."

version=0.17.1
venv=build/zig
[ "$(cat "$venv/version" 2>/dev/null)" = $version ] || {
  python3 -m venv --clear "$venv" >&2
  "$venv/bin/pip" install -q --disable-pip-version-check "ziglang==$version" >&2
  echo $version >"$venv/version"
}
echo "$PWD/$venv"/lib/python3*/site-packages/ziglang/zig
