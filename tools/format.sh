#!/usr/bin/env bash
# Formats every C++ file in place; with --check only says which are not formatted, and fails.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh check
mode=-i
[ "${1:-}" = --check ] && mode="--dry-run --Werror"
# shellcheck disable=SC2086
git ls-files -z --cached --others --exclude-standard '*.h' '*.cc' '*.inc' ':!third_party' | xargs -0 -P "$(nproc)" -n 8 clang-format-14 $mode
