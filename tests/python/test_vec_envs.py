"""Vector environments in the manner of Stable-Baselines3, learnt in and given to play in; without that library."""

import copy
import re

import gymnasium
import numpy as np
import pytest
import worlds
from gymnasium.vector import AutoresetMode

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

SMALL = {"policy_kwargs": {"net_arch": [16]}, "batch_size": 16, "learning_starts": 20, "seed": 3}


class Clock(gymnasium.Env):
    """Nothing is drawn: action 1 moves on; it ends at 4, or is cut off after 7 steps. The observation says which episode it is."""

    observation_space = gymnasium.spaces.Box(-100, 100, (3,), np.float32)
    action_space = gymnasium.spaces.Discrete(2)
    spec = None

    def __init__(self, tag=0):
        self.tag, self.episode, self.seeds = tag, 0, []

    def reset(self, *, seed=None, options=None):
        self.seeds.append(seed)
        self.episode, self.at, self.steps = self.episode + 1, 0, 0
        return self._observation(), {}

    def step(self, action):
        self.at, self.steps = self.at + int(action), self.steps + 1
        return self._observation(), float(self.at - 2), self.at >= 4, self.steps >= 7, {}

    def _observation(self):
        return np.array([self.tag + self.episode % 2, self.at, self.steps], np.float32)


class Vector:
    """As DummyVecEnv steps its copies."""

    def __init__(self, envs):
        self.envs, self.num_envs = envs, len(envs)
        self.observation_space, self.action_space = envs[0].observation_space, envs[0].action_space
        self.next_seeds = [None] * len(envs)

    def seed(self, seed=None):
        self.next_seeds = [seed + i for i in range(self.num_envs)]

    def reset(self):
        observations = [env.reset(seed=seed)[0] for env, seed in zip(self.envs, self.next_seeds)]
        self.next_seeds = [None] * self.num_envs
        return np.stack(observations)

    def step_async(self, actions):
        self.actions = actions

    def step_wait(self):
        return tuple(map(self.joined, zip(*map(self.step_one, self.envs, self.actions)), (np.stack, np.array, np.array, list)))

    @staticmethod
    def joined(values, join):
        return join(values)

    @staticmethod
    def step_one(env, action):
        observation, reward, terminated, truncated, info = env.step(action)
        info = {**info, "TimeLimit.truncated": truncated and not terminated}
        if terminated or truncated:
            info["terminal_observation"] = observation
            observation, _ = env.reset()
        return observation, reward, terminated or truncated, info

    def step(self, actions):
        self.step_async(actions)
        return self.step_wait()

    def get_attr(self, name, indices=None):
        return [getattr(env, name) for env in self.envs]


class Wrapped:
    """As VecEnvWrapper, whose unknown names are looked for in what it wraps."""

    def __init__(self, venv):
        self.venv, self.num_envs = venv, venv.num_envs
        self.observation_space, self.action_space = venv.observation_space, venv.action_space

    def __getattr__(self, name):
        return getattr(self.venv, name)

    def reset(self):
        return 2 * self.venv.reset()

    def step_async(self, actions):
        self.venv.step_async(actions)

    def step_wait(self):
        observations, rewards, dones, infos = self.venv.step_wait()
        for info in infos:
            if "terminal_observation" in info:
                info["terminal_observation"] = 2 * info["terminal_observation"]
        return 2 * observations, rewards, dones, infos

    def step(self, actions):
        self.step_async(actions)
        return self.step_wait()


def clocks(count=3):
    return [Clock(10 * i) for i in range(count)]


def test_it_is_learnt_in_as_in_gymnasiums():
    """Every transition is the same, to the true last observations: the weights are."""
    same = gymnasium.vector.SyncVectorEnv(
        [lambda tag=tag: Clock(tag) for tag in (0, 10, 20)], autoreset_mode=AutoresetMode.SAME_STEP
    )
    one = deepq.DQN("MlpPolicy", Vector(clocks()), **SMALL).learn(600)
    other = deepq.DQN("MlpPolicy", same, **SMALL).learn(600)
    assert one.summary["weights_sha256"] == other.summary["weights_sha256"]
    assert one.summary["episodes"] == other.summary["episodes"] > 80
    wrapped = deepq.DQN("MlpPolicy", Wrapped(Vector(clocks())), **SMALL).learn(600)
    assert wrapped.summary["episodes"] > 80
    assert wrapped.summary["weights_sha256"] != one.summary["weights_sha256"]


