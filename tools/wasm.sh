#!/usr/bin/env bash
# Puts a compiler for WebAssembly into build/wasm-tools, where cmake/wasm.cmake looks for it: Clang and libc++ of tools/zig.sh, with what that libc++ leaves
# out, exceptions and std::filesystem, compiled from the sources beside it. Node runs the results.
#   tools/wasm.sh install                         the compiler alone
#   tools/wasm.sh [cmake --build's arguments]     installs, configures, builds
set -euo pipefail
cd "$(dirname "$0")/.."

tools=build/wasm-tools
target="-target wasm32-wasi -mcpu=generic+simd128+exception_handling -fwasm-exceptions -Wno-macro-redefined -D_LIBCPP_HAS_FILESYSTEM=1 -D_WASI_EMULATED_PROCESS_CLOCKS"

install() {
  command -v node >/dev/null || tools/setup.sh node
  mkdir -p "$tools"
  local zig lib
  zig=$(tools/zig.sh)
  lib=$(dirname "$zig")/lib
  for tool in ar ranlib; do
    printf '#!/bin/sh\nexec "%s" %s "$@"\n' "$zig" "$tool" >"$tools/$tool"
    chmod +x "$tools/$tool"
  done
  local headers="-I$lib/libcxxabi/include -I$lib/libcxxabi/src -I$lib/libunwind/include -I$lib/libcxx/include -I$lib/libcxx/src"
  # WASI has no such call; std::filesystem::copy_file fails then.
  printf '#include <sys/types.h>\nstatic inline ssize_t copy_file_range(int, off_t*, int, off_t*, size_t, unsigned) { return -1; }\n' >"$tools/missing.h"
  for part in libcxxabi/src/{cxa_exception,cxa_personality,cxa_aux_runtime}.cpp \
    libcxx/src/filesystem/{directory_entry,directory_iterator,filesystem_clock,filesystem_error,int128_builtins,operations,path}.cpp; do
    # shellcheck disable=SC2086
    "$zig" c++ $target -std=c++23 -O2 -w $headers -D_LIBCXXABI_BUILDING_LIBRARY -D_LIBCPP_BUILDING_LIBRARY -D_LIBCXXABI_HAS_NO_THREADS \
      -include "$tools/missing.h" -c "$lib/$part" -o "$tools/$(basename "$part").o"
  done
  # shellcheck disable=SC2086
  "$zig" cc $target -O2 -w -D_LIBUNWIND_HIDE_SYMBOLS "-I$lib/libunwind/include" -c "$lib/libunwind/src/Unwind-wasm.c" -o "$tools/unwind.o"
  printf '.globl __cpp_exception\n.tagtype __cpp_exception i32\n__cpp_exception:\n' >"$tools/tag.S"
  # shellcheck disable=SC2086
  "$zig" cc $target -c "$tools/tag.S" -o "$tools/tag.o"
  # Exceptions as objects, before all else and this one first: libc++abi has other answers for the names that it defines.
  local part exceptions=""
  for part in cxa_exception.cpp cxa_personality.cpp cxa_aux_runtime.cpp unwind tag; do
    mkdir -p "$tools/exceptions"
    mv "$tools/$part.o" "$tools/exceptions/"
    exceptions="$exceptions $PWD/$tools/exceptions/$part.o"
  done
  rm -f "$tools/libmore.a"
  "$tools/ar" rc "$tools/libmore.a" "$tools"/*.o
  cat >"$tools/c++" <<SCRIPT
#!/bin/sh
first="$exceptions" last="$PWD/$tools/libmore.a -lwasi-emulated-process-clocks"
for argument in "\$@"; do case "\$argument" in -c | -E | -S) first="" last="" ;; esac; done
exec "$zig" c++ $target \$first "\$@" \$last
SCRIPT
  printf '#!/bin/sh\nexec node --no-warnings "%s" "$@"\n' "$PWD/tools/wasm_run.mjs" >"$tools/run"
  chmod +x "$tools"/{c++,run}
  cksum tools/wasm.sh tools/zig.sh >"$tools/made_by"
}

[ "$(cat "$tools/made_by" 2>/dev/null)" = "$(cksum tools/wasm.sh tools/zig.sh)" ] || install
[ "${1:-}" = install ] && exit 0
[ -e build/web/build.ninja ] || cmake --preset web >/dev/null
cmake --build --preset web "$@"
