"""Arguments of every wrong kind are one deepq.Error that names the argument and says what is allowed."""

import pathlib

import numpy as np
import pytest

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

SMALL = {"network_hidden_sizes": [16], "batch_size": 16, "seed": 0}
NAN, INF = float("nan"), float("inf")
STEPS = [0, -1, 2**53, 2**63 - 1, 2**63, NAN, INF, 2.5, "1e3", "100", None, True, np.True_, b"5", [5], 1j, {}, object()]
EPISODES = [0, -3, 2.5, NAN, "2", True, [2], 2**63, 10**400]
SEEDS = [-1, 2**64, 1.5, NAN, "0", True, [0]]
EPSILONS = [-0.1, 1.5, NAN, INF, "0.1", True, [0.1], 1j]
FLAGS = ["yes", "", 2, -1, None, 1.0, [], NAN]
PATHS = [b"x", "", 3, None, True, ["x"], "a\0b", "\udcff", pathlib.PurePath]


@pytest.fixture(scope="module")
def model():
    return deepq.DQN("CartPole-v1", **SMALL).learn(10)


def refused(call, name, allowed):
    with pytest.raises(deepq.Error) as caught:
        call()
    message = str(caught.value)
    assert message.startswith(name) and allowed in message and "\n" not in message and len(message) < 200


def cases(**arguments):
    given = [(name, value) for name, values in arguments.items() for value in values]
    return pytest.mark.parametrize(("name", "value"), given, ids=[f"{name}={value!r:.20}" for name, value in given])


@cases(total_timesteps=STEPS, progress_bar=FLAGS, folder=[path for path in PATHS if path is not None])
def test_learn(name, value, model):
    allowed = {"total_timesteps": "a whole number, 1 to 9007199254740982", "progress_bar": "True or False", "folder": "path"}
    if value in ("", "a\0b", "\udcff") if isinstance(value, str) else False:
        allowed["folder"] = "path"
    refused(lambda: model.learn(**{"total_timesteps": 10, name: value}), name, allowed[name])
    assert model.num_timesteps == 10


@cases(episodes=EPISODES, seed=SEEDS, epsilon=EPSILONS)
def test_evaluate_policy(name, value, model):
    allowed = {"episodes": "a whole number, 1 to 9007199254740992, or None", "seed": "0 to 2^64 - 1, or None", "epsilon": "0 to 1"}
    refused(lambda: model.evaluate_policy(**{"episodes": 1, name: value}), name, "allowed: " if name != "seed" else allowed[name])
    refused(lambda: model.evaluate_policy(**{"episodes": 1, name: value}), name, allowed[name])


@cases(path=PATHS)
def test_save_and_load(name, value, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for call in (model.save, deepq.DQN.load):
        refused(lambda call=call: call(value), name, "path")
    assert list(tmp_path.iterdir()) == []


@cases(deterministic=FLAGS)
def test_predict(name, value, model):
    refused(lambda: model.predict(np.zeros(4), **{name: value}), name, "True or False")


@cases(
    verbose=["yes", -1, 3, 1.5, None, NAN, [1]],
    step_timeout=[0, -1, NAN, INF, "5", True, [1]],
    exploration_fraction=[0, -0.1, 1.5, NAN, "0.5", True],
    preset=[3, b"cartpole", True, ["cartpole"]],
    set=["agent.double", [("agent.double", True)], {1: 2}, 3],
)
def test_the_constructor(name, value):
    refused(lambda: deepq.DQN("CartPole-v1", **{name: value}), name, "allowed: ")


@cases(
    n_envs=[0, -1, 2.5, "many", True, [2], {}, 10**30],
    seed=[-1, 2.5, "none", True, [0], object(), 2**63],
    batch_size=[0, "32x", NAN, {}, np.array([1, 2, 3])],
    learning_rate=[0, -1, NAN, INF, "fast", {}],
    double=[2, "maybe", 0.5, [True]],
)
def test_settings(name, value):
    with pytest.raises(deepq.Error) as caught:
        deepq.DQN("CartPole-v1", **{name: value})
    assert "\n" not in str(caught.value) and (name in str(caught.value) or name.rpartition("_")[2] in str(caught.value))


def test_load_takes_no_wrong_options(model, tmp_path):
    model.save(tmp_path / "agent")
    refused(lambda: deepq.DQN.load(tmp_path / "agent", verbose="yes"), "verbose", "a whole number, 0 to 2")
    refused(lambda: deepq.DQN.load(tmp_path / "agent", step_timeout=-1), "step_timeout", "seconds above 0, or None")


@pytest.mark.parametrize("steps", [20, 20.0, np.int32(20), np.uint8(20), np.float32(20), np.array(20), 2e1])
def test_whole_numbers_of_every_kind_are_taken(steps):
    model = deepq.DQN("CartPole-v1", batch_size=np.int64(16), seed=np.uint8(3), n_envs=np.int32(1), verbose=np.int64(0))
    assert model.learn(steps, progress_bar=np.False_).num_timesteps == 20
    assert model.evaluate_policy(np.int64(2), seed=np.uint64(2**64 - 1), epsilon=np.float32(0.5)).episodes == 2
    assert model.predict(np.zeros(4), deterministic=np.False_)[0] in (0, 1)
