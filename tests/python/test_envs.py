"""The library's environments as Gymnasium's: they are what they say, equal the originals, and are stepped by anyone's loop."""

import subprocess
import sys
import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode
from gymnasium.wrappers.vector import RecordEpisodeStatistics

pytestmark = pytest.mark.filterwarnings("ignore:.*out of date:DeprecationWarning")
deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")
envs = pytest.importorskip("deepq.envs")

IDS = [id for id in gymnasium.registry if id.startswith("deepq/")]
ORIGINALS = ["CartPole-v1", "MountainCar-v0", "Acrobot-v1", "FrozenLake-v1", "FrozenLake8x8-v1", "CliffWalking-v1", "CliffWalkingSlippery-v1", "Taxi-v4"]
ORIGINALS = [id for id in ORIGINALS if id in gymnasium.registry]


def test_all_of_them_are_there():
    assert {envs.gymnasium_id(id) for id in deepq._deepq.native_ids()} == set(IDS)
    assert "deepq/MinAtar-Breakout-v1" in IDS and len(ORIGINALS) == 8


class Lenient(envs.NativeEnv):
    """The checker takes any action."""

    def step(self, action):
        mask = self.action_masks()
        return super().step(action if mask[action] else int(np.argmax(mask)))


@pytest.mark.parametrize("id", IDS)
def test_gymnasiums_checker_finds_nothing(id):
    env = gymnasium.make(id).unwrapped
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*(infinity|different from the unwrapped version|out of date).*")
        check_env(Lenient("TicTacToe-v0") if "TicTacToe" in id else env, skip_render_check=True)


@pytest.mark.parametrize("id", ORIGINALS)
def test_they_equal_the_originals_step_by_step(id):
    """As gymnasium.make makes both, time limits included; the second and later episodes go on from the first's stream."""
    ours, theirs = gymnasium.make(f"deepq/{id}"), gymnasium.make(id)
    assert ours.observation_space == theirs.observation_space
    assert ours.action_space == theirs.action_space
    assert ours.spec.max_episode_steps == theirs.spec.max_episode_steps
    random = np.random.default_rng(0)
    for seed in (0, 7, None, None, 123, None):
        (one, info), (other, their_info) = ours.reset(seed=seed), theirs.reset(seed=seed)
        for _ in range(600):
            assert np.array_equal(one, other) and one in ours.observation_space
            assert np.array_equal(info.get("action_mask"), their_info.get("action_mask"))
            action = int(random.integers(ours.action_space.n))
            (one, *ours_said, info), (other, *theirs_said, their_info) = ours.step(action), theirs.step(action)
            assert ours_said == theirs_said
            if ours_said[1] or ours_said[2]:
                assert np.array_equal(one, other)
                break


def legal(infos, random, count, actions):
    masks = infos.get("action_mask")
    if masks is None or actions == 6:  # Taxi takes every action
        return random.integers(actions, size=count)
    return np.array([random.choice(np.flatnonzero(mask)) if mask.any() else 0 for mask in masks])


