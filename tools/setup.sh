#!/usr/bin/env bash
# Installs the Debian packages that are missing, by the lists below. Does nothing, and needs no network, when none is.
#   tools/setup.sh build|python|test|clang|aarch64|web|wheels|check ...
set -euo pipefail

build="g++ cmake ninja-build libcli11-dev libtomlplusplus-dev nlohmann-json3-dev"
python="python3 python3-dev python3-venv"
test="libgtest-dev libbenchmark-dev pkgconf python3 python3-dev python3-venv chromium fish zsh groff-base"
clang="clang-16"
aarch64="g++-aarch64-linux-gnu qemu-user-static googletest"
wheels="debootstrap qemu-user-static"
web="chromium googletest python3 python3-venv"
node="nodejs"
npm="npm" # beside Debian's nodejs; others bring their own
check="clang-format-14 clang-tidy-14 python3"

wanted=""
for list in "$@"; do wanted="$wanted ${!list}"; done
missing=""
for package in $wanted; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

as_root=""
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "setup: packages are missing:$missing; install them as root, or install sudo" >&2; exit 1; }
  as_root=sudo
fi
echo "setup: installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q >/dev/null
# shellcheck disable=SC2086
$as_root apt-get install -y -q --no-install-recommends $missing >/dev/null
