#!/usr/bin/env bash
# Writes the generated docs (docs/configuration.md, the tables of records, docs/api.md) from the program and the public headers; with --check only says whether they are fresh,
# that the figures and pictures are those of docs/data, and names what the pages speak of and what is not there: links, paths, commands, flags, keys,
# tests, functions.
set -euo pipefail
cd "$(dirname "$0")/.."

program=build/dev/cli/deepq
[ -x "$program" ] || program=build/release/cli/deepq
if [ "${1:-}" = --check ]; then
  "$program" presets --keys | diff -u docs/configuration.md - ||
    { echo "docs/configuration.md is stale: run tools/docs.sh" >&2; exit 1; }
  python3 tools/record_tables.py "$program" --check
  python3 tools/api.py --check
  python3 tools/check_pages.py
  python3 tools/check_names.py "$program"
  python3 tools/results.py check
else
  "$program" presets --keys >docs/configuration.md
  python3 tools/record_tables.py "$program"
  python3 tools/api.py
fi
