#!/usr/bin/env bash
# Makes the tests' virtual environment from the pinned list, once, and prints its interpreter. Fails when there is no Python.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v python3 >/dev/null || exit 1
venv=$PWD/.venv
stamp=$venv/requirements.txt
if ! cmp -s tests/python/requirements.txt "$stamp"; then
  python3 -m venv --clear "$venv" >&2
  "$venv/bin/pip" install -q --disable-pip-version-check -r tests/python/requirements.txt >&2
  cp tests/python/requirements.txt "$stamp"
fi
echo "$venv/bin/python"