@pytest.mark.parametrize("id", ["CartPole-v1", "FrozenLake-v1", "Taxi-v4", "TicTacToe-v0", "MinAtar-Breakout-v1"])
@pytest.mark.parametrize("mode", AutoresetMode)
def test_a_vector_does_what_gymnasiums_own_does_with_the_copies(id, mode):
    options = {"max_episode_steps": 13}
    ours = gymnasium.make_vec(f"deepq/{id}", num_envs=3, autoreset_mode=mode, **options)
    theirs = gymnasium.make_vec(f"deepq/{id}", num_envs=3, vectorization_mode="sync", vector_kwargs={"autoreset_mode": mode}, **options)
    assert type(ours).__name__ == "NativeVectorEnv" and ours.metadata["autoreset_mode"] == theirs.metadata["autoreset_mode"] == mode
    assert ours.observation_space == theirs.observation_space and ours.action_space == theirs.action_space
    random, ends = np.random.default_rng(3), 0
    (one, infos), (other, their_infos) = ours.reset(seed=5), theirs.reset(seed=5)
    for _ in range(120):
        assert np.array_equal(one, other) and one in ours.observation_space and one.dtype == other.dtype
        if "action_mask" in their_infos:  # after a reset of some copies they say it of those alone
            said = their_infos["_action_mask"]
            assert infos["_action_mask"].all() and np.array_equal(infos["action_mask"][said], their_infos["action_mask"][said])
        assert ("action_mask" in infos) == ("action_mask" in their_infos)
        actions = legal(infos, random, 3, ours.single_action_space.n)
        (one, rewards, terminated, truncated, infos), (other, *said, their_infos) = ours.step(actions), theirs.step(actions)
        assert np.array_equal(rewards, said[0]) and np.array_equal(terminated, said[1]) and np.array_equal(truncated, said[2])
        ended = terminated | truncated
        ends += ended.sum()
        if mode == AutoresetMode.SAME_STEP and ended.any():
            assert np.array_equal(infos["_final_obs"], ended) and np.array_equal(infos["_final_info"], ended)
            for copy in range(3):
                assert np.array_equal(infos["final_obs"][copy], their_infos["final_obs"][copy])
                masks, theirs_ = infos["final_info"].get("action_mask"), their_infos["final_info"].get("action_mask")
                assert masks is None or not ended[copy] or np.array_equal(masks[copy], theirs_[copy])
        if mode == AutoresetMode.DISABLED and ended.any():
            one, infos = ours.reset(options={"reset_mask": ended})
            other, their_infos = theirs.reset(options={"reset_mask": ended})
    assert ends > 5


def test_a_vector_hands_out_arrays_of_its_own():
    vector = gymnasium.make_vec("deepq/CartPole-v1", num_envs=4)
    first, _ = vector.reset(seed=0)
    kept = first.copy()
    vector.step(np.ones(4, np.int64))
    assert np.array_equal(first, kept)


def test_settings_are_keywords():
    lake = gymnasium.make("deepq/FrozenLake-v1", is_slippery=False, map="8x8")
    assert lake.observation_space.n == 64 and [lake.reset(seed=0)[0], lake.step(2)[0]] == [0, 1]
    vector = gymnasium.make_vec("deepq/FrozenLake-v1", num_envs=2, is_slippery=False)
    vector.reset(seed=0)
    assert vector.step(np.array([2, 1]))[0].tolist() == [1, 4]
    with pytest.raises(deepq.Error, match="'FrozenLake-v1' has no 'slippery'; allowed: map, is_slippery"):
        gymnasium.make("deepq/FrozenLake-v1", slippery=True)
    with pytest.raises(deepq.Error, match="frozen_lake.map is '9x9'; allowed: 4x4, 8x8"):
        gymnasium.make_vec("deepq/FrozenLake-v1", map="9x9")


@pytest.mark.parametrize("id", IDS)
def test_pictures_and_texts(id):
    env = gymnasium.make(id, render_mode="rgb_array")
    env.reset(seed=0)
    picture = env.render()
    assert picture.dtype == np.uint8 and picture.ndim == 3 and picture.shape[2] == 3 and picture.std() > 0
    text = gymnasium.make(id, render_mode="ansi")
    text.reset(seed=0)
    assert text.render().count("\n") > 2
    vector = gymnasium.make_vec(id, num_envs=2, render_mode="rgb_array")
    vector.reset(seed=0)
    assert np.array_equal(vector.render()[0], picture)


