"""Exported agents, run by other programs: onnxruntime, NumPy on PyTorch's tensors, a C++ compiler. All agree with deepq's own Q values."""

import itertools
import shutil
import subprocess
import sys
import tomllib
from functools import partial

import gymnasium
import numpy as np
import onnx
import onnxruntime
import pytest
from safetensors import safe_open
from worlds import Matrix, Numbered, Shifted, Walk

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

BATCH = 7


def typed(dtype):
    """A walk whose observations are of this type."""

    class Typed(Walk):
        observation_space = gymnasium.spaces.Box(0, 1, (3, 2), dtype)

        def _observation(self):
            return np.full((3, 2), self.steps % 2, dtype)

    return Typed


def picture(*shape):
    class Picture(Walk):
        observation_space = gymnasium.spaces.Box(0, 255, shape, np.uint8)

        def _observation(self):
            return np.full(shape, 40 * self.steps, np.uint8)

    return Picture


CONVOLUTION = {"network.conv_channels": [4, 6], "network.conv_kernels": [3, 2], "network.conv_strides": [1, 2]}
RESIDUAL = {"network.encoder": "residual", "network.conv_channels": [4, 6]}
IMPLICIT = {"value.representation": "implicit", "value.action_samples": 5}
NORMALIZED = {"network.normalize_observations": True, "agent.normalize_rewards": True}
CATEGORICAL = {"value.representation": "categorical", "value.v_min": -3.0, "value.v_max": 12.0}

# Environment, settings (a preset among them).
CASES = {
    "dqn": ("CartPole-v1", {}),
    "no-hidden-layer": ("CartPole-v1", {"network.hidden_sizes": []}),
    "divided-input": ("CartPole-v1", {"network.input_divisor": 3.0}),
    "normalized": ("CartPole-v1", NORMALIZED),
    "normalized-linear": ("CartPole-v1", {**NORMALIZED, "network.hidden_sizes": []}),
    "normalized-iqn": ("CartPole-v1", {**NORMALIZED, **IMPLICIT, "network.hidden_sizes": [9]}),
    "normalized-rainbow": ("CartPole-v1", {"preset": "rainbow", **NORMALIZED, "network.observation_clip": 0.5}),
    "normalized-pqn": ("CartPole-v1", {"preset": "pqn", **NORMALIZED}),
    "normalized-float64": (typed("float64"), NORMALIZED),
    "dueling": ("CartPole-v1", {"network.dueling": True}),
    "dueling-without-hidden-layer": ("CartPole-v1", {"network.dueling": True, "network.hidden_sizes": []}),
    "noisy": ("CartPole-v1", {"network.noisy": True}),
    "layer-norm": ("CartPole-v1", {"network.layer_norm": True}),
    "pqn": ("CartPole-v1", {"preset": "pqn"}),
    "c51": ("CartPole-v1", CATEGORICAL),
    "qr-dqn": ("CartPole-v1", {"value.representation": "quantile"}),
    "iqn": ("CartPole-v1", IMPLICIT),
    "iqn-dueling-layer-norm": ("CartPole-v1", {"network.dueling": True, "network.layer_norm": True, **IMPLICIT}),
    "rainbow": ("CartPole-v1", {"preset": "rainbow"}),
    "rainbow-layer-norm": ("CartPole-v1", {"preset": "rainbow", "network.layer_norm": True}),
    "frozen-lake": ("FrozenLake-v1", {}),
    "shifted-numbers": (Shifted, {}),
    "far-numbers": (partial(Numbered, start=2**53 + 1, action_start=-(2**40)), {}),
    "the-first-numbers": (partial(Numbered, start=-(2**63), action_start=-(2**63)), {}),
    "small-numbers": (partial(Numbered, start=-3, dtype=np.int8), {}),
    "the-last-numbers": (partial(Numbered, start=2**63 - 5, action_start=2**63 - 3, dtype=np.uint64), {}),
    "matrix": (Matrix, {}),
    **{dtype: (typed(dtype), {}) for dtype in ("float64", "int8", "bool")},
    "minatar": ("MinAtar/Breakout-v1", CONVOLUTION),
    "minatar-without-convolutions": ("MinAtar/Breakout-v1", {}),
    "minatar-linear": ("MinAtar/Breakout-v1", {**CONVOLUTION, "network.hidden_sizes": []}),
    "residual": ("MinAtar/Breakout-v1", RESIDUAL),
    "residual-linear": ("MinAtar/Breakout-v1", {**RESIDUAL, "network.hidden_sizes": []}),
    "residual-dueling-noisy": ("MinAtar/Breakout-v1", {**RESIDUAL, "network.dueling": True, "network.noisy": True}),
    "residual-iqn-norm": ("MinAtar/Breakout-v1", {**RESIDUAL, **IMPLICIT, "network.layer_norm": True, "network.hidden_sizes": [9]}),
    "residual-channels-first": (picture(3, 9, 11), {**RESIDUAL, "network.input_divisor": 255.0}),
    "residual-channels-last": (picture(9, 11, 3), {**RESIDUAL, "network.input_divisor": 255.0}),
    "minatar-rainbow": ("MinAtar/Freeway-v1", {"preset": "minatar-rainbow"}),
    "channels-first": (picture(3, 9, 11), {**CONVOLUTION, "network.input_divisor": 255.0}),
    "channels-last": (picture(9, 11, 3), {**CONVOLUTION, "network.input_divisor": 255.0}),
    "channels-said-to-be-last": (picture(4, 9, 11), {**CONVOLUTION, "env.image_channels": "last"}),
    "minatar-iqn": ("MinAtar/Breakout-v1", {**CONVOLUTION, **IMPLICIT, "network.hidden_sizes": [9]}),
    "nature": ("ALE/Pong-v5", {"preset": "nature", "network.hidden_sizes": [32], "replay.capacity": 1_000}),
    "pixels-without-convolutions": (
        "ALE/Pong-v5",
        {"preset": "nature", "replay.capacity": 1_000, "network.hidden_sizes": [8]}
        | {f"network.conv_{name}": [] for name in ("channels", "kernels", "strides")},
    ),
}


