"""A run on a Gymnasium vector is the same in each of the three autoreset modes: only what is learnt from counts."""

import gymnasium
import numpy as np
import pytest
import worlds
from gymnasium.vector import AutoresetMode
from safetensors import safe_open

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

SMALL = {"network_hidden_sizes": [16], "batch_size": 16}


def tensors_of(model, tmp_path):
    path = tmp_path / "agent.safetensors"
    model.save(path)
    with safe_open(path, framework="numpy") as file:
        return {name: file.get_tensor(name) for name in file.keys()}


class Four(worlds.Walk):
    """Every episode takes four steps."""

    def step(self, action):
        observation, reward, *_ = super().step(action)
        return observation, reward, False, self.steps == 4, {}


class FourStates(Four):
    observation_space = gymnasium.spaces.Discrete(20)

    def _observation(self):
        return np.int64(10 + self.position)


def run_in(mode, worlds_, tmp_path, steps=200, **settings):
    """What a run of two copies in an autoreset mode did: everything that is the same in all modes."""
    told = []
    model = deepq.DQN(gymnasium.vector.SyncVectorEnv(worlds_, autoreset_mode=mode), seed=1, **settings)
    model.learn(steps, folder=tmp_path / mode.value, callback=lambda kind, record: told.append((kind, record)))
    for _, record in told:
        for name in [name for name in record if name.endswith(("seconds", "per_second"))]:
            del record[name]
    checkpoints = sorted(path.name for path in (tmp_path / mode.value / "checkpoints").iterdir())
    return model, {"told": told, "checkpoints": checkpoints, "sha": model.summary["weights_sha256"]} | {
        name: model.summary[name] for name in ("env_steps", "episodes", "updates")
    }


EVERYTHING = {
    "learning_starts": 64,
    "train_freq": 1,
    "eval_every_env_steps": 50,
    "eval_episodes": 2,
    "checkpoint_every_env_steps": 60,
    "checkpoint_keep": 10,
    "log_metrics_every_updates": 20,
}


@pytest.mark.parametrize(
    "settings",
    [
        SMALL,
        SMALL | {"train_overlap": True},
        SMALL | {"noisy": True, "noise_steps": 3},
        SMALL | {"n_step": 3, "target_sync_every_updates": 0, "target_sync_every_env_steps": 10},
    ],
    ids=["plain", "overlap", "noisy", "n-step"],
)
def test_a_run_is_the_same_in_every_autoreset_mode(settings, tmp_path):
    runs = [run_in(mode, [Four] * 2, tmp_path, **EVERYTHING, **settings) for mode in AutoresetMode]
    for model, run in runs:
        assert (run["env_steps"], run["episodes"]) == (200, 50)
        # One for each step from the one that reaches learning_starts on; with overlap the last one's are still to come.
        assert run["updates"] == 138 - (2 if "train_overlap" in settings else 0)
        assert run == runs[0][1]
        tensors = tensors_of(model, tmp_path)
        assert tensors["trainer/replay/size"] == 200
        records = tensors["trainer/replay/records"]
        np.testing.assert_array_equal(records, tensors_of(runs[0][0], tmp_path)["trainer/replay/records"])


@pytest.mark.parametrize("algorithm", ["q_learning", "sarsa", "double_q_learning"])
def test_a_table_is_the_same_in_every_autoreset_mode(algorithm, tmp_path):
    often = {"eval_every_env_steps": 50, "eval_episodes": 2}
    runs = [run_in(m, [FourStates] * 2, tmp_path, agent_algorithm=algorithm, **often)[1] for m in AutoresetMode]
    assert runs[0] == runs[1] == runs[2]
    assert [runs[0][name] for name in ("env_steps", "episodes", "updates")] == [200, 50, 200]


@pytest.mark.parametrize("mode", AutoresetMode)
def test_only_what_is_stored_counts_where_episodes_end_apart(mode, tmp_path):
    settings = SMALL | {"learning_starts": 64, "train_freq": 1}
    model, run = run_in(mode, [worlds.Walk, Four, Four], tmp_path, steps=210, **settings)
    assert 210 <= run["env_steps"] < 213
    assert tensors_of(model, tmp_path)["trainer/replay/size"] == run["env_steps"]
    assert 61 <= run["env_steps"] - run["updates"] <= 63  # steps before the one that reached learning_starts


def test_pqn_refuses_gaps_at_the_start():
    settings = {"agent_algorithm": "pqn", "layer_norm": True, "pqn_rollout_steps": 8, "pqn_minibatches": 1}
    settings["network_hidden_sizes"] = [16]
    worlds_ = [Four] * 2
    with pytest.raises(deepq.Error, match="agent.algorithm is pqn.*SAME_STEP"):
        deepq.DQN(gymnasium.vector.SyncVectorEnv(worlds_), **settings)
    for mode in (AutoresetMode.SAME_STEP, AutoresetMode.DISABLED):
        assert deepq.DQN(gymnasium.vector.SyncVectorEnv(worlds_, autoreset_mode=mode), **settings).learn(64)


class Three(gymnasium.vector.VectorEnv):
    """Two copies, whose episodes take three steps, without a word on how the next one begins."""

    num_envs = 2
    single_observation_space = gymnasium.spaces.Box(0, 9, (1,))
    single_action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, final_name=None):
        self.final_name, self.steps = final_name, np.zeros(2, np.float32)

    def reset(self, *, seed=None, options=None):
        self.steps[:] = 0
        return self.steps[:, None].copy(), {}

    def step(self, actions):
        self.steps += 1
        ended, infos = self.steps >= 3, {}
        if self.final_name and ended.any():
            infos[self.final_name] = self.steps[:, None].copy()
            self.steps[ended] = 0
        return self.steps[:, None].copy(), np.ones(2), ended, np.zeros(2, bool), infos


def test_a_mode_that_another_vector_wrote_for_all_is_nobody_elses(monkeypatch):
    """As ale-py does, into the dictionary of gymnasium.vector.VectorEnv."""
    monkeypatch.setitem(gymnasium.vector.VectorEnv.metadata, "autoreset_mode", AutoresetMode.SAME_STEP)
    with pytest.raises(deepq.Error, match="copy 0, step 4: an episode ended in the step that only begins it.*metadata"):
        deepq.DQN(Three(), **SMALL).learn(50)


@pytest.mark.parametrize("final_name", [None, "final_obs", "final_observation"])
def test_a_vector_that_does_otherwise_without_a_word_is_refused(final_name):
    model = deepq.DQN(Three(final_name), **SMALL)
    says = f"infos has '{final_name}'" if final_name else "copy 0, step 4: an episode ended in the step that only begins it"
    with pytest.raises(deepq.Error, match=says + ".*metadata"):
        model.learn(50)
