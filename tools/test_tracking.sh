#!/usr/bin/env bash
# What docs/tracking.md shows of MLflow and Weights & Biases, with those packages, on the program and the package in build/dev, which was built
# before. They take a gigabyte, so they have an environment of their own, made once from a pinned list, and CI does without. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -e build/dev/python/deepq/__init__.py ] || { echo "tests: there is no build/dev/python/deepq; run tools/test.sh first" >&2; exit 1; }
python=$(tools/python.sh tests/python/tracking.txt .venv-tracking)
DEEPQ_PROGRAM=$PWD/build/dev/cli/deepq PYTHONPATH=$PWD/build/dev/python \
  exec "$python" -m pytest -q -p no:cacheprovider tests/python/test_tracking.py "$@"
