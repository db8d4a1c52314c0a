"""Exported agents that see several parts: an ONNX input for each, a Sequential for each picture in PyTorch, one array in C++."""

import shutil
import subprocess

import numpy as np
import onnx
import onnxruntime
import pytest
from gymnasium import spaces
from safetensors import safe_open
from test_export import IMPLICIT, convolved, program
from test_parts import CONVOLUTION, WHOLE, Part

import deepq
from deepq import _spaces

NORMALIZED = {"normalize_observations": True}

CASES = {
    "flat": {},
    "divided": {"input_divisor": 255},
    "convolution": CONVOLUTION | {"input_divisor": 255},
    "dueling-norm": CONVOLUTION | {"dueling": True, "layer_norm": True, "input_divisor": 255},
    "iqn": CONVOLUTION | {"set": IMPLICIT, "input_divisor": 255},
    "residual": {"encoder": "residual", "conv_channels": [3]},
    "normalized-flat": NORMALIZED,
    "normalized": CONVOLUTION | NORMALIZED | {"input_divisor": 255},
    "normalized-some": NORMALIZED | {"observation_keys": ["robot", "image"], "observation_clip": 0.5},
    "some": CONVOLUTION | {"observation_keys": ["robot", "image"]},
}


@pytest.fixture(scope="module", params=CASES)
def agent(request, tmp_path_factory):
    """A folder with its exports, the agent, a batch of observations, and their Q values."""
    model = deepq.DQN(Part(), network_hidden_sizes=[16], batch_size=16, learning_starts=100, seed=2, **CASES[request.param])
    model.learn(300)
    folder = tmp_path_factory.mktemp(request.param)
    model.save(folder / "agent.safetensors")
    targets = ("--onnx", folder / "q.onnx", "--safetensors", folder / "q.safetensors", "--header", folder / "q.h")
    done = program(folder / "agent.safetensors", *targets)
    assert done.returncode == 0, done.stderr
    WHOLE.seed(4)
    observations = _spaces.batch_of([WHOLE.sample() for _ in range(7)])
    return folder, model, observations, model.q_values(observations)


def parts_of(model, observations):
    space = model._model.observation_space
    return dict(zip([leaf.name for leaf in space.seen], _spaces.parts_of(space)(observations)))


def test_onnx(agent):
    folder, model, observations, wanted = agent
    onnx.checker.check_model(onnx.load(folder / "q.onnx"), full_check=True)
    session = onnxruntime.InferenceSession(folder / "q.onnx", providers=["CPUExecutionProvider"])
    parts = parts_of(model, observations)
    assert [one.name for one in session.get_inputs()] == list(parts)
    given = {name: np.asarray(part) for name, part in parts.items()}
    if "tools/1" in given:
        given["tools/1"] = given["tools/1"].reshape(-1, 1)  # a Box of no dimension is one number
    (values,) = session.run(None, given)
    np.testing.assert_allclose(values, wanted, rtol=1e-5, atol=1e-5)
    with pytest.raises(Exception, match="robot/joint, allowed: 1 to 4"):
        session.run(None, given | {"robot/joint": given["robot/joint"] * 0 + 5})


MAIN = """
#include "q.h"
#include <cstdio>
int main() {
  static float observation[deepq_agent::kObservationSize];
  float q[deepq_agent::kActionCount];
  while (std::fread(observation, sizeof observation, 1, stdin) == 1) {
    deepq_agent::q_values(observation, q);
    for (const float value : q) std::printf("%.9g ", static_cast<double>(value));
    std::printf("%d\\n", deepq_agent::act(observation));
  }
  return 0;
}
"""


def test_header(agent):
    folder, model, observations, wanted = agent
    if not shutil.which("g++"):
        pytest.skip("no g++ found: exported headers are not compiled")
    (folder / "main.cc").write_text(MAIN)
    warnings = "-Wall -Wextra -Wpedantic -Wshadow -Werror".split()
    subprocess.run(["g++", "-std=c++17", "-O1", *warnings, "main.cc", "-o", "main"], cwd=folder, check=True, timeout=300)
    # All numbers, part after part, states as the environment numbers them.
    rows = np.concatenate([np.asarray(part, np.float32).reshape(7, -1) for part in parts_of(model, observations).values()], axis=1)
    done = subprocess.run([folder / "main"], input=rows.tobytes(), capture_output=True, check=True)
    found = np.array([line.split() for line in done.stdout.decode().splitlines()], float)
    np.testing.assert_allclose(found[:, :-1], wanted, rtol=1e-5, atol=1e-5)
    assert (found[:, -1] == wanted.argmax(1)).all()


def test_safetensors(agent):
    """As docs/export.md has it: encoders.0 of the picture, all parts side by side, then body and head."""
    folder, model, observations, wanted = agent
    with safe_open(folder / "q.safetensors", framework="numpy") as file:
        tensors, metadata = {name: file.get_tensor(name) for name in file.keys()}, file.metadata()
    assert metadata["leaf_count"] == str(len(model._model.observation_space.seen))
    if any(name.startswith(("value", "advantage", "tau", "encoders.0.2")) for name in tensors):
        return  # other heads and encoders are test_export.py's
    divisor = 255 if "255" in metadata["network.input_divisor"] else 1
    joined, normalized = [], 0
    clip = float(metadata.get("network.observation_clip", 0))
    for leaf, part in zip(model._model.observation_space.seen, parts_of(model, observations).values()):
        x = np.asarray(part, np.float64)
        if leaf.count:
            x = np.eye(leaf.count)[x.astype(int) - leaf.start]
        elif leaf.holds_bytes:
            x = x / divisor
            if "encoders.0.0.weight" in tensors:
                assert metadata[f"observation_axes.{leaf.name}"] == "height, width, channels"
                x = np.maximum(convolved(x.transpose(0, 3, 1, 2), tensors["encoders.0.0.weight"], tensors["encoders.0.0.bias"], 1), 0)
        elif "observations.mean" in tensors and leaf.dtype != "int8":
            x = x.reshape(7, -1)
            columns = slice(normalized, normalized + x.shape[1])
            x = np.clip((x - tensors["observations.mean"][columns]) * tensors["observations.scale"][columns], -clip, clip)
            normalized += x.shape[1]
        joined.append(x.reshape(7, -1))
    x = np.maximum(np.concatenate(joined, axis=1) @ tensors["body.0.weight"].T + tensors["body.0.bias"], 0)
    np.testing.assert_allclose(x @ tensors["head.0.weight"].T + tensors["head.0.bias"], wanted, rtol=1e-5, atol=1e-5)


def test_parts_that_are_called_as_the_model_s_own_values(tmp_path):
    names = ["action_mask", "observation", "q_values", "Concat_0", "head.0", "body.0.weight"]
    env = Part(spaces.Dict({name: spaces.Box(-1, 1, (2,)) for name in names}), lambda _: 0)
    model = deepq.DQN(env, network_hidden_sizes=[8], batch_size=16, learning_starts=30).learn(50)
    model.save(tmp_path / "agent")
    done = program(tmp_path / "agent", "--onnx", tmp_path / "q.onnx")
    assert done.returncode == 0, done.stderr
    onnx.checker.check_model(onnx.load(tmp_path / "q.onnx"), full_check=True)
    session = onnxruntime.InferenceSession(tmp_path / "q.onnx", providers=["CPUExecutionProvider"])
    observation = env.reset(seed=1)[0]
    given = {one.name: observation[one.name.removeprefix("observation.")][None] for one in session.get_inputs()}
    np.testing.assert_allclose(session.run(None, given)[0][0], model.q_values(observation), rtol=1e-5, atol=1e-5)
