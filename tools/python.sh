#!/usr/bin/env bash
# Makes a virtual environment from a pinned list, once, and prints its interpreter: by default the tests' own. Fails when there is no Python.
#   tools/python.sh [LIST FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."

command -v python3 >/dev/null || exit 1
list=${1:-tests/python/requirements.txt}
venv=$PWD/${2:-.venv}
stamp=$venv/requirements.txt
if ! cmp -s "$list" "$stamp"; then
  python3 -m venv --clear "$venv" >&2
  "$venv/bin/pip" install -q --disable-pip-version-check -r "$list" >&2
  cp "$list" "$stamp"
fi
echo "$venv/bin/python"
