#!/usr/bin/env bash
# The playground: builds the core for browsers, the page (web/playground.html, which is kept in the repository and embedded in the program) and
# the npm package, and tests them in Node and in a headless Chromium.
#   tools/web.sh build     makes web/playground.html and build/npm
#   tools/web.sh test      tests what build made
#   tools/web.sh check     builds anew, compares the page with the one that is kept, and tests
set -euo pipefail
cd "$(dirname "$0")/.."

command -v node >/dev/null && command -v npm >/dev/null || { echo "web: Node and npm are missing (20 or later; Debian 12 has 18)" >&2; exit 1; }
tools/setup.sh build web
export DEEPQ_MODULE=$PWD/build/web/web/deepq_wasm.wasm
page=$PWD/web/playground.html
esbuild=web/node_modules/.bin/esbuild

build() {  # build PAGE
  tools/wasm.sh install
  cmake --preset web >/dev/null
  cmake --build --preset web --target deepq_wasm
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
  DEEPQ_PROGRAM=$PWD/$program DEEPQ_PAGE=$page node --test tests/web/
}

case "${1:-check}" in
  build) build "$page" ;;
  test) run_tests ;;
  check)
    build build/playground.html
    cmp build/playground.html "$page" || { echo "web/playground.html is stale: run tools/web.sh build" >&2; exit 1; }
    run_tests ;;
  *) echo "web: build, test or check" >&2; exit 2 ;;
esac
