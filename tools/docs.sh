#!/usr/bin/env bash
# Writes the generated docs (docs/configuration.md) from the program; with --check only says whether they are fresh.
set -euo pipefail
cd "$(dirname "$0")/.."

program=build/dev/cli/deepq
[ -x "$program" ] || program=build/release/cli/deepq
if [ "${1:-}" = --check ]; then
  "$program" presets --keys | diff -u docs/configuration.md - ||
    { echo "docs/configuration.md is stale: run tools/docs.sh" >&2; exit 1; }
else
  "$program" presets --keys >docs/configuration.md
fi
