"""deepq.from_sb3 with a model that Stable-Baselines3 saved (tools/golden/stable_baselines.py), without that library and PyTorch.

With both, and CnnPolicy: test_stable_baselines.py.
"""

import base64
import io
import json
import pickle
import pathlib
import tomllib
import types
import zipfile

import numpy as np
import pytest

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")
gymnasium = pytest.importorskip("gymnasium")
GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden"
ZIP = GOLDEN / "sb3_dqn.zip"


def test_actions_and_settings_are_the_models():
    agent = deepq.from_sb3(ZIP, env="CartPole-v1")
    golden = json.loads((GOLDEN / "sb3_dqn.json").read_text())
    observations = np.array(golden["observations"], np.float32)
    assert np.allclose(agent.q_values(observations), golden["q_values"], atol=1e-5)
    assert agent.predict(observations)[0].tolist() == golden["actions"]
    config = tomllib.loads(agent.config)
    assert config["network"]["hidden_sizes"] == [8, 6] and config["agent"]["loss"] == "huber" and config["train"]["seed"] == 3
    assert config["optimizer"]["learning_rate"] == 2e-3 and config["agent"]["batch_size"] == 16 and config["replay"]["capacity"] == 5000
    assert config["target"]["sync_every_env_steps"] == 50 and config["train"]["update_every_env_steps"] == 8
    assert config["train"]["learning_starts_env_steps"] == 40 and config["exploration"]["schedule"] == "linear"
    before = agent.q_values(observations)
    agent.learn(300)
    assert not np.array_equal(agent.q_values(observations), before)


def test_keywords_take_the_place_of_what_it_has():
    agent = deepq.from_sb3(str(ZIP)[:-4], env="CartPole-v1", learning_rate=1e-4, loss="mse", double=True)
    config = tomllib.loads(agent.config)
    assert config["optimizer"]["learning_rate"] == 1e-4 and config["agent"]["loss"] == "mse" and config["agent"]["double"]


def test_what_does_not_fit_is_named(tmp_path):
    with pytest.raises(deepq.Error, match=r"holds no environment; allowed: from_sb3\(path, env=...\)"):
        deepq.from_sb3(ZIP)
    with pytest.raises(deepq.Error, match=r"no counterpart here: q_net.0.weight \[8, 4\].*; here body.0.weight \[8, 6\]"):
        deepq.from_sb3(ZIP, env="Acrobot-v1")
    with pytest.raises(deepq.Error, match="is not there; allowed: a model that Stable-Baselines3 saved"):
        deepq.from_sb3(tmp_path / "none", env="CartPole-v1")
    with pytest.raises(deepq.Error, match="model is a int; allowed: a DQN of Stable-Baselines3's"):
        deepq.from_sb3(7)


class Tensor(np.ndarray):
    """As much of PyTorch's as is asked of one."""

    detach = cpu = lambda self: self
    numpy = lambda self: np.asarray(self)  # noqa: E731


def model_of(layers, **settings):
    """What is asked of an agent of Stable-Baselines3's, with layers of such sizes."""
    random = np.random.default_rng(0)
    tensors = {}
    for i, (inputs, outputs) in enumerate(zip(layers, layers[1:])):
        tensors[f"q_net.q_net.{2 * i}.weight"] = random.normal(size=(outputs, inputs)).astype(np.float32).view(Tensor)
        tensors[f"q_net.q_net.{2 * i}.bias"] = np.zeros(outputs, np.float32).view(Tensor)
    return types.SimpleNamespace(policy=types.SimpleNamespace(state_dict=lambda: tensors), **settings)


def test_an_object_s_settings():
    agent = deepq.from_sb3(model_of([4, 8, 2], n_steps=3, gamma=0.9), env="CartPole-v1")
    assert tomllib.loads(agent.config)["agent"] | {"n_step": 3, "gamma": 0.9} == tomllib.loads(agent.config)["agent"]


