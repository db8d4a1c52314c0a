#!/usr/bin/env bash
# Everything but the tests: format, layers, freshness of generated docs, lint.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh check
tools/format.sh --check
python3 tools/check_layers.py
tools/docs.sh --check
tools/lint.sh
