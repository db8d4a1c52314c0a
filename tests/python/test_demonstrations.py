"""Transitions recorded from Python, and what is learnt from them; Minari's datasets are test_minari.py's."""

import os
import subprocess

import numpy as np
import pytest

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")
gymnasium = pytest.importorskip("gymnasium")

SMALL = {"network_hidden_sizes": [8], "batch_size": 8, "learning_starts": 16, "capacity": 500, "seed": 1}


def uphill(observation):
    return 2 if observation[1] > 0 else 0


def test_a_function_is_recorded(tmp_path):
    path = tmp_path / "d.npz"
    told = deepq.record("MountainCar-v0", uphill, 2, path, seed=3)
    arrays = dict(np.load(path))
    assert told["episodes"] == 2 and told["steps"] == len(arrays["rewards"])
    assert told["mean_return"] == arrays["rewards"].sum() / 2
    assert arrays["terminations"].sum() == 2 and not arrays["truncations"].any()
    assert all(action == uphill(observation) for action, observation in zip(arrays["actions"], arrays["observations"]))
    inside = ~arrays["terminations"][:-1]
    assert np.array_equal(arrays["next_observations"][:-1][inside], arrays["observations"][1:][inside])
    model = deepq.DQN("MountainCar-v0", demonstrations=str(path), pretrain_updates=20, **SMALL).learn(50)
    assert model.summary["updates"] == 20 + 50 - 15
    assert "demonstrations_sha256 = \"\"" not in model.config


def test_an_agent_is_recorded_and_learnt_from_offline(tmp_path):
    env = gymnasium.make("CartPole-v1")
    agent = deepq.DQN(env, **SMALL).learn(40)
    told = deepq.record(gymnasium.make("CartPole-v1"), agent, 3, tmp_path / "d.npz", seed=0)
    assert told["steps"] >= 3 * 8
    model = deepq.DQN("CartPole-v1", demonstrations=[tmp_path.as_posix() + "/d.npz"], offline=True, cql_alpha=0.5, seed=1)
    model.learn(30, folder=tmp_path / "run")
    assert model.num_timesteps == 30 and model.summary["updates"] == 30 and model.summary["episodes"] == 0
    resumed = deepq.DQN.load(tmp_path / "run").learn(10)
    unbroken = deepq.DQN("CartPole-v1", demonstrations=str(tmp_path / "d.npz"), offline=True, cql_alpha=0.5, seed=1).learn(40)
    observation = np.zeros(4, np.float32)
    assert np.array_equal(resumed.q_values(observation), unbroken.q_values(observation))
    (tmp_path / "d.npz").unlink()
    deepq.record("CartPole-v1", lambda _: 0, 1, tmp_path / "d.npz")
    with pytest.raises(deepq.Error, match="allowed: what replay.demonstrations_sha256 says"):
        deepq.DQN.load(tmp_path / "run").learn(10)


def test_dictionaries_and_masks(tmp_path):
    class World(gymnasium.Env):
        observation_space = gymnasium.spaces.Dict(
            {
                "place": gymnasium.spaces.Discrete(4, start=2),
                "view": gymnasium.spaces.Box(0, 255, (2, 3), np.uint8),
                "wheels": gymnasium.spaces.MultiDiscrete([3, 2]),
            }
        )
        action_space = gymnasium.spaces.Discrete(3)

        def _observe(self):
            view = np.full((2, 3), self.n, np.uint8)
            return {"place": 2 + self.n % 4, "view": view, "wheels": np.array([self.n % 3, self.n % 2])}, {"action_mask": np.array([1, self.n % 2, 1], np.int8)}

        def reset(self, seed=None, options=None):
            super().reset(seed=seed)
            self.n = 0
            return self._observe()

        def step(self, action):
            self.n += 1
            observation, info = self._observe()
            return observation, float(action), False, self.n == 7, info

    deepq.record(World(), lambda observation: 2, 2, tmp_path / "d.npz")
    arrays = np.load(tmp_path / "d.npz")
    assert arrays["observations/place"][:4].tolist() == [2, 3, 4, 5]
    assert arrays["legal_actions"][:2].tolist() == [[True, False, True], [True, True, True]]
    model = deepq.DQN(World, demonstrations=str(tmp_path / "d.npz"), pretrain_updates=5, **SMALL).learn(20)
    assert model.summary["updates"] == 5 + 5