@pytest.mark.parametrize("shape, kwargs, taken", [((1, 4, 4), {}, False), ((1, 4, 4), {"normalize_images": False}, True), ((4, 4, 3), {"normalize_images": False}, False)])
def test_pictures_seen_as_rows_of_numbers_are_taken_where_they_are_the_same(shape, kwargs, taken):
    class World(gymnasium.Env):
        observation_space = gymnasium.spaces.Box(0, 255, shape, np.uint8)
        action_space = gymnasium.spaces.Discrete(2)

        def reset(self, seed=None, options=None):
            return self.observation_space.sample(), {}

        def step(self, action):
            return self.observation_space.sample(), 0.0, True, False, {}

    model = model_of([int(np.prod(shape)), 8, 2], policy_kwargs=kwargs)
    if not taken:
        with pytest.raises(deepq.Error, match="MlpPolicy saw pictures .*; allowed: CnnPolicy"):
            deepq.from_sb3(model, env=World())
        return
    seen = World().observation_space.sample()
    weights = model.policy.state_dict()
    hidden = np.maximum(np.asarray(weights["q_net.q_net.0.weight"]) @ seen.reshape(-1), 0)
    values = np.asarray(weights["q_net.q_net.2.weight"]) @ hidden
    assert np.allclose(deepq.from_sb3(model, env=World()).q_values(seen), values, rtol=1e-5)


def changed(to, replacements):
    """The model with other contents, by the names of the zip's members."""
    with zipfile.ZipFile(ZIP) as whole, zipfile.ZipFile(to, "w") as other:
        for name in whole.namelist():
            other.writestr(name, replacements.get(name, whole.read(name)))
    return to


def with_data(to, **changes):
    with zipfile.ZipFile(ZIP) as whole:
        return changed(to, {"data": json.dumps(json.loads(whole.read("data")) | changes)})


def test_no_code_of_the_file_runs(tmp_path):
    """Each place in which a pickle may lie has one that would make a file."""
    trap = tmp_path / "trap"

    class Trap:
        def __reduce__(self):
            return pathlib.Path.touch, (trap,)

    def pth(content):
        saved = io.BytesIO()
        with zipfile.ZipFile(saved, "w") as file:
            file.writestr("archive/data.pkl", content)
        return saved.getvalue()

    for content in (pth(pickle.dumps(Trap())), pth(pickle.dumps({"q_net.q_net.0.weight": Trap()})), pickle.dumps(Trap())):
        with pytest.raises(deepq.Error, match="is no model of Stable-Baselines3's"):
            deepq.from_sb3(changed(tmp_path / "m.zip", {"policy.pth": content}), env="CartPole-v1")
    serialized = base64.b64encode(pickle.dumps(Trap())).decode()
    for name in ("learning_rate", "train_freq", "seed"):
        path = with_data(tmp_path / "m.zip", **{name: {":type:": "<class 'x'>", ":serialized:": serialized}})
        with pytest.raises(deepq.Error, match=f"the model's {name} is a <class 'x'> that cannot be read without running code"):
            deepq.from_sb3(path, env="CartPole-v1")
    path = with_data(tmp_path / "m.zip", policy_kwargs={":type:": "<class 'dict'>", ":serialized:": serialized, "net_arch": [8, 6]})
    deepq.from_sb3(path, env="CartPole-v1")
    assert not trap.exists()


def test_other_networks_are_refused(tmp_path):
    tanh = {":type:": "<class 'dict'>", ":serialized:": "", "activation_fn": "<class 'torch.nn.modules.activation.Tanh'>"}
    with pytest.raises(deepq.Error, match="activation_fn is 'Tanh'; allowed: ReLU"):
        deepq.from_sb3(with_data(tmp_path / "m.zip", policy_kwargs=tanh), env="CartPole-v1")


def test_damage_is_an_error(tmp_path):
    whole = ZIP.read_bytes()
    random = np.random.default_rng(0)
    for size in range(0, len(whole), 331):
        (tmp_path / "m.zip").write_bytes(whole[:size])
        with pytest.raises(deepq.Error):
            deepq.from_sb3(tmp_path / "m.zip", env="CartPole-v1")
    with zipfile.ZipFile(ZIP) as file:
        weights = file.read("policy.pth")
    for _ in range(60):  # read, or refused
        damaged = bytearray(weights)
        damaged[random.integers(len(damaged))] = random.integers(256)
        try:
            deepq.from_sb3(changed(tmp_path / "m.zip", {"policy.pth": bytes(damaged)}), env="CartPole-v1")
        except deepq.Error:
            pass
