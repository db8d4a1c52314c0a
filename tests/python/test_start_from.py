"""Agents that begin with what another run has learnt."""

import numpy as np
import pytest

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

SMALL = {"network_hidden_sizes": [8], "batch_size": 8, "learning_starts": 16, "capacity": 500}


@pytest.fixture
def run(tmp_path):
    deepq.DQN("CartPole-v1", seed=1, **SMALL).learn(60, folder=tmp_path / "run")
    return tmp_path / "run"


def test_the_values_are_the_runs(run, tmp_path):
    observations = np.random.default_rng(0).random((20, 4), np.float32)
    values = deepq.DQN.load(run).q_values(observations)
    model = deepq.DQN("CartPole-v1", start_from=str(run), seed=2, **SMALL)
    assert np.array_equal(model.q_values(observations), values) and model.num_timesteps == 0
    model.learn(40, folder=tmp_path / "next")
    again = deepq.DQN.load(tmp_path / "next")  # goes on from its own weights
    assert np.array_equal(again.q_values(observations), model.q_values(observations))
    early = deepq.DQN("CartPole-v1", start_from=str(run), start_replay=True, seed=2, **SMALL).learn(20)
    assert early.summary["updates"] == 20 - 15


def test_what_differs_is_named(run):
    with pytest.raises(deepq.Error, match=r"2 actions where there are observations of 6 and 3 actions now: .* has 0/weight \[8, 4\] where this one has 0/weight \[8, 6\]"):
        deepq.DQN("Acrobot-v1", start_from=str(run), **SMALL)
    deepq.DQN("CartPole-v1", start_from=str(run), start_part="body", representation="quantile", **SMALL)
    with pytest.raises(deepq.Error, match="start_part has no effect here; it needs train.start_from other than none"):
        deepq.DQN("CartPole-v1", start_part="body", **SMALL)
    with pytest.raises(deepq.Error, match="none"):
        deepq.DQN("CartPole-v1", start_from="none", **SMALL)


def test_loading_into_another_world_says_the_way(run):
    with pytest.raises(deepq.Error, match=r"weights alone, or the body's, are taken by deepq.DQN\(env, start_from=path\)"):
        deepq.DQN.load(run, env="Acrobot-v1")