def test_what_is_refused(tmp_path):
    taken = tmp_path / "taken.npz"
    deepq.record("CartPole-v1", lambda _: 0, 1, taken)
    for arguments, text in (
        (("CartPole-v1", uphill, 1, taken), "is there already; allowed: a new file"),
        (("CartPole-v1", uphill, 1, tmp_path / "d.txt"), "allowed: a name that ends in .npz"),
        (("CartPole-v1", uphill, 0, tmp_path / "d.npz"), "episodes is 0; allowed: a whole number, 1 to"),
        (("CartPole-v1", 7, 1, tmp_path / "d.npz"), "policy is a int; allowed: a function"),
    ):
        with pytest.raises(deepq.Error, match=text):
            deepq.record(*arguments)
    arrays = dict(np.load(taken))
    np.savez_compressed(tmp_path / "small.npz", **arrays)
    with pytest.raises(deepq.Error, match="small.npz is compressed; allowed: as numpy.savez writes it"):
        deepq.DQN("CartPole-v1", demonstrations=str(tmp_path / "small.npz"))
    np.savez(tmp_path / "half.npz", **arrays | {"observations": arrays["observations"].astype(np.float16)})
    with pytest.raises(deepq.Error, match="observations is of type <f2; allowed: bool, uint8"):
        deepq.DQN("CartPole-v1", demonstrations=str(tmp_path / "half.npz"))
    np.savez(tmp_path / "objects.npz", **arrays | {"rewards": np.array([None] * len(arrays["rewards"]))})
    with pytest.raises(deepq.Error, match=r"rewards is of type \|O; allowed"):
        deepq.DQN("CartPole-v1", demonstrations=str(tmp_path / "objects.npz"))
    with pytest.raises(deepq.Error, match="actions has the shape"):
        np.savez(tmp_path / "short.npz", **arrays | {"actions": arrays["actions"][1:]})
        deepq.DQN("CartPole-v1", demonstrations=str(tmp_path / "short.npz"))


def test_the_program_records_and_learns(tmp_path):
    def program(*arguments):
        return subprocess.run([os.environ["DEEPQ_PROGRAM"], *map(str, arguments)], capture_output=True, text=True, cwd=tmp_path)

    settings = ["--env", "CartPole-v1", "--quiet", "--set", "network.hidden_sizes=[8]", "--set", "eval.final_episodes=2"]
    assert program("train", *settings, "--steps", 100, "--out", "run").returncode == 0
    told = program("record", "run", "--episodes", 3, "--epsilon", 0.5, "--out", "d.npz")
    assert told.stdout.startswith("d.npz: 3 episodes, "), told
    assert len(np.load(tmp_path / "d.npz")["rewards"]) >= 24
    assert "d.npz is there already" in program("record", "run", "--out", "d.npz").stderr
    offline = program("train", *settings, "--offline", "--demonstrations", "d.npz", "--steps", 50, "--out", "offline")
    assert offline.returncode == 0, offline.stderr
    assert "--offline" in program("train", *settings, "--offline", "--steps", 50, "--out", "none").stderr
    assert program("resume", "offline").returncode == 0
    begun = program("train", *settings, "--from", "run", "--steps", 100, "--out", "from")
    assert begun.returncode == 0, begun.stderr


class Recall(gymnasium.Env):
    """Left or right is shown first and asked for three steps later; all observations are one array, written anew."""

    observation_space = gymnasium.spaces.Box(-1, 1, (2,), np.float32)
    action_space = gymnasium.spaces.Discrete(2)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.cue, self.time, self.seen = int(self.np_random.integers(2)), 0, np.zeros(2, np.float32)
        self.mask = np.ones(2, bool)
        return self.shown(), {"action_mask": self.mask}

    def shown(self):
        self.seen[:] = self.time / 4, (2 * self.cue - 1) * (self.time == 0)
        self.mask[1] = self.time != 1
        return self.seen

    def step(self, action):
        self.time += 1
        return self.shown(), float(self.time == 4 and action == self.cue), self.time == 4, False, {"action_mask": self.mask}


def test_what_an_environment_writes_over_is_kept_as_it_was(tmp_path):
    deepq.record(Recall(), lambda _: 0, 2, tmp_path / "d.npz", seed=0)
    arrays = np.load(tmp_path / "d.npz")
    assert arrays["observations"][:, 0].tolist() == [0, 0.25, 0.5, 0.75] * 2
    assert arrays["next_observations"][:, 0].tolist() == [0.25, 0.5, 0.75, 1] * 2
    assert arrays["legal_actions"][:, 1].tolist() == [True, False, True, True] * 2
    assert arrays["next_legal_actions"][:, 1].tolist() == [False, True, True, True] * 2


def test_an_agent_with_memory_is_recorded_as_it_plays(tmp_path):
    agent = deepq.DQN(Recall(), network_recurrent="gru", sequence_length=4, burn_in=0, sequence_overlap=0, batch_size=4, seed=0).learn(60)
    deepq.record(Recall(), agent, 5, tmp_path / "d.npz", seed=3)
    played, env = [], Recall()
    for episode in range(5):
        (observation, info), state, over = env.reset(seed=3 if episode == 0 else None), None, False
        while not over:
            action, state = agent.predict(observation, state, action_masks=info["action_mask"])
            played.append((state.copy(), int(action)))
            observation, _, over, _, info = env.step(action)
    assert np.load(tmp_path / "d.npz")["actions"].tolist() == [action for _, action in played]
    told = []

    class Told:
        def predict(self, observation, state=None, **more):
            told.append(state)
            return 0, 1 if state is None else state + 1

    deepq.record(Recall(), Told(), 2, tmp_path / "e.npz")
    assert told == [None, 1, 2, 3] * 2


def test_an_agent_that_sees_what_came_before_is_refused(tmp_path):
    agent = deepq.DQN("CartPole-v1", frame_stack=2, **SMALL).learn(20)
    with pytest.raises(deepq.Error, match="the agent sees what came before .*; allowed: `deepq record` of its run"):
        deepq.record("CartPole-v1", agent, 1, tmp_path / "d.npz")
