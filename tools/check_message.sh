#!/usr/bin/env bash
# A commit's message ends by saying what became of `deepq bench --signature`: the same, or the new one. tools/check_message.sh FILE
set -euo pipefail

grep -qE '^Signature: (unchanged|[0-9a-f]{8,64}( .*)?)$' "$1" && exit 0
echo "$1: no line 'Signature: unchanged', nor 'Signature: HASH WHY' with what 'deepq bench --signature' prints now" >&2
exit 1
