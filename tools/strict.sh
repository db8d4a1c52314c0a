#!/usr/bin/env bash
# Strict arithmetic gives the same signature everywhere: natively with each of this CPU's vector kernels, and by Clang where tools/clang.sh has been before; in
# qemu for 64-bit ARM (NEON), and in Node for WebAssembly (SIMD128). All presets natively; elsewhere a few that between them use every operation, world and
# function. Says SKIPPED where a compiler cannot be installed, which with CI set is a failure.
#   tools/strict.sh [native] [aarch64] [wasm]     all three by default
set -euo pipefail
cd "$(dirname "$0")/.."

program=${DEEPQ_PROGRAM:-build/dev/cli/deepq}
few="chapter rainbow munchausen iqn pqn acrobot mountaincar minatar"
fewer="chapter rainbow acrobot" # qemu takes thirty times as long
parts=${*:-native aarch64 wasm}
expected=$(mktemp) found=$(mktemp)
trap 'rm -f "$expected" "$found"' EXIT

options() { for name in "$@"; do printf -- '--preset %s ' "$name"; done; }

same() { # what is compared
  diff "$expected" "$found" || { echo "strict: $1 computes something else" >&2; exit 1; }
  echo "strict: $1 gives the same $(wc -l <"$expected") lines"
}

skip() {
  echo "strict: $1 SKIPPED: its compiler cannot be installed here"
  [ -z "${CI:-}" ]
}

native() {
  local kernels first=""
  # The names that the refusal lists.
  kernels=$("$program" bench --signature --strict --kernels none 2>&1 | sed 's/.*allowed: //; s/, plain//; s/,//g' || true)
  for one in $kernels; do
    "$program" bench --signature --strict --kernels "$one" >"$found"
    [ -n "$first" ] || { first=$one; cp "$found" "$expected"; tail -1 "$expected"; }
    same "$one"
  done
  # By another compiler, where it has built the program (tools/clang.sh).
  if [ -x build/clang/cli/deepq ]; then
    build/clang/cli/deepq bench --signature --strict >"$found"
    same "the program by Clang"
  fi
}

aarch64() {
  tools/setup.sh aarch64 || { skip aarch64; return; }
  [ -e build/aarch64/build.ninja ] || cmake --preset aarch64 >/dev/null
  cmake --build --preset aarch64 --target deepq_signature deepq_nn_test deepq_core_test
  local run="qemu-aarch64-static -L /usr/aarch64-linux-gnu build/aarch64"
  # shellcheck disable=SC2086
  $run/deepq/nn/deepq_nn_test --gtest_brief=1 --gtest_filter='*Kernels*:*Loops*:*Convolution*:*Pooling*'
  # shellcheck disable=SC2086
  $run/deepq/core/deepq_core_test --gtest_brief=1 --gtest_filter='Math*:Random*'
  # shellcheck disable=SC2086
  "$program" bench --signature --strict $(options $fewer) >"$expected"
  # shellcheck disable=SC2086
  $run/tests/deepq_signature $fewer >"$found"
  same "NEON in qemu"
}

wasm() {
  tools/wasm.sh --target deepq_signature || { skip wasm; return; }
  # shellcheck disable=SC2086
  "$program" bench --signature --strict $(options $few) >"$expected"
  # shellcheck disable=SC2086
  build/wasm-tools/run build/web/tests/deepq_signature.wasm $few >"$found"
  same "WebAssembly in Node"
}

for part in $parts; do "$part"; done