def test_a_cut_off_episode_has_a_value_and_an_end_has_none():
    seen = []

    class Recording(Vector):
        def step_wait(self):
            results = super().step_wait()
            seen.extend((done, info["TimeLimit.truncated"]) for done, info in zip(results[2], results[3]))
            return results

    model = deepq.DQN("MlpPolicy", Recording(clocks()), **SMALL).learn(300)
    assert (True, True) in seen and (True, False) in seen
    assert model.summary["episodes"] == sum(done for done, _ in seen)


def test_copies_have_seeds_of_the_run():
    envs = clocks()
    deepq.DQN("MlpPolicy", Vector(envs), **SMALL).learn(100)
    first = [env.seeds[0] for env in envs]
    assert first == [first[0], first[0] + 1, first[0] + 2] and all(seed is None for env in envs for seed in env.seeds[1:])


@pytest.mark.parametrize("wrap", [lambda vector: vector, Wrapped, lambda vector: Wrapped(Wrapped(vector))])
def test_it_is_evaluated_in_a_copy(wrap):
    envs = clocks()
    model = deepq.DQN("MlpPolicy", wrap(Vector(envs)), **SMALL).learn(200)
    before = copy.deepcopy([vars(env) for env in envs])
    evaluation = model.evaluate_policy(5)
    assert evaluation.episodes == 5 and 4 <= evaluation.mean_length <= 7
    assert [vars(env) for env in envs] == before
    other = deepq.DQN("MlpPolicy", "CartPole-v1", **SMALL)
    assert deepq.DQN("MlpPolicy", Clock(), eval_env=wrap(Vector(clocks())), **SMALL).evaluate_policy(2).episodes == 2
    assert deepq.DQN("MlpPolicy", Clock(), eval_env=lambda: wrap(Vector(clocks())), **SMALL).evaluate_policy(2).episodes == 2
    with pytest.raises(deepq.Error, match="3 copies; allowed: as in training, 1"):
        other.set_env(wrap(Vector(clocks())))


def test_its_name_says_what_wraps_the_copies():
    assert "on Clock," in repr(deepq.DQN("MlpPolicy", Vector(clocks()), **SMALL))
    assert "on Wrapped(Clock)," in repr(deepq.DQN("MlpPolicy", Wrapped(Vector(clocks())), **SMALL))
    made = Vector([gymnasium.make("CartPole-v1") for _ in range(2)])
    assert "on gymnasium:CartPole-v1," in repr(deepq.DQN("MlpPolicy", made, **SMALL))


def test_what_is_wrong_with_it_is_said():
    class Silent(Vector):
        def step_wait(self):
            results = super().step_wait()
            for info in results[3]:
                info.pop("terminal_observation", None)
            return results

    with pytest.raises(deepq.Error, match="an episode ended, and its info has no 'terminal_observation'"):
        deepq.DQN("MlpPolicy", Silent(clocks()), **SMALL).learn(100)
    with pytest.raises(deepq.Error, match="a function made the vector environment; allowed: the vector itself, or a function"):
        deepq.DQN("MlpPolicy", lambda: Vector(clocks()), **SMALL)
    with pytest.raises(deepq.Error, match="a function made the vector environment"):
        deepq.DQN("MlpPolicy", lambda: gymnasium.make_vec("CartPole-v1", 2), **SMALL)
    with pytest.raises(deepq.Error, match="env.count is 2, but the vector environment has 3"):
        deepq.DQN("MlpPolicy", Vector(clocks()), n_envs=2, **SMALL)


# ---- get_env() and set_env()


