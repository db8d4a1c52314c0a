#!/usr/bin/env bash
# Tries the wheels that tools/wheels.sh made, as their users get them: with NumPy alone, away from the source, beside the strict signature of the program in
# build/dev. Of 8 MB at most, installed in seconds, under this machine's Python 3.11, under Debian 13's 3.13 (a system of its own, by debootstrap, for which one
# must be root), and both of 64-bit ARM in qemu.
#   tests/install/wheels.sh [FOLDER]      default: dist
set -euo pipefail
cd "$(dirname "$0")/../.."

folder=$(cd "${1:-dist}" && pwd)
work=$PWD/build/wheels/tried
program=${DEEPQ_PROGRAM:-build/dev/cli/deepq}
few="--preset chapter --preset rainbow --preset acrobot" # qemu takes thirty times as long
tools/setup.sh python wheels
rm -rf "$work"
mkdir -p "$work"
"$program" bench --signature --strict >"$work/all"
# shellcheck disable=SC2086
"$program" bench --signature --strict $few >"$work/few"

# same FILE PYTHON...: the program in the wheel, which that Python runs, computes what is in the file
same() {
  local file=$1 names=""
  shift
  [ "$file" = all ] || names=$few
  # shellcheck disable=SC2086
  "$@" -m deepq bench --signature --strict $names | diff "$work/$file" - || { echo "wheels: $* computes something else" >&2; exit 1; }
  echo "wheels: the same $(wc -l <"$work/$file") lines of the strict signature"
}

# kernels COMMAND...: the names that a refusal lists
kernels() { "$@" bench --kernels none 2>&1 | sed 's/.*allowed: //' || true; }

# numpy_for MACHINE PYTHON FOLDER
numpy_for() {
  python3 -m pip download -q --disable-pip-version-check --only-binary=:all: --no-deps --dest "$3" --implementation cp --python-version "$2" \
    --platform "manylinux2014_$1" --platform "manylinux_2_27_$1" --platform "manylinux_2_28_$1" numpy
}

here() {
  python3 -m venv "$work/here"
  "$work/here/bin/pip" install -q --disable-pip-version-check numpy
  local begun
  begun=$(date +%s%N)
  "$work/here/bin/pip" install -q --disable-pip-version-check "$folder"/deepq-*-cp311-cp311-*x86_64.whl
  echo "wheels: installed in $((($(date +%s%N) - begun) / 1000000)) ms"
  test "$("$work/here/bin/pip" list --disable-pip-version-check --format freeze | grep -vc -e '^pip=' -e '^setuptools=')" = 2 # deepq and NumPy
  (
    cd "$work"
    here/bin/python - <../../../tests/install/wheel.py
    here/bin/deepq train --preset chapter --episodes 20 --out run --quiet --json | grep -q '.episodes.: 20'
    here/bin/deepq eval run --episodes 3 >/dev/null
  )
  same all "$work/here/bin/python"
  diff <(kernels "$program") <(kernels "$work/here/bin/deepq") || { echo "wheels: other kernels are found" >&2; exit 1; }
}

trixie() {
  local root=$PWD/build/wheels/trixie
  [ -e "$root/made" ] || {
    rm -rf "$root"
    debootstrap --variant=minbase --include=python3-venv trixie "$root" "$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)" >"$work/debootstrap"
    touch "$root/made"
  }
  rm -rf "$root"/{new,venv}
  mkdir "$root/new"
  numpy_for x86_64 3.13 "$root/new"
  cp "$folder"/deepq-*-abi3-*x86_64.whl "$root/new"
  chroot "$root" sh -c 'python3 -m venv /venv && /venv/bin/pip install -q --no-index --find-links /new deepq'
  chroot "$root" /venv/bin/python - <tests/install/wheel.py
  same few chroot "$root" /venv/bin/python
}

aarch64() { # aarch64 SUITE PYTHON
  local root=$PWD/build/wheels/arm64-$2 site=$work/arm64-$2
  tools/debian.sh "$1" arm64 "$root" "python$2-minimal" "libpython$2-stdlib" libstdc++6
  mkdir -p "$work/numpy-$2"
  numpy_for aarch64 "$2" "$work/numpy-$2"
  # pip asks this Python, not that one, whether the NumPy that was chosen for that one fits.
  python3 -m pip install -q --disable-pip-version-check --ignore-requires-python --no-index --find-links "$folder" --find-links "$work/numpy-$2" --only-binary=:all: --target "$site" \
    --implementation cp --python-version "$2" --platform manylinux2014_aarch64 --platform manylinux_2_27_aarch64 --platform manylinux_2_28_aarch64 deepq
  local python=(env "PYTHONHOME=$root/usr" "PYTHONPATH=$site" qemu-aarch64-static -L "$root" "$root/usr/bin/python$2")
  (cd "$work" && "${python[@]}" - <../../../tests/install/wheel.py)
  same few "${python[@]}"
}

for wheel in "$folder"/deepq-*.whl; do
  size=$(stat -c %s "$wheel")
  echo "wheels: $((size / 1000)) KB $(basename "$wheel")"
  [ "$size" -le 8000000 ]
done
here
trixie
aarch64 bookworm 3.11
aarch64 trixie 3.13
