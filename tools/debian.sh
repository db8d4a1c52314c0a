#!/usr/bin/env bash
# Downloads packages of another Debian, or for another machine, with all that they depend on, and unpacks them into a folder. Nothing is installed and nobody
# needs to be root. From where this machine has its own packages.
#   tools/debian.sh SUITE ARCHITECTURE FOLDER PACKAGE...      as in: tools/debian.sh trixie arm64 build/arm python3.13-minimal
#   tools/debian.sh SUITE ARCHITECTURE FOLDER --alone PACKAGE...  without what they depend on
set -euo pipefail

suite=$1 architecture=$2 folder=$3
shift 3
alone=""
if [ "$1" = --alone ]; then alone=yes && shift; fi
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
wanted="$suite $architecture $alone $*"
[ "$(cat "$folder/unpacked" 2>/dev/null)" = "$wanted" ] && exit 0

apt=$(mktemp -d)
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt"/{lists/partial,archives/partial}
touch "$apt/status"
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
echo "deb $mirror $suite main" >"$apt/sources.list"
options=(-qq -o "APT::Architecture=$architecture" -o "APT::Architectures=$architecture" -o "Dir::State=$apt" -o "Dir::State::status=$apt/status"
  -o "Dir::Cache=$apt" -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=- -o Acquire::Languages=none -o APT::Sandbox::User=)
apt-get "${options[@]}" update >&2
if [ -n "$alone" ]; then
  (cd "$apt/archives" && apt-get "${options[@]}" download "$@" >&2)
else
  apt-get "${options[@]}" install -y --no-install-recommends --download-only -o Debug::NoLocking=true "$@" >&2
fi
for package in "$apt"/archives/*.deb; do dpkg-deb -x "$package" "$folder"; done
# From Debian 13 on packages have their files in /usr alone.
for name in bin lib lib64 sbin; do [ -e "$folder/$name" ] || ln -s "usr/$name" "$folder/$name"; done
echo "$wanted" >"$folder/unpacked"