ENVIRONMENTS = {
    "the library's own": ("CartPole-v1", (4,), np.float32, 500),
    "the library's states": ("FrozenLake-v1", (), np.int64, 100),
    "the library's pictures": ("MinAtar/Breakout-v1", (10, 10, 4), np.uint8, None),
    "Gymnasium's by its id": ("gymnasium:CartPole-v1", (4,), np.float32, 500),
    "an object": (worlds.Walk(), (3,), np.float32, 6),
    "a function": (worlds.Walk, (3,), np.float32, 6),
    "a vector": (gymnasium.vector.SyncVectorEnv([worlds.Walk, worlds.Walk]), (3,), np.float32, 6),
    "that library's vector": (Vector([worlds.Walk(), worlds.Walk()]), (3,), np.float32, 6),
}


@pytest.mark.parametrize(("env", "shape", "dtype", "longest"), ENVIRONMENTS.values(), ids=ENVIRONMENTS.keys())
def test_get_env_is_to_play_in(env, shape, dtype, longest):
    count = 1 if isinstance(env, worlds.Walk) else 2
    model = deepq.DQN("MlpPolicy", env, n_envs=count, **SMALL).learn(40)
    weights = deepq.DQN("MlpPolicy", copy.deepcopy(env), n_envs=count, **SMALL).learn(140).summary["weights_sha256"]
    played = model.get_env()
    assert played.num_envs == count and played.observation_space.shape == shape
    assert played.action_space.n == len(model.q_values(np.zeros(shape, dtype)))
    played.seed(7)
    observations = played.reset()
    assert observations.shape == (count, *shape) and observations.dtype == dtype
    length, ends = 0, 0
    for _ in range(120):
        observations, rewards, dones, infos = played.step(model.predict(observations, deterministic=False)[0])
        assert observations.shape == (count, *shape) and rewards.shape == dones.shape == (count,) and len(infos) == count
        length += 1
        if dones[0]:
            assert infos[0]["terminal_observation"].shape == shape and length <= (longest or length)
            ends, length = ends + 1, 0
    assert ends > 0 or longest is None
    model.learn(100)
    assert model.summary["weights_sha256"] == weights or env == "MinAtar/Breakout-v1" and weights


def test_played_worlds_are_stepped_as_that_library_does():
    played = deepq.DQN("MlpPolicy", worlds.Walk, n_envs=2, **SMALL).get_env()
    again = deepq.DQN("MlpPolicy", worlds.Walk, n_envs=2, **SMALL).get_env()
    for one in (played, again):
        assert one.seed(5) == [5, 6]
    np.testing.assert_array_equal(played.reset(), again.reset())
    assert played.get_attr("tag") == [5, 6]
    played.set_attr("tag", 9, indices=[1])
    assert played.get_attr("tag") == [5, 9] and played.has_attr("position") and not played.has_attr("nothing")
    observation, _ = played.env_method("reset", indices=0, seed=11)[0]
    assert observation[0] == 11
    for wrong in ([0], [0, 1, 1]):
        with pytest.raises(deepq.Error, match=rf"there are {len(wrong)} actions for 2 worlds; allowed: one for each"):
            played.step(wrong)
    played.step_async(np.array([1, 1]))
    assert len(played.step_wait()) == 4
    played.reset()
    infos = []
    for _ in range(6):
        infos.append(played.step([0, 0])[3])
    cut = infos[-1][0]
    assert cut["TimeLimit.truncated"] and cut["episode"]["l"] == 6 and "episode" not in infos[0][0]
    with pytest.warns(UserWarning, match="there is nothing to see: the environment was made without render_mode"):
        assert played.render() is None
    played.close()
    assert "\n" in deepq.DQN("MlpPolicy", "FrozenLake-v1").get_env().render("human")


