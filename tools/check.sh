#!/usr/bin/env bash
# Everything but the tests: format, layers, freshness of generated docs, what pages name, the nightly's record, lint.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh check
tools/format.sh --check
python3 tools/check_layers.py
tools/docs.sh --check
python3 tools/nightly_record.py check
# Whether what the stored results were made by still computes the same: half a minute.
program=build/dev/cli/deepq
[ -x "$program" ] || program=build/release/cli/deepq
python3 tools/results.py check --deepq "$program"
tools/lint.sh