def test_what_is_refused():
    env = gymnasium.make("deepq/CartPole-v1").unwrapped
    with pytest.raises(deepq.Error, match="reset: options has 'low'; allowed: nothing"):
        env.reset(options={"low": 0})
    with pytest.raises(deepq.Error, match="render_mode is 'human'; allowed: None, 'ansi', 'rgb_array'"):
        envs.NativeEnv("CartPole-v1", render_mode="human")
    vector = gymnasium.make_vec("deepq/CartPole-v1", num_envs=2, autoreset_mode="Disabled")
    vector.reset(seed=0)
    with pytest.raises(deepq.Error, match="copy 1: the action is 2; allowed: 0 to 1"):
        vector.step(np.array([0, 2]))
    with pytest.raises(deepq.Error, match="there are 1 actions for 2 copies"):
        vector.step(np.array([0]))
    with pytest.raises(deepq.Error, match="copy 1: the episode is over; allowed: reset"):
        for _ in range(60):
            vector.step(np.zeros(2, np.int64))
    with pytest.raises(deepq.Error, match="copy 0: action 0 is illegal: nothing is free there"):
        game = gymnasium.make_vec("deepq/TicTacToe-v0", num_envs=1)
        game.reset(seed=0)
        for _ in range(2):
            game.step(np.array([0]))


def test_without_a_seed_they_begin_anywhere():
    starts = {tuple(gymnasium.make("deepq/CartPole-v1").reset()[0]) for _ in range(3)}
    assert len(starts) == 3
    first = gymnasium.make_vec("deepq/CartPole-v1", num_envs=3).reset()[0]
    assert len({tuple(row) for row in first}) == 3


# ---- In other programs


def test_they_are_found_by_the_modules_name():
    """As --env and DQN take it: importing is Gymnasium's."""
    code = "import gymnasium; print(gymnasium.make('deepq.envs:deepq/Taxi-v4').spec.id)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "deepq/Taxi-v4\n"


@pytest.mark.parametrize("mode", AutoresetMode)
def test_our_own_agents_learn_the_same_in_them(mode):
    """From Gymnasium's side, copy by copy and as a vector: what the library learns of its own."""
    small = {"network_hidden_sizes": [16], "batch_size": 16, "learning_starts": 32, "seed": 1}

    def learnt(env, **more):
        return deepq.DQN(env, **small, **more).learn(300).summary["weights_sha256"]

    own = learnt("FrozenLake-v1")
    assert learnt(gymnasium.make_vec("deepq/FrozenLake-v1", num_envs=1, autoreset_mode=mode)) == own
    assert learnt(gymnasium.make("deepq/FrozenLake-v1")) == own
    # Of several copies the first alone has the same seed: Gymnasium's take 31 bits.
    if mode != AutoresetMode.NEXT_STEP:  # where copies end apart some wait for the others
        two = learnt(gymnasium.make_vec("deepq/FrozenLake-v1", num_envs=2, autoreset_mode=mode))
        assert learnt(lambda: gymnasium.make("deepq/FrozenLake-v1"), n_envs=2) == two


def test_a_loop_as_cleanrl_has_it():
    """Q-learning on a table, the transitions of a vector as its scripts take them."""
    vector = RecordEpisodeStatistics(gymnasium.make_vec("deepq/FrozenLake-v1", num_envs=16, is_slippery=False, autoreset_mode="SameStep"))
    random, q = np.random.default_rng(0), np.zeros((16, 4))
    observations, _ = vector.reset(seed=1)
    returns = []
    for step in range(3_000):
        greedy = (q[observations] + 1e-6 * random.random((16, 4))).argmax(1)
        actions = np.where(random.random(16) < max(0.05, 1 - step / 1_000), random.integers(4, size=16), greedy)
        following, rewards, terminated, truncated, infos = vector.step(actions)
        real = following.copy()
        for copy in np.flatnonzero(terminated | truncated):
            real[copy] = infos["final_obs"][copy]
        if "final_info" in infos and "episode" in infos["final_info"]:
            returns += list(infos["final_info"]["episode"]["r"][infos["final_info"]["_episode"]])
        elif "episode" in infos:
            returns += list(infos["episode"]["r"][infos["_episode"]])
        targets = rewards + 0.95 * q[real].max(1) * ~terminated
        for copy in range(16):
            q[observations[copy], actions[copy]] += 0.3 * (targets[copy] - q[observations[copy], actions[copy]])
        observations = following
    assert np.mean(returns[-200:]) > 0.8
