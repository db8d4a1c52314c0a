# Before each ```sh block that tools/run_docs.py runs: the shell of a reader on a bare Debian 12, who has done what the page says so
# far. Only what takes minutes is stood in for: `pip install` takes the package that was built and the tests' packages.
set -euo pipefail
trap 'env -0 >"$DOCS_ENVIRONMENT"' EXIT

python() {
  [ -n "${VIRTUAL_ENV:-}" ] || { echo "python: command not found (python3 is there, or an environment that the page makes)" >&2; return 127; }
  command python "$@"
}

pip() {
  [ -n "${VIRTUAL_ENV:-}" ] || { echo "error: externally-managed-environment" >&2; return 1; }
  [ "$1" = install ] || { command pip "$@"; return; }
  shift
  "$DOCS_PYTHON" "$DOCS_ROOT/tools/docs_pip.py" "$DOCS_BUILD" "$VIRTUAL_ENV" "$@"
}
