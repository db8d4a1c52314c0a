#!/usr/bin/env bash
# Builds what a release uploads into one folder, with SHA256SUMS; uploads nothing. Refuses a tree with changes, files that say other versions, and a
# version without notes or kept run folders (docs/stability.md).
#   tools/release.sh [FOLDER [PART...]]     default: dist/VERSION, all of: source deb npm playground wheels notes
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(tools/version.py)
folder=$(realpath -m "${1:-dist/$version}")
shift $(($# > 0 ? 1 : 0))
[ $# -gt 0 ] || set -- source deb npm playground wheels notes

fail() { echo "release: $1" >&2; exit 1; }

check() {
  tools/version.py --check
  [ -z "$(git status --porcelain)" ] || fail "there are changes that no commit has; a release is of a commit"
  [ -e "docs/releases/$version.md" ] || fail "docs/releases/$version.md is missing"
  # A patch reads and writes what its minor version does.
  [ -d "tests/golden/runs/${version%.*}.0" ] || fail "run folders of ${version%.*}.0 are missing: tools/golden/run_folders.sh build/dev/cli/deepq"
}

source_() { git archive --format=tar --prefix="deepq-$version/" HEAD | gzip -9n >"$folder/deepq-$version.tar.gz"; }

deb() {
  tools/setup.sh build
  cmake --preset release >/dev/null
  cmake --build --preset release
  local made=build/release/packages
  rm -rf "$made"
  cpack -G DEB --config build/release/CPackConfig.cmake -B "$made" >/dev/null
  cp "$made"/*.deb "$folder/"
}

web_built=""
web() {
  [ -z "$web_built" ] || return 0
  tools/web.sh build
  git diff --quiet -- web/playground.html || fail "web/playground.html is another page than this commit's sources make; it is the new one now"
  web_built=yes
}
npm() { web && cp build/npm/deepq-*.tgz "$folder/"; }
playground() { web && cp web/playground.html "$folder/deepq-playground-$version.html"; }

wheels() { tools/wheels.sh "$folder"; }

notes() { cp "docs/releases/$version.md" "$folder/deepq-$version-notes.md"; }

check
rm -rf "$folder" && mkdir -p "$folder"
for part; do
  case $part in
    source) source_ ;;
    deb | npm | playground | wheels | notes) "$part" ;;
    *) fail "there is no part '$part'" ;;
  esac
done
for file in "$folder"/*; do
  case $file in *"$version"*) ;; *) fail "$file is of another version than $version" ;; esac
done
(cd "$folder" && sha256sum -- * >SHA256SUMS)
echo "release: $version in $folder"
cat "$folder/SHA256SUMS"
