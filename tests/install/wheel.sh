#!/usr/bin/env bash
# The wheel as its users get it: in a fresh environment with numpy alone, away from the source, with none of the libraries that were
# linked. tests/install/wheel.sh WORK
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
work=$1
rm -rf "$work"
mkdir -p "$work"
wheel=$(cd "$source" && tools/wheel.sh "$work/dist" | tail -n 1)
echo "$wheel"
python3 -m zipfile -l "$wheel" | tee "$work/content"
for file in deepq/py.typed deepq/_deepq.pyi deepq/dqn.py libtomlplusplus licenses/LICENSE; do
  grep -q "$file" "$work/content" || { echo "wheel: $file is not in it" >&2; exit 1; }
done
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check "$wheel"
cd "$work"
"$work/venv/bin/pip" list --disable-pip-version-check --format freeze | sort | tee installed
test "$(grep -vc -e '^pip=' -e '^setuptools=' installed)" = 2  # deepq and numpy
"$work/venv/bin/python" - <<'EOF'
import deepq, pathlib, sys

maps = pathlib.Path("/proc/self/maps").read_text()
loaded = {line.split()[-1] for line in maps.splitlines() if "tomlplusplus" in line}
assert loaded and all("/venv/" in name for name in loaded), loaded
model = deepq.DQN("CartPole-v1", learning_starts=100)
model.learn(2_000)
mean = model.evaluate_policy(5).mean_return
assert mean > 5, mean
try:
    deepq.DQN("LunarLander-v3")
except Exception as error:
    assert "ymnasium" in str(error), error
else:
    sys.exit("an environment of Gymnasium's was made without Gymnasium")
EOF
venv/bin/deepq train --preset chapter --episodes 20 --out run --quiet --json >summary
grep -q ".episodes.: 20" summary
venv/bin/deepq eval run --episodes 3 >/dev/null
echo "the wheel works"