def program(*arguments):
    command = [sys.executable, "-m", "deepq", "export", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def settings_of(model):
    return tomllib.loads(model.config)


def observations_like(model, dtype):
    """Random ones, as the environment's; where pixels are worth something, of every worth."""
    random = np.random.default_rng(0)
    shape = (BATCH, *model._observations.leaf.shape)
    if model._observations.leaf.count:
        numbers = [model._observations.leaf.start + i % model._observations.leaf.count for i in range(BATCH)]
        return np.array(numbers, dtype or np.int64)
    if "ALE" in settings_of(model)["env"]["id"] or dtype == np.uint8:
        return random.integers(0, 256, shape, np.uint8)
    if dtype is not None:
        return random.integers(0, 2, shape).astype(dtype)
    if len(shape) > 2:
        return random.integers(0, 2, shape).astype(np.float32)
    return random.normal(size=shape).astype(np.float32)


@pytest.fixture(scope="module", params=CASES)
def agent(request, tmp_path_factory):
    """A folder with an agent exported in every format, observations, and their Q values."""
    env, settings = CASES[request.param]
    if str(env).startswith("ALE"):
        pytest.importorskip("ale_py.vector_env", reason="ale-py is not installed: its tests are SKIPPED")
    preset = settings.get("preset")
    small = {} if preset else {"network.hidden_sizes": [16, 12], "agent.batch_size": 16}
    soon = {} if preset == "pqn" else {"train.learning_starts_env_steps": 100}
    settings = {**small, **soon, **{key: value for key, value in settings.items() if key != "preset"}}
    env = env if isinstance(env, str) else env()
    model = deepq.DQN(env, preset=preset, set=settings)
    model.learn(300)  # so that no weight is what it was, normalisation's gain and bias included
    folder = tmp_path_factory.mktemp(request.param)
    model.save(folder / "agent.safetensors")
    targets = ("--onnx", folder / "q.onnx", "--safetensors", folder / "q.safetensors", "--header", folder / "q.h")
    done = program(folder / "agent.safetensors", *targets)
    assert done.returncode == 0, done.stderr
    loaded = deepq.DQN.load(folder / "agent.safetensors")
    observations = observations_like(loaded, None if isinstance(env, str) else env.observation_space.dtype)
    return folder, loaded, observations, loaded.q_values(observations)


def assert_equal_values(values, wanted):
    assert values.dtype == np.float32 and values.shape == wanted.shape
    np.testing.assert_allclose(values, wanted, rtol=1e-5, atol=1e-5)


def test_onnx(agent):
    folder, model, observations, wanted = agent
    onnx_model = onnx.load(folder / "q.onnx", load_external_data=False)
    onnx.checker.check_model(onnx_model, full_check=True)
    assert (onnx_model.ir_version, [o.version for o in onnx_model.opset_import]) == (8, [17])
    facts = {entry.key: entry.value for entry in onnx_model.metadata_props}
    config = settings_of(model)
    assert facts["environment"] == config["env"]["id"] and facts["deepq_version"] == deepq.__version__
    assert facts["algorithm"] == config["agent"]["algorithm"] and facts.get("preset", "") == config["preset"]

    session = onnxruntime.InferenceSession(folder / "q.onnx", providers=["CPUExecutionProvider"])
    (given,), (values,) = session.get_inputs(), session.get_outputs()
    assert (given.name, given.shape) == ("observation", ["batch", *observations.shape[1:]])
    assert (values.name, values.shape) == ("q_values", ["batch", wanted.shape[1]])
    types = {"float": "float32", "double": "float64"}
    name = given.type.removeprefix("tensor(").removesuffix(")")
    assert types.get(name, name) == observations.dtype
    assert_equal_values(session.run(None, {"observation": observations})[0], wanted)
    assert_equal_values(session.run(None, {"observation": observations[:1]})[0], wanted[:1])


def out_of_range(model, dtype):
    """What is not among the states: just beyond each end, and what wraps to one where numbers are cut or taken from the end."""
    first, count = model._observations.leaf.start, model._observations.leaf.count
    numbers = [first - 1, first + count, first - count, first + 2**8, first + 2**32, first - 2**32, -1, -count]
    limits = np.iinfo(dtype)
    return [n for n in numbers if limits.min <= n <= limits.max and not first <= n < first + count]


def test_onnx_refuses_what_is_no_state(agent):
    folder, model, observations, _ = agent
    if not model._observations.leaf.count:
        return
    session = onnxruntime.InferenceSession(folder / "q.onnx", providers=["CPUExecutionProvider"])
    first, last = model._observations.leaf.start, model._observations.leaf.start + model._observations.leaf.count - 1
    for number in out_of_range(model, observations.dtype):
        batch = np.array([observations[0], number], observations.dtype)
        with pytest.raises(Exception, match=f"observation, allowed: {first} to {last}'.*out of data bounds"):
            session.run(None, {"observation": batch})
        with pytest.raises(deepq.Error, match=f"the observation is {number}; allowed: {first} to {last}"):
            model.q_values(batch)


def convolved(images, weight, bias, stride, padding=0):
    images = np.pad(images, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(images, weight.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum("bcyxhw,ochw->boyx", windows, weight) + bias[:, None, None]


def pooled(images):
    """MaxPool2d(3, stride=2, padding=1)"""
    images = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    return np.lib.stride_tricks.sliding_window_view(images, (3, 3), axis=(2, 3))[:, :, ::2, ::2].max((-2, -1))


class TorchModel:
    """What the class in docs/export.md computes."""

    def __init__(self, path, config):
        with safe_open(path, framework="numpy") as file:
            self.metadata = file.metadata()
            self.tensors = {name: file.get_tensor(name) for name in file.keys()}
        self.config, self.strides = config, iter(config["network"]["conv_strides"])

    def residual_stages(self, x):
        """Of `body`: for each stage a Conv2d, a MaxPool2d and two Sequentials of ReLU, Conv2d, ReLU, Conv2d; then a ReLU."""

        def convolution(name, x):
            return convolved(x, self.tensors.pop(f"{name}.weight"), self.tensors.pop(f"{name}.bias"), 1, padding=1)

        for stage in range(len(self.config["network"]["conv_channels"])):
            x = pooled(convolution(f"body.{4 * stage}", x))
            for block in (f"body.{4 * stage + 2}", f"body.{4 * stage + 3}"):
                x = x + convolution(f"{block}.3", np.maximum(convolution(f"{block}.1", np.maximum(x, 0)), 0))
        return np.maximum(x, 0).reshape(len(x), -1)

    def sequence(self, name, x):
        places = sorted({int(key.split(".")[1]) for key in self.tensors if key.startswith(name + ".")})
        for place in places:
            layer = {key.split(".")[2].removesuffix("_mu"): value for key, value in self.tensors.items()
                     if key.startswith(f"{name}.{place}.")}
            weight, bias = layer["weight"], layer["bias"]
            if weight.ndim == 4:
                x = convolved(x, weight, bias, next(self.strides))
            elif weight.ndim == 2:
                x = x.reshape(len(x), -1) @ weight.T + bias
            else:
                x = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5) * weight + bias
            normalised_next = f"{name}.{place + 1}.weight" in self.tensors
            output = name in ("head", "value", "advantage") and place == places[-1]
            x = x if normalised_next or output else np.maximum(x, 0)
        return x

    def __call__(self, x, actions):
        value, network = self.config["value"], self.config["network"]
        implicit = value["representation"] == "implicit"
        x = x / network["input_divisor"]
        if network["normalize_observations"]:
            clip, mean, scale = network["observation_clip"], self.tensors.pop("observations.mean"), self.tensors.pop("observations.scale")
            x = np.clip((x - mean) * scale, -clip, clip)
        if network["encoder"] == "residual":
            x = self.residual_stages(x)
        x = self.sequence("body", x)
        if implicit:
            taus = (np.arange(value["action_samples"]) + 0.5) / value["action_samples"]
            embedding = self.sequence("tau", np.cos(np.pi * np.arange(64) * taus[:, None]))
            x = x.reshape(len(x), 1, -1) * embedding
            batch, x = len(x), x.reshape(-1, x.shape[-1])
        if network["dueling"]:
            v, a = self.sequence("value", x)[:, None], self.sequence("advantage", x)
            a = a.reshape(len(a), actions, -1)
            x = v + a - a.mean(1, keepdims=True)
        else:
            x = self.sequence("head", x).reshape(len(x), actions, -1)
        if implicit:
            return x.reshape(batch, -1, actions).mean(1)
        if value["representation"] == "categorical":
            p = np.exp(x - x.max(2, keepdims=True))
            return p / p.sum(2, keepdims=True) @ np.linspace(value["v_min"], value["v_max"], value["atoms"])
        return x.mean(2)


def test_safetensors(agent):
    folder, model, observations, wanted = agent
    config = settings_of(model)
    network = config["network"]
    torch_model = TorchModel(folder / "q.safetensors", config)
    assert torch_model.metadata["environment"] == config["env"]["id"]
    assert all(tensor.dtype == np.float32 for tensor in torch_model.tensors.values())
    noisy = [name for name in torch_model.tensors if name.endswith("sigma")]
    assert bool(noisy) == network["noisy"]
    if model._observations.leaf.count:
        first, count = (int(torch_model.metadata[f"state_{name}"]) for name in ("start", "count"))
        x = np.eye(count)[[int(observation) - first for observation in observations]]
    else:
        x = observations.astype(np.float64)
        if not network["conv_channels"]:
            x = x.reshape(len(x), -1)
        elif torch_model.metadata["observation_axes"] == "height, width, channels":
            x = x.transpose(0, 3, 1, 2)
    np.testing.assert_allclose(torch_model(x, wanted.shape[1]), wanted, rtol=1e-5, atol=1e-5)


MAIN = """
#include "q.h"
#include <cstdio>
#include <exception>
template <class Number>
int answer() {
  static Number observation[deepq_agent::kObservationSize];
  float q[deepq_agent::kActionCount];
  while (std::fread(observation, sizeof observation, 1, stdin) == 1) {
    try {
      deepq_agent::q_values(observation, q);
      for (const float value : q) std::printf("%.9g ", static_cast<double>(value));
      std::printf("%lld\\n", static_cast<long long>(deepq_agent::act(observation)));
    } catch (const std::exception& error) {
      std::printf("%s\\n", error.what());
    }
  }
  return 0;
}
int main(int count, char**) { return count > 1 ? answer<float>() : answer<NUMBER>(); }
"""


def compiled(folder, dtype):
    """What runs the header on observations, of this type or as floats, and returns the lines that it prints."""
    if not shutil.which("g++"):
        pytest.skip("no g++ found: exported headers are not compiled")
    number = {"float32": "float", "float64": "double", "bool": "bool"}.get(str(dtype), f"std::{dtype}_t")
    (folder / "main.cc").write_text(MAIN.replace("NUMBER", number))
    warnings = "-Wall -Wextra -Wpedantic -Wshadow -Werror".split()
    command = ["g++", "-std=c++17", "-O1", *warnings, "main.cc", "-o", "main"]
    subprocess.run(command, cwd=folder, check=True, timeout=300)

    def lines(observations, floats=False):
        numbers = np.asarray(observations, np.float32 if floats else dtype).tobytes()
        command = [folder / "main", *["floats"] * floats]
        done = subprocess.run(command, input=numbers, capture_output=True, check=True)
        return done.stdout.decode().splitlines()

    return lines


def assert_header_agrees(lines, model, wanted):
    rows = [line.split() for line in lines]
    assert_equal_values(np.array([row[:-1] for row in rows], np.float32), wanted)
    best = np.sort(wanted, axis=1)
    for row, values, top in zip(rows, wanted, best):
        if top[-1] - top[-2] > 1e-4:  # no tie up to rounding
            assert int(row[-1]) == model._actions_of(int(np.argmax(values)))


def test_header(agent):
    folder, model, observations, wanted = agent
    lines = compiled(folder, observations.dtype)
    assert_header_agrees(lines(observations), model, wanted)
    if not model._observations.leaf.count:
        assert_header_agrees(lines(observations, floats=True), model, wanted)
        return
    first, last = model._observations.leaf.start, model._observations.leaf.start + model._observations.leaf.count - 1
    wrong = out_of_range(model, observations.dtype)
    assert lines(wrong) == [f"the observation is {number}; allowed: {first} to {last}" for number in wrong]
    if abs(first) < 2**24:
        assert_header_agrees(lines(observations, floats=True), model, wanted)
    for line in lines([first + 0.75, np.nan, np.inf, -np.inf], floats=True)[first < -(2**24) or first > 2**24 :]:
        assert line.endswith(f"allowed: {first} to {last}")


def test_each_file_is_asked_for_by_itself(tmp_path):
    deepq.DQN("CartPole-v1").save(tmp_path / "agent.safetensors")
    names = {"--onnx": "a.onnx", "--safetensors": "b.safetensors", "--header": "c.h"}
    for options in itertools.chain.from_iterable(itertools.combinations(names, n) for n in (1, 2, 3)):
        paths = [tmp_path / names[option] for option in options]
        done = program(tmp_path / "agent.safetensors", *itertools.chain(*zip(options, paths)))
        assert (done.returncode, done.stdout.split()) == (0, [str(path) for path in paths]), done.stderr
        assert sorted(p.name for p in tmp_path.iterdir()) == sorted(["agent.safetensors", *(p.name for p in paths)])
        for path in paths:
            path.unlink()
