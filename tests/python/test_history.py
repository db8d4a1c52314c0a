"""Observations with what came before them (frame_stack=, last_action=, last_reward=), of Gymnasium's environments and our own."""

import os
import subprocess
import sys

import gymnasium
import numpy as np
import pytest
import worlds
from gymnasium.vector import AutoresetMode, SyncVectorEnv

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")
_spaces = pytest.importorskip("deepq._spaces")

SMALL = {"network_hidden_sizes": [16], "batch_size": 16, "learning_starts": 32, "seed": 3}
ALL = {"frame_stack": 3, "last_action": True, "last_reward": True}


class Five(worlds.Walk):
    """Every episode takes five steps."""

    def step(self, action):
        observation, reward, *_ = super().step(action)
        return observation, reward, False, self.steps == 5, {}


def sha(env, steps=240, **settings):
    model = deepq.DQN(env, **{**SMALL, **ALL, **settings})
    model.learn(steps)
    return model.summary["weights_sha256"]


def test_a_run_is_the_same_in_every_autoreset_mode_and_copy_by_copy():
    runs = {sha(SyncVectorEnv([Five] * 2, autoreset_mode=mode)) for mode in AutoresetMode}
    assert runs == {sha(Five, n_envs=2)}
    assert runs != {sha(Five, n_envs=2, last_reward=False)}


def test_an_agent_sees_what_gymnasiums_wrapper_shows():
    wrapped = deepq.DQN(lambda: gymnasium.wrappers.FrameStackObservation(gymnasium.make("CartPole-v1"), 4), **SMALL)
    own = deepq.DQN(lambda: gymnasium.make("CartPole-v1"), frame_stack=4, **SMALL)
    assert wrapped.learn(300).summary["weights_sha256"] == own.learn(300).summary["weights_sha256"]
    world = gymnasium.wrappers.FrameStackObservation(gymnasium.make("CartPole-v1"), 4)
    observation, _ = world.reset(seed=1)
    for _ in range(5):
        assert np.array_equal(own.q_values(observation), wrapped.q_values(observation))
        observation, *_ = world.step(own.predict(observation)[0])


class Screen(worlds.Walk):
    observation_space = gymnasium.spaces.Box(0, 255, (9, 10), np.uint8)

    def _observation(self):
        picture = np.zeros((9, 10), np.uint8)
        picture[4, self.position + 5] = 200 + self.steps
        return picture


def test_grids_of_bytes_are_kept_once_each(tmp_path):
    """As frames: the weights of the stacks that Gymnasium's wrapper makes, in less memory."""
    convolution = {"conv_channels": [4], "conv_kernels": [3], "conv_strides": [1], "input_divisor": 255, "replay_capacity": 1_000}
    wrapped = deepq.DQN(lambda: gymnasium.wrappers.FrameStackObservation(Screen(), 4), **SMALL, **convolution).learn(300)
    own = deepq.DQN(Screen, frame_stack=4, **SMALL, **convolution).learn(300)
    assert wrapped.summary["weights_sha256"] == own.summary["weights_sha256"]
    sizes = {}
    for name, model in {"wrapped": wrapped, "own": own}.items():
        model.save(tmp_path / name)
        sizes[name] = (tmp_path / name).stat().st_size
    assert sizes["wrapped"] - sizes["own"] > 300 * (2 * 4 - 3) * 90


def test_pictures_are_stacked_along_their_channels():
    class Picture(worlds.Walk):
        observation_space = gymnasium.spaces.Box(0, 255, (8, 9, 3), np.uint8)

        def _observation(self):
            return np.full((8, 9, 3), 40 * self.steps, np.uint8) + np.arange(3, dtype=np.uint8)

    model = deepq.DQN(Picture, frame_stack=2, conv_channels=[4], conv_kernels=[3], conv_strides=[1], **SMALL).learn(40)
    history = model.history()
    first = Picture()
    seen = history.reset(first.reset(seed=0)[0])
    seen = history.step(first.step(1)[0], 1, 0.0)
    assert seen.shape == (8, 9, 6) and seen.dtype == np.uint8
    assert seen[0, 0].tolist() == [0, 1, 2, 40, 41, 42]
    assert model.q_values(seen).shape == (2,)


def played(model, world, steps, seed):
    """Returns of a loop of one's own."""
    observation, info = world.reset(seed=seed)
    history = model.history()
    seen, rewards = history.reset(observation), []
    for _ in range(steps):
        action, _ = model.predict(seen, action_masks=info.get("action_mask"))
        observation, reward, terminated, truncated, info = world.step(action)
        rewards.append(reward)
        if terminated or truncated:
            break
        seen = history.step(observation, action, reward)
    return sum(rewards)


@pytest.mark.parametrize(
    "env, settings",
    [
        (lambda: gymnasium.make("CartPole-v1"), {}),
        (lambda: worlds.Shifted(), {}),
        ("FrozenLake-v1", {}),
        ("Taxi-v4", {"taxi_action_mask": True}),
        ("MinAtar/Breakout-v1", {"conv_channels": [4], "conv_kernels": [3], "conv_strides": [1]}),
    ],
    ids=["box", "states", "native-states", "masked", "picture"],
)
def test_get_env_shows_what_history_makes(env, settings):
    model = deepq.DQN(env, **SMALL, **ALL, **settings).learn(100)
    world, history = model.get_env(), model.history()
    plain = deepq.DQN(env, **SMALL, **settings).get_env()
    world.seed(5), plain.seed(5)
    seen, raw = world.reset(), plain.reset()
    expected = history.reset(raw[0])
    for _ in range(30):
        assert sorted(seen) == sorted(expected) == ["last_action", "last_reward", "observation"]
        assert seen["last_action"].shape == (1, 3) and seen["last_reward"].shape == (1, 3)
        for key in seen:
            assert np.array_equal(seen[key][0], expected[key]), key
            assert expected[key].dtype == world.observation_space[key].dtype and expected[key].shape == world.observation_space[key].shape
        masks = {"action_masks": np.array(world.env_method("action_masks"))} if "Taxi" in str(env) else {}
        actions, _ = model.predict(seen, **masks)
        seen, rewards, dones, _ = world.step(actions)
        raw, *_ = plain.step(actions)
        expected = history.reset(raw[0]) if dones[0] else history.step(raw[0], actions[0], rewards[0])


