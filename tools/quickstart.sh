#!/usr/bin/env bash
# From a bare Debian 12 to a trained agent: installs what is missing, builds the program, trains the chapter's agent on CartPole-v1
# and says where the report is. A second call installs and rebuilds nothing. Arguments go to `deepq train`.
set -euo pipefail
cd "$(dirname "$0")/.."

tools/setup.sh build
[ -e build/release/build.ninja ] || cmake --preset release >/dev/null
cmake --build --preset release

program=build/release/cli/deepq
"$program" train --preset chapter "$@"
echo "The program is $program; to call it by its name: export PATH=\"\$PWD/build/release/cli:\$PATH\""
