"""Exported agents that choose among legal actions ask for them: an input of ONNX models, an argument in C++."""

import shutil
import subprocess

import numpy as np
import onnx
import onnxruntime
import pytest
from test_export import CATEGORICAL, IMPLICIT, program

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

CASES = {
    "scalar": ("TicTacToe-v0", {}),
    "dueling": ("TicTacToe-v0", {"network.dueling": True}),
    "c51": ("ConnectFour-v0", CATEGORICAL),
    "qr-dqn": ("TicTacToe-v0", {"value.representation": "quantile"}),
    "iqn": ("TicTacToe-v0", IMPLICIT),
    "states": ("Taxi-v4", {"taxi.action_mask": True}),
}
MAIN = """
#include "q.h"
#include <cstdio>
int main() {
  static float observation[deepq_agent::kObservationSize];
  bool legal[deepq_agent::kActionCount];
  while (std::fread(observation, sizeof observation, 1, stdin) == 1 && std::fread(legal, sizeof legal, 1, stdin) == 1)
    std::printf("%d\\n", deepq_agent::act(observation, legal));
  return 0;
}
"""


@pytest.fixture(scope="module", params=CASES)
def agent(request, tmp_path_factory):
    """A folder with its exports, the agent, observations with masks, and what it chooses there."""
    env, settings = CASES[request.param]
    more = {"network.hidden_sizes": [16], "agent.batch_size": 16, "train.learning_starts_env_steps": 100}
    model = deepq.DQN(env, set=more | settings)
    model.learn(300)
    folder = tmp_path_factory.mktemp(request.param)
    model.save(folder / "agent.safetensors")
    done = program(folder / "agent.safetensors", "--onnx", folder / "q.onnx", "--header", folder / "q.h")
    assert done.returncode == 0, done.stderr
    random, leaf = np.random.default_rng(1), model._observations.leaf
    observations = random.integers(0, 2, (40, *leaf.shape), np.uint8) if not leaf.count else random.integers(0, leaf.count, 40)
    masks = random.random((40, model.q_values(observations[0]).size)) < 0.3
    masks[np.arange(40), random.integers(0, masks.shape[1], 40)] = True
    return folder, model, observations, masks, model.predict(observations, action_masks=masks)[0]


def test_onnx(agent):
    folder, model, observations, masks, wanted = agent
    onnx.checker.check_model(onnx.load(folder / "q.onnx"), full_check=True)
    session = onnxruntime.InferenceSession(folder / "q.onnx", providers=["CPUExecutionProvider"])
    mask = session.get_inputs()[1]
    assert (mask.name, mask.shape, mask.type) == ("action_mask", ["batch", masks.shape[1]], "tensor(bool)")
    given = observations if observations.ndim == 1 else observations.astype(np.float32)  # as the native environments do
    (values,) = session.run(None, {"observation": given, "action_mask": masks})
    assert (values.argmax(1) == wanted).all()
    assert np.isneginf(values[~masks]).all()
    np.testing.assert_allclose(values[masks], model.q_values(observations)[masks], rtol=1e-5, atol=1e-5)
    assert (model.q_values(observations).argmax(1) != wanted).any(), "some favourites are illegal"


def test_header(agent):
    folder, _, observations, masks, wanted = agent
    if not shutil.which("g++"):
        pytest.skip("no g++ found: exported headers are not compiled")
    (folder / "main.cc").write_text(MAIN)
    warnings = "-Wall -Wextra -Wpedantic -Wshadow -Werror".split()
    subprocess.run(["g++", "-std=c++17", "-O1", *warnings, "main.cc", "-o", "main"], cwd=folder, check=True, timeout=300)
    given = b"".join(one.astype(np.float32).tobytes() + mask.tobytes() for one, mask in zip(observations, masks))
    done = subprocess.run([folder / "main"], input=given, capture_output=True, check=True)
    assert done.stdout.decode().split() == [str(action) for action in wanted]