def test_what_a_loaded_agent_is_asked(tmp_path):
    model = deepq.DQN("gymnasium:CartPole-v1", eval_every_env_steps=100, eval_episodes=1, **SMALL, **ALL)
    model.learn(200, folder=tmp_path / "run")
    loaded = deepq.DQN.load(tmp_path / "run")
    assert loaded.evaluate_policy(3) == model.evaluate_policy(3)
    total = played(loaded, gymnasium.make("CartPole-v1"), 500, 7)
    assert total == played(model, gymnasium.make("CartPole-v1"), 500, 7) > 5
    for command in (["eval", "--episodes", "2"], ["watch"]):
        subprocess.run([sys.executable, "-m", "deepq", command[0], tmp_path / "run", *command[1:]], check=True, capture_output=True)
    loaded.learn(50)


def test_actions_on_several_axes():
    class Axes(worlds.Walk):
        action_space = gymnasium.spaces.MultiDiscrete([3, 2])

        def step(self, action):
            return super().step(int(action[0] == 1))

    model = deepq.DQN(Axes, **SMALL, **ALL).learn(100)
    history = model.history()
    world = Axes()
    history.reset(world.reset(seed=0)[0])
    seen = history.step(world.step(np.array([2, 1]))[0], np.array([2, 1]), 0.5)
    assert seen["last_action"].tolist() == [[0, 0], [0, 0], [3, 2]]
    assert seen["last_reward"].tolist() == [0, 0, 0.5]
    assert model.predict(seen)[0].shape == (2,)


def test_what_is_refused():
    with pytest.raises(deepq.Error, match=r"env.frame_stack is 2; allowed with a tabular agent.algorithm: 1 \(a table has a row"):
        deepq.DQN("FrozenLake-v1", algorithm="q_learning", frame_stack=2)
    with pytest.raises(deepq.Error, match="there is no history: env.frame_stack is 1"):
        deepq.DQN("CartPole-v1").history()
    with pytest.raises(deepq.Error, match="no episode has begun"):
        deepq.DQN("CartPole-v1", frame_stack=2).history().step(np.zeros(4), 0, 0)
    with pytest.raises(deepq.Error, match="the observation has the shape .4,.; allowed: .2, 4., or a batch"):
        deepq.DQN("CartPole-v1", frame_stack=2).predict(np.zeros(4))


@pytest.mark.skipif("DEEPQ_PROGRAM" not in os.environ, reason="the program is not built")
def test_the_program(tmp_path):
    run = [os.environ["DEEPQ_PROGRAM"], "train", "--env", "CartPole-v1", "--steps", "600", "--set", "env.frame_stack=2"]
    subprocess.run([*run, "--set", "env.last_action=true", "--out", tmp_path / "run", "--quiet"], check=True)
    for command in ("eval", "watch"):
        subprocess.run([run[0], command, tmp_path / "run"], check=True, capture_output=True)
    assert deepq.DQN.load(tmp_path / "run").history().reset(np.zeros(4))["observation"].shape == (2, 4)


@pytest.mark.skipif("DEEPQ_PROGRAM" not in os.environ, reason="the program is not built")
@pytest.mark.parametrize(
    "env, settings",
    [
        ("CartPole-v1", {"frame_stack": 4}),
        ("CartPole-v1", ALL),
        ("FrozenLake-v1", ALL),
        ("MinAtar/Breakout-v1", ALL | {"conv_channels": [4], "conv_kernels": [3], "conv_strides": [1]}),
    ],
    ids=["stack", "all", "states", "picture"],
)
def test_an_exported_model_takes_the_parts(env, settings, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    model = deepq.DQN(env, **SMALL, **settings).learn(200)
    model.save(tmp_path / "agent.safetensors")
    program = os.environ["DEEPQ_PROGRAM"]
    subprocess.run([program, "export", tmp_path / "agent.safetensors", "--onnx", tmp_path / "q.onnx"], check=True, capture_output=True)
    world = model.get_env()
    world.seed(3)
    rows = [world.reset()]
    for _ in range(6):
        rows.append(world.step(model.predict(rows[-1])[0])[0])
    batch = {key: np.concatenate([row[key] for row in rows]) for key in rows[0]} if isinstance(rows[0], dict) else np.concatenate(rows)
    space = model._model.observation_space
    split = _spaces.parts_of(space)
    parts = [batch] if split is None else split(batch)
    session = onnxruntime.InferenceSession(tmp_path / "q.onnx", providers=["CPUExecutionProvider"])
    given = {}
    for one, part in zip(session.get_inputs(), parts):
        dtype = {"tensor(float)": np.float32, "tensor(uint8)": np.uint8, "tensor(int64)": np.int64}[one.type]
        given[one.name] = np.asarray(part, dtype)
    np.testing.assert_allclose(session.run(None, given)[0], model.q_values(batch), rtol=1e-5, atol=1e-5)
