"""Running statistics of observations and rewards: against NumPy, frozen in evaluations, in files; what they leave alone."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from safetensors import safe_open
from test_parts import CONVOLUTION, Part
from worlds import Shifted

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

SMALL = {"hidden_sizes": [16], "batch_size": 16, "learning_starts": 32, "seed": 3}
BOTH = {"normalize_observations": True, "normalize_rewards": True}
GAMMA = 0.9


class Scattered(gymnasium.Env):
    """Random numbers of many sizes, random rewards, episodes of random lengths; keeps what its steps began with."""

    observation_space = spaces.Box(-np.inf, np.inf, (2, 2), np.float64)
    action_space = spaces.Discrete(3)
    centers, widths = np.array([[0.0, 5e3], [-1e-4, 7.0]]), np.array([[1.0, 20.0], [1e-3, 1e2]])

    def __init__(self):
        self.observations, self.rewards, self.ends = [], [], []

    def _draw(self):
        self.observation = self.centers + self.widths * self.np_random.normal(size=(2, 2))
        return self.observation

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self._draw(), {}

    def step(self, action):
        self.observations.append(self.observation.astype(np.float32))
        self.rewards.append(self.np_random.normal(30, 50))
        terminated, truncated = self.np_random.random(2) < [0.1, 0.05]
        self.ends.append(terminated or truncated)
        return self._draw(), self.rewards[-1], bool(terminated), bool(truncated), {}

    def returns(self):
        """R <- gamma R + r, counted before an end sets it back."""
        found, discounted = [], 0.0
        for reward, end in zip(self.rewards, self.ends):
            discounted = GAMMA * discounted + reward
            found.append(discounted)
            discounted = 0.0 if end else discounted
        return found


def saved(model, folder):
    model.save(folder / "agent.safetensors")
    with safe_open(folder / "agent.safetensors", framework="numpy") as file:
        return {name: file.get_tensor(name) for name in file.keys() if "statistics" in name or "/observations/" in name}


@pytest.mark.parametrize("keywords", [{}, {"n_steps": 3, "prioritized": True}, {"algorithm": "pqn", "rollout_steps": 5, "minibatches": 1}], ids=str)
@pytest.mark.parametrize("mode", [None, *AutoresetMode], ids=str)
def test_they_are_numpys(keywords, mode, tmp_path):
    if "algorithm" in keywords and mode not in (None, AutoresetMode.SAME_STEP):
        pytest.skip("PQN's rollouts have no gaps")
    copies = [Scattered() for _ in range(1 if mode is None else 3)]
    env = copies[0] if mode is None else SyncVectorEnv([lambda one=one: one for one in copies], autoreset_mode=mode)
    small = {key: value for key, value in SMALL.items() if key == "hidden_sizes"} if "algorithm" in keywords else SMALL
    model = deepq.DQN(env, gamma=GAMMA, **BOTH, **small, **keywords).learn(300)
    observations = np.concatenate([one.observations for one in copies]).astype(np.float64)
    returns = np.concatenate([one.returns() for one in copies])
    found = saved(model, tmp_path)
    mean, variance = observations.mean(0).ravel(), observations.var(0).ravel()
    count = found["trainer/observation_statistics/count"]
    assert count == len(observations) == model.num_timesteps
    np.testing.assert_allclose(found["trainer/observation_statistics/mean"], mean, rtol=1e-6)
    np.testing.assert_allclose(found["trainer/observation_statistics/squares"] / count, variance, rtol=1e-6)
    for network in ("online",) if "algorithm" in keywords else ("online", "target"):
        np.testing.assert_allclose(found[f"trainer/{network}/observations/mean"], mean, rtol=1e-6)
        np.testing.assert_allclose(found[f"trainer/{network}/observations/scale"], 1 / np.sqrt(variance + 1e-8), rtol=1e-6)
    np.testing.assert_allclose(found["trainer/reward_statistics/squares"] / count, returns.var(), rtol=1e-6)


def test_evaluations_leave_them_alone(tmp_path):
    env = Scattered()
    model = deepq.DQN(env, **BOTH, **SMALL).learn(200)
    before = saved(model, tmp_path)
    values = model.q_values(env.observation)
    model.evaluate_policy(5)
    model.predict(env.observation)
    after = saved(model, tmp_path)
    assert before.keys() == after.keys() and all((before[name] == after[name]).all() for name in before)
    np.testing.assert_array_equal(model.q_values(env.observation), values)
    assert deepq.DQN.load(tmp_path / "agent.safetensors").q_values(env.observation) == pytest.approx(values, abs=0)


@pytest.mark.parametrize("flat", [True, False], ids=["flat", "convolution"])
def test_pictures_bits_and_states_are_left_alone(flat, tmp_path):
    model = deepq.DQN(Part(), **BOTH, **SMALL, **({} if flat else CONVOLUTION)).learn(100)
    found = saved(model, tmp_path)
    assert found["trainer/online/observations/mean"].shape == (3,), "robot/arm and tools/1"


@pytest.mark.parametrize(
    ("env", "keywords", "message"),
    [
        (Shifted, {}, "network.normalize_observations is true, and no part of the observations is of real numbers"),
        ("MinAtar/Breakout-v1", {}, "no part of the observations is of real numbers"),
        ("CartPole-v1", {"input_divisor": 2}, "network.input_divisor is 2; allowed with network.normalize_observations"),
        ("CartPole-v1", {"observation_clip": 0}, "network.observation_clip is 0; allowed: above 0 to 1e+37"),
        ("CartPole-v1", {"normalized_reward_clip": -1}, "agent.normalized_reward_clip is -1; allowed: above 0 to 1e+37"),
        ("CartPole-v1", {"observation_clip": float("nan")}, "network.observation_clip is "),
        ("CartPole-v1", {"reward_scale": 2}, "agent.reward_scale has no effect here; it needs agent.normalize_rewards false"),
        ("FrozenLake-v1", {"algorithm": "sarsa"}, "agent.algorithm dqn or pqn (a table's states are no numbers to normalise)"),
    ],
    ids=lambda value: "" if not isinstance(value, str) else value[:40],
)
def test_what_is_refused(env, keywords, message):
    with pytest.raises(deepq.Error) as refused:
        deepq.DQN(env if isinstance(env, str) else env(), **BOTH, **keywords)
    assert message in str(refused.value)


@pytest.mark.parametrize(("keyword", "needs"), [("observation_clip", "network.normalize_observations"), ("normalized_reward_clip", "agent.normalize_rewards")])
def test_clips_need_what_they_clip(keyword, needs):
    with pytest.raises(deepq.Error, match=f"has no effect here; it needs {needs} true"):
        deepq.DQN("CartPole-v1", **{keyword: 5})


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("norm_obs", "'normalize_observations'"),
        ("norm_reward", "'normalize_rewards'"),
        ("clip_obs", "'observation_clip'"),
        ("clip_reward", "'reward_clip' or 'normalized_reward_clip'"),
        ("vec_normalize", "'normalize_observations' or 'normalize_rewards'"),
    ],
)
def test_stable_baselines_words_lead_to_them(theirs, ours):
    with pytest.raises(deepq.Error, match=f"unknown keyword '{theirs}'; did you mean {ours}"):
        deepq.DQN("CartPole-v1", **{theirs: True})


def test_a_wrapper_that_normalises_works_beside_them():
    env = gymnasium.wrappers.NormalizeReward(gymnasium.wrappers.NormalizeObservation(gymnasium.make("CartPole-v1")))
    model = deepq.DQN(env, **BOTH, **SMALL).learn(200)
    assert np.isfinite(model.q_values(env.reset(seed=1)[0])).all()
