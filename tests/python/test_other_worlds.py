"""Environments of other packages, as they are installed: each is trained in for some hundred steps.

tools/test_other_worlds.sh runs these.
"""

import subprocess
import sys
import warnings

import gymnasium
import numpy as np
import pytest

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")
packages = [
    pytest.importorskip(name, reason=f"{name} is not installed: tools/test_other_worlds.sh tests with it")
    for name in ("minigrid", "highway_env", "flappy_bird_gymnasium", "gym_trading_env")
]

SMALL = {"network_hidden_sizes": [32], "batch_size": 16, "learning_starts": 64, "seed": 1}
KEYS = ["image", "direction"]


@pytest.fixture(autouse=True)
def quiet():
    """They warn of each other's ways."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_minigrid_s_text_is_refused_by_name():
    with pytest.raises(deepq.Error, match=r"its observation space 'mission' is MissionSpace, which no network takes; leave it out: observation_keys=\['direction', 'image'\]"):
        deepq.DQN("MiniGrid-Empty-5x5-v0", **SMALL)


@pytest.mark.parametrize(
    "settings", [{}, {"conv_channels": [8], "conv_kernels": [3], "conv_strides": [1], "input_divisor": 10}], ids=["flat", "convolution"]
)
def test_minigrid_from_its_own_dict(settings, tmp_path):
    model = deepq.DQN("MiniGrid-Empty-5x5-v0", observation_keys=KEYS, **SMALL, **settings).learn(300)
    assert model.evaluate_policy(episodes=2).episodes == 2
    model.save(tmp_path / "agent")
    env = gymnasium.make("MiniGrid-Empty-5x5-v0")
    observation, _ = env.reset(seed=1)
    agent = deepq.DQN.load(tmp_path / "agent")
    assert agent.predict(observation) == model.predict(observation)


def test_minigrid_is_learnt():
    """0.955 is what the shortest way gets."""
    settings = {"gamma": 0.95, "n_step": 3, "batch_size": 64, "learning_starts": 1000, "train_freq": 4, "target_update_interval": 500}
    exploration = {"exploration_fraction": 0.4, "exploration_final_eps": 0.05, "learning_rate": 1e-3, "double": True, "seed": 1}
    model = deepq.DQN("MiniGrid-Empty-5x5-v0", observation_keys=KEYS, input_divisor=10, **settings, **exploration)
    assert model.learn(20_000).evaluate_policy(episodes=50).mean_return > 0.9


def test_the_program_says_what_it_sees():
    keys = "gymnasium.observation_keys=image,direction"
    command = [sys.executable, "-m", "deepq", "envs", "minigrid:MiniGrid-Empty-5x5-v0", "--set", keys]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "direction  0..3       int64  a network has a column for each" in told
    assert "image      [7, 7, 3]  uint8  convolutions see a picture [height, width, channels]" in told


@pytest.mark.parametrize(
    ("id", "keywords"),
    [
        ("highway-v0", {"env_kwargs": {"config": {"duration": 10}}}),
        ("FlappyBird-v0", {"env_kwargs": {"use_lidar": False}}),
        ("MiniGrid-DoorKey-5x5-v0", {"observation_keys": KEYS}),
    ],
)
def test_by_their_ids(id, keywords):
    model = deepq.DQN(id, **SMALL, **keywords).learn(200)
    assert model.num_timesteps == 200 and model.summary["updates"] > 0


def test_trading():
    import pandas

    random = np.random.default_rng(0)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.01, 400)))
    frame = pandas.DataFrame({name: close for name in ("open", "high", "low", "close")}, index=pandas.date_range("2024-01-01", periods=400, freq="h"))
    frame["feature_change"] = frame["close"].pct_change().fillna(0)
    env = gymnasium.make("TradingEnv", name="random", df=frame, positions=[-1, 0, 1], verbose=0)
    model = deepq.DQN(env, **SMALL).learn(300)
    assert model.summary["updates"] > 0