def test_a_world_of_the_library_says_what_is_wrong():
    played = deepq.DQN("MlpPolicy", "CartPole-v1", **SMALL).get_env()
    with pytest.raises(deepq.Error, match=r"environment 'CartPole-v1': the episode is over; allowed: reset\(\)"):
        played.step([0])
    played.reset()
    with pytest.raises(deepq.Error, match="environment 'CartPole-v1': the action is 2; allowed: 0 to 1"):
        played.step([2])


def test_set_env_goes_on_in_another_world(tmp_path):
    model = deepq.DQN("MlpPolicy", "CartPole-v1", exploration_fraction=0.5, tensorboard_log=tmp_path, **SMALL)
    model.learn(60)
    values, weights = model.q_values(np.zeros((1, 4))), model.summary["weights_sha256"]
    vector = Vector([gymnasium.make("CartPole-v1")])
    model.set_env(vector)
    assert model.num_timesteps == 60 and model.summary["weights_sha256"] == weights
    np.testing.assert_array_equal(model.q_values(np.zeros((1, 4))), values)
    model.learn(60)
    assert model.num_timesteps == 120 and vector.envs[0].unwrapped.state is not None
    assert sorted(one.name for one in tmp_path.iterdir()) == ["DQN_1", "DQN_2"]
    fresh = deepq.DQN("MlpPolicy", worlds.Walk(), exploration_fraction=0.5, **SMALL)
    fresh.set_env(worlds.Walk())
    assert fresh.learn(40).num_timesteps == 40
    for env, more, message in (
        (None, {}, "env is None; allowed: an id, an environment, or what makes one"),
        ("Acrobot-v1", {}, "observations"),
        ("CartPole-v1", {"force_reset": False}, "force_reset is False; allowed: True, fresh episodes begin"),
    ):
        with pytest.raises(deepq.Error, match=re.escape(message)):
            model.set_env(env, **more)
    assert model.learn(20).num_timesteps == 140


# ---- The replay


@pytest.mark.parametrize("more", [{}, {"prioritized": True}, {"n_step": 3}], ids=["uniform", "prioritised", "n-step"])
def test_a_replay_is_taken_over(more, tmp_path):
    model = deepq.DQN("MlpPolicy", "CartPole-v1", **SMALL, **more).learn(200)
    model.save_replay_buffer(tmp_path / "replay.pkl")
    other = deepq.DQN("MlpPolicy", "CartPole-v1", **(SMALL | {"learning_starts": 1, "batch_size": 128}), **more)
    untouched = other.q_values(np.zeros((1, 4)))
    other.load_replay_buffer(tmp_path / "replay.pkl", truncate_last_traj=False)
    assert other.num_timesteps == 0
    np.testing.assert_array_equal(other.q_values(np.zeros((1, 4))), untouched)
    other.learn(10)  # fewer than a batch: it learns from the replay that it was given
    assert other.summary["updates"] > 5


def test_which_replays_are_refused(tmp_path):
    deepq.DQN("MlpPolicy", "CartPole-v1", **SMALL).learn(200).save_replay_buffer(tmp_path / "replay")
    small = deepq.DQN("MlpPolicy", "CartPole-v1", buffer_size=100, **SMALL)
    with pytest.raises(deepq.Error, match="the replay of .*replay does not fit: "):
        small.load_replay_buffer(tmp_path / "replay")
    with pytest.raises(deepq.Error, match="a replay that did not fit is half loaded, so this agent only acts"):
        small.learn(10)
    with pytest.raises(deepq.Error, match="does not fit"):
        deepq.DQN("MlpPolicy", "Acrobot-v1", **SMALL).load_replay_buffer(tmp_path / "replay")
    with pytest.raises(deepq.Error, match="nothing"):
        deepq.DQN("MlpPolicy", "CartPole-v1", **SMALL).load_replay_buffer(tmp_path / "nothing")
    pqn = deepq.DQN("CartPole-v1", algorithm="pqn", n_envs=4)
    for call in (pqn.save_replay_buffer, pqn.load_replay_buffer):
        with pytest.raises(deepq.Error, match=r"_replay_buffer: agent.algorithm is pqn, which has no replay; allowed: dqn"):
            call(tmp_path / "replay")
