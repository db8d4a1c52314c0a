#!/usr/bin/env bash
# Environments of other packages, each trained in, and datasets of Minari, on the package in build/dev, which was built before. They come with much else, so they
# have an environment of their own, made once from a pinned list. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -e build/dev/python/deepq/__init__.py ] || { echo "tests: there is no build/dev/python/deepq; run tools/test.sh first" >&2; exit 1; }
python=$(tools/python.sh tests/python/worlds.txt .venv-worlds)
PYTHONPATH=$PWD/build/dev/python exec "$python" -m pytest -q -p no:cacheprovider tests/python/test_other_worlds.py tests/python/test_minari.py "$@"
