#!/usr/bin/env bash
# Writes the generated docs (docs/configuration.md, the tables of records) from the program; with --check only says whether they are fresh,
# that the figures and pictures are those of docs/data, and names links, commands, keys and functions that the pages speak of and that do not exist.
set -euo pipefail
cd "$(dirname "$0")/.."

program=build/dev/cli/deepq
[ -x "$program" ] || program=build/release/cli/deepq
if [ "${1:-}" = --check ]; then
  "$program" presets --keys | diff -u docs/configuration.md - ||
    { echo "docs/configuration.md is stale: run tools/docs.sh" >&2; exit 1; }
  python3 tools/record_tables.py "$program" --check
  python3 tools/check_pages.py "$program"
  python3 tools/results.py check
  missing=0
  while IFS= read -r name; do
    class=${name%%::*} member=${name##*::}
    grep -rqE "\b$class::$member\b" deepq python cli && continue
    files=$(grep -rlE "\b(class|struct) $class\b" deepq python cli || true)
    [ -n "$files" ] && grep -qE "\b$member\b" $files && continue
    echo "the docs speak of $name, which does not exist" >&2 && missing=1
  done < <(grep -rhoE '\b[A-Z][A-Za-z0-9]+::[a-z_0-9]+\b' docs README.md ARCHITECTURE.md | sort -u)
  exit $missing
else
  "$program" presets --keys >docs/configuration.md
  python3 tools/record_tables.py "$program"
fi
