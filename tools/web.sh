#!/usr/bin/env bash
# The playground: builds the core for browsers, the page (web/playground.html, which is kept in the repository and embedded in the program) and
# the npm package, and tests them in Node and in a headless Chromium. Needs the program in build/dev or build/release.
#   tools/web.sh build              makes web/playground.html and build/npm
#   tools/web.sh test [long]        tests what build made; long: memory over ten minutes, too
#   tools/web.sh check [long]       builds anew, compares the page with the one that is kept, and tests
#   tools/web.sh measure [MINUTES]  what the page costs: size, updates and frames a second, the longest task of a slow phone, memory
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh build web
command -v node >/dev/null || tools/setup.sh node
command -v npm >/dev/null || tools/setup.sh npm
export DEEPQ_MODULE=$PWD/build/web/web/deepq_wasm.wasm DEEPQ_PAGE=$PWD/web/playground.html
esbuild=web/node_modules/.bin/esbuild

build() {  # build PAGE
  tools/wasm.sh --target deepq_wasm
  (cd web && npm ci --silent --no-audit --no-fund --ignore-scripts)
  python3 tools/web_page.py "$DEEPQ_MODULE" "$esbuild" "$1"
  rm -rf build/npm && mkdir -p build/npm
  cp web/npm/{package.json,README.md,deepq.d.ts,example.html} LICENSE build/npm/
  cp "$DEEPQ_MODULE" build/npm/deepq.wasm
  "$esbuild" web/npm/entry.js --bundle --format=esm --platform=neutral --external:node:fs/promises --minify --outfile=build/npm/deepq.js --log-level=warning
  (cd build/npm && npm pack --silent)
}

run_tests() {
  local program=build/dev/cli/deepq
  [ -x "$program" ] || program=build/release/cli/deepq
  # One file at a time: Chromium's pages wait for each other otherwise.
  DEEPQ_PROGRAM=$PWD/$program DEEPQ_PACKAGE=$(echo "$PWD"/build/npm/deepq-*.tgz) DEEPQ_LONG=${1:+1} node --test --test-concurrency=1 tests/web/*.test.mjs
}

case "${1:-check}" in
  build) build "$DEEPQ_PAGE" ;;
  test) run_tests "${2:-}" ;;
  check)
    build build/playground.html
    cmp build/playground.html "$DEEPQ_PAGE" || { echo "web/playground.html is stale: run tools/web.sh build" >&2; exit 1; }
    run_tests "${2:-}" ;;
  measure) node tests/web/measure.mjs "${2:-0.5}" ;;
  *) echo "web: build, test, check or measure" >&2; exit 2 ;;
esac
