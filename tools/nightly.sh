#!/usr/bin/env bash
# What takes too long for every change; .ci/run has the rest. Each part that passes is written into docs/nightly.json with its commit, date and
# minutes, and tools/check.sh says which have not been run for long. Without arguments all parts:
#   tools/nightly.sh [slow|plain|asan|tsan|coverage|tracking|stable_baselines|other_worlds|playground|wheels ...]
set -euo pipefail
cd "$(dirname "$0")/.."

slow() { tools/setup.sh aarch64 && tools/test.sh -L slow; }  # learning over many seeds, every key, every tampered value, null experiments, deepq::act on ARM
plain() { tools/test.sh --preset plain; }                  # the portable loops alone, as on a processor without AVX2
asan() { tools/test.sh --preset asan; }                    # every fast test, with the address and undefined-behaviour sanitizers
tsan() { tools/test.sh --preset tsan; }                    # every fast test, with the thread sanitizer
tracking() { tools/test.sh -R python.install && tools/test_tracking.sh; }
stable_baselines() { tools/test.sh -R python.install && tools/test_stable_baselines.sh; }
other_worlds() { tools/test.sh -R python.install && tools/test_other_worlds.sh; }  # environments of other packages, as they are installed
wheels() { tools/test.sh -R python.install && tools/wheels.sh && tests/install/wheels.sh; }  # both machines', under Python 3.11 and 3.13
playground() { tools/test.sh -R python.install && tools/web.sh check long; }  # as in CI, and memory over ten minutes
coverage() {  # at least 90% of the lines of library and program, by the fast tests
  tools/test.sh --preset coverage
  local venv=build/coverage-tools
  [ -x "$venv/bin/gcovr" ] || { python3 -m venv "$venv" && "$venv/bin/pip" install -q --disable-pip-version-check gcovr==8.4; }
  "$venv/bin/gcovr" --root . --object-directory build/coverage --filter deepq/ --filter cli/ --exclude '.*_test\.cc' --exclude-throw-branches \
    --gcov-ignore-parse-errors=negative_hits.warn -j "$(nproc)" --fail-under-line 90 --print-summary --txt build/coverage/lines.txt
}

[ $# -gt 0 ] || set -- slow plain asan tsan coverage tracking stable_baselines other_worlds playground wheels
failed=""
for part in "$@"; do
  declare -F "$part" >/dev/null || { echo "nightly: there is no part '$part'" >&2; exit 2; }
  begun=$SECONDS
  # In a shell of its own: under `if` and `||` bash ignores set -e.
  set +e
  (set -e; "$part")
  status=$?
  set -e
  if [ $status = 0 ]; then
    python3 tools/nightly_record.py add "$part" $(((SECONDS - begun + 59) / 60))
  else
    failed="$failed $part"
  fi
done
[ -z "$failed" ] || { echo "nightly: failed:$failed" >&2; exit 1; }
