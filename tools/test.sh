#!/usr/bin/env bash
# Sets up what the tests need, builds, and runs every fast test. Arguments go to ctest (for the slow ones: -L slow).
#   tools/test.sh [--preset dev|debug|plain|asan|tsan] [ctest arguments]
set -euo pipefail
cd "$(dirname "$0")/.."

preset=dev
if [ "${1:-}" = --preset ]; then preset=$2; shift 2; fi
[ $# -gt 0 ] || set -- -L fast

tools/setup.sh build test
if python=$(tools/python.sh); then
  python_option=-DDEEPQ_PYTHON=$python
  package=ON
  case $preset in asan | tsan)
    package=OFF
    echo "tests: the Python package is not built with sanitizers: its tests are SKIPPED" >&2 ;;
  esac
elif [ "${CI:-}" = true ]; then
  echo "tests: no Python found; in CI that is an error" >&2
  exit 1
else
  echo "tests: no Python found: the tests of the Python package, and those that read our files back with Python's own readers, are SKIPPED" >&2
  python_option=-DDEEPQ_PYTHON=
  package=OFF
fi
cmake --preset "$preset" "$python_option" "-DDEEPQ_BUILD_PYTHON=$package" >/dev/null
cmake --build --preset "$preset"
exec ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$(nproc)" "$@"
