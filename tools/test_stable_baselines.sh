#!/usr/bin/env bash
# Scripts of Stable-Baselines3 with that library itself, on the package in build/dev, which was built before. It comes with PyTorch, so it
# has an environment of its own, made once from a pinned list. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -e build/dev/python/deepq/__init__.py ] || { echo "tests: there is no build/dev/python/deepq; run tools/test.sh first" >&2; exit 1; }
python=$(tools/python.sh tests/python/stable_baselines.txt .venv-stable-baselines)
PYTHONPATH=$PWD/build/dev/python exec "$python" -m pytest -q -p no:cacheprovider tests/python/test_stable_baselines.py "$@"
