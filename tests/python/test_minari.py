"""Datasets of Minari's, made by its own collector, as demonstrations. tools/test_other_worlds.sh runs these."""

import numpy as np
import pytest

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")
gymnasium = pytest.importorskip("gymnasium")
minari = pytest.importorskip("minari", reason="minari is not installed: tools/test_other_worlds.sh tests with it")


@pytest.fixture
def datasets(tmp_path, monkeypatch):
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path))


def collected(env_id, policy, episodes, name):
    env = minari.DataCollector(gymnasium.make(env_id), record_infos=True)
    for episode in range(episodes):
        observation, info = env.reset(seed=episode)
        over = False
        while not over:
            observation, _, terminated, truncated, info = env.step(policy(observation, info))
            over = terminated or truncated
    return env.create_dataset(dataset_id=name)


def test_a_dataset_is_learnt_from(datasets, tmp_path):
    dataset = collected("MountainCar-v0", lambda observation, _: 2 if observation[1] > 0 else 0, 3, "mountaincar/uphill-v0")
    told = deepq.from_minari(dataset, tmp_path / "d.npz")
    assert told["episodes"] == 3 and told["steps"] == dataset.total_steps
    arrays = np.load(tmp_path / "d.npz")
    assert arrays["observations"].shape == (told["steps"], 2) and arrays["terminations"].sum() == 3
    first = next(dataset.iterate_episodes())
    steps = len(first.rewards)
    assert np.array_equal(arrays["observations"][:steps], first.observations[:-1])
    assert np.array_equal(arrays["next_observations"][:steps], first.observations[1:])
    assert np.array_equal(arrays["actions"][:steps], first.actions)
    model = deepq.DQN("MountainCar-v0", demonstrations=str(tmp_path / "d.npz"), offline=True, cql_alpha=0.5, seed=0).learn(50)
    assert model.summary["updates"] == 50
    assert deepq.from_minari("mountaincar/uphill-v0", tmp_path / "again.npz") == told


def test_states_and_cut_episodes(datasets, tmp_path):
    dataset = collected("Taxi-v4", lambda _, info: int(np.argmax(info["action_mask"])), 2, "taxi/legal-v0")
    told = deepq.from_minari(dataset, tmp_path / "d.npz")
    arrays = np.load(tmp_path / "d.npz")
    assert arrays["observations"].shape == (told["steps"],) and arrays["truncations"].sum() == 2
    env = gymnasium.make(dataset.env_spec.id)
    assert arrays["legal_actions"].shape == (told["steps"], 6)  # Taxi says them in its infos
    deepq.DQN(env, demonstrations=str(tmp_path / "d.npz"), pretrain_updates=5, batch_size=8, seed=0).learn(20)


def test_what_is_no_dataset(datasets, tmp_path):
    with pytest.raises(deepq.Error, match="dataset is a int; allowed: a MinariDataset, or the id of one"):
        deepq.from_minari(3, tmp_path / "d.npz")
