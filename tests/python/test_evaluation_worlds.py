"""Evaluations play in a world like the one that is trained on, apart from it, or are refused with the way out."""

import contextlib
import os
import sys
import types

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces, wrappers

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

SMALL = {"network_hidden_sizes": [16], "batch_size": 16}


class World(gymnasium.Env):
    """Episodes of `length` steps; each step is worth `reward`."""

    def __init__(self, observations=None, actions=None, length=1, reward=1.0):
        self.observation_space = observations or spaces.Box(-1, 1, (3,), np.float32)
        self.action_space, self.length, self.reward = actions or spaces.Discrete(2), length, reward

    def _observe(self):
        space = self.observation_space
        return space.start if isinstance(space, spaces.Discrete) else np.full(space.shape, 0.5, space.dtype)

    def reset(self, *, seed=None, options=None):
        self.steps = 0
        return self._observe(), {}

    def step(self, action):
        self.steps += 1
        return self._observe(), self.reward, self.steps >= self.length, False, {}


class Fixed(World):
    """That cannot be copied."""

    def __deepcopy__(self, memo):
        raise TypeError("cannot be copied")


class Flip(gymnasium.ActionWrapper):
    def action(self, action):
        return 1 - action


def box(*shape):
    return spaces.Box(-1, 1, shape, np.float32)


def mean(model, episodes=1, **how):
    return model.evaluate_policy(episodes, **how).mean_return


# ---- Other spaces.


@pytest.mark.parametrize(
    ("trained", "other", "says"),
    [
        (World(box(3)), World(box(5)), "observations of 5 and .* observations of 3 and"),
        (World(box(3)), World(box(3_000_000)), "observations of 3000000 and .* observations of 3 and"),
        (World(box(5)), World(box(3)), "observations of 3 and .* observations of 5 and"),
        (World(box(2, 2)), World(box(4)), "observations of 4 and .* observations of 2x2 and"),
        (World(box(1)), World(spaces.Discrete(4)), "4 states and .* observations of 1 and"),
        (World(spaces.Discrete(4)), World(box(1)), "observations of 1 and .* 4 states and"),
        (World(spaces.Discrete(4)), World(spaces.Discrete(5)), "5 states and .* 4 states and"),
        (World(spaces.Discrete(4)), World(spaces.Discrete(4, start=1)), "4 states from 1 and .* 4 states and"),
        (World(), World(actions=spaces.Discrete(3)), ".* and 3 actions; .* and 2 actions$"),
        (World(actions=spaces.Discrete(2, start=-1)), World(actions=spaces.Discrete(2, start=1)),
         ".* and 2 actions from 1; .* and 2 actions from -1$"),
    ],
)
@pytest.mark.parametrize("how", ["object", "function", "vector"])
def test_an_evaluation_world_of_other_spaces_is_refused(trained, other, says, how):
    if how == "vector" and np.prod(other.observation_space.shape) > 1000:
        return
    given = {"object": lambda: other, "function": lambda: lambda: other}
    given["vector"] = lambda: gymnasium.vector.SyncVectorEnv([lambda: other])
    model = deepq.DQN(trained, eval_env=given[how](), **SMALL)
    with pytest.raises(deepq.Error, match="to evaluate on, World, has " + says) as refused:
        model.evaluate_policy(1)
    assert "; allowed: as in training, " in str(refused.value) and "\n" not in str(refused.value)
    during = deepq.DQN(trained, eval_env=given[how](), eval_every_env_steps=50, **SMALL)
    with pytest.raises(deepq.Error, match=says):  # before any step is lost
        during.learn(100)
    assert during.num_timesteps == 0


def test_a_function_whose_worlds_differ_from_call_to_call():
    sizes = iter(range(3, 9))
    model = deepq.DQN(lambda: World(box(next(sizes))), **SMALL).learn(30)
    with pytest.raises(deepq.Error, match="observations of 4 and .* observations of 3 and"):
        model.evaluate_policy(1)


def test_the_librarys_own_worlds_take_an_evaluation_world_too():
    assert mean(deepq.DQN("FrozenLake-v1", eval_env=World(spaces.Discrete(16), spaces.Discrete(4), 7), **SMALL)) == 7
    record = deepq.DQN("FrozenLake-v1", eval_env="FrozenLake8x8-v1", **SMALL)
    with pytest.raises(deepq.Error, match="evaluate on, FrozenLake8x8-v1, has 64 states"):
        record.evaluate_policy(1)
    record = deepq.DQN("CliffWalking-v1", eval_env="CliffWalkingSlippery-v1", **SMALL).evaluate_policy(1)
    assert record.world == "CliffWalkingSlippery-v1"
    assert deepq.DQN(World(box(4)), eval_env="CartPole-v1", **SMALL).evaluate_policy(1).world == "CartPole-v1"
    with pytest.raises(deepq.Error, match="eval_env is a int; allowed: an id, an environment, or what makes one"):
        deepq.DQN("CartPole-v1", eval_env=5)


def test_bytes_and_fractions_are_told_apart():
    picture, fractions = World(spaces.Box(0, 255, (4,), np.uint8)), World(spaces.Box(0, 1, (4,), np.float32))
    with pytest.raises(deepq.Error, match="observations up to 1 .*float32.*; allowed: .* up to 255 .*uint8"):
        deepq.DQN(picture, eval_env=fractions, **SMALL).evaluate_policy(1)
    assert mean(deepq.DQN(World(box(4)), eval_env=World(spaces.Box(-1, 1, (4,), np.float64)), **SMALL)) == 1


def test_bytes_and_fractions_are_told_apart_after_load(tmp_path):
    def loaded(trained, world):
        deepq.DQN(World(trained), **SMALL).learn(30).save(tmp_path / "agent")
        return deepq.DQN.load(tmp_path / "agent", eval_env=World(world)).evaluate_policy(1)

    picture, fractions = spaces.Box(0, 255, (4,), np.uint8), spaces.Box(0, 1, (4,), np.float32)
    for trained, world, says in (
        (picture, fractions, r"observations up to 1 \(float32\); allowed: as in training, of uint8"),
        (fractions, picture, r"observations up to 255 \(uint8\); allowed: as in training, of float32"),
    ):
        with pytest.raises(deepq.Error, match=says):
            loaded(trained, world)
    for trained, world in (
        (picture, picture),
        (picture, spaces.Box(0, 255, (4,), np.float32)),
        (fractions, spaces.Box(0, 1, (4,), np.uint8)),
        (box(4), spaces.Box(-1, 1, (4,), np.float64)),
    ):
        assert loaded(trained, world).episodes == 1


# ---- Wrapped vectors.


@pytest.mark.parametrize("mode", [None, "sync"])
@pytest.mark.parametrize("autoreset", gymnasium.vector.AutoresetMode)
def test_a_wrapped_vector_is_evaluated_with_its_wrappers(mode, autoreset):
    more = {} if mode is None else {"vector_kwargs": {"autoreset_mode": autoreset}}
    env = gymnasium.make_vec("CartPole-v1", num_envs=3, vectorization_mode=mode, **more)
    model = deepq.DQN(wrappers.vector.TransformReward(env, lambda r: -2 * r), **SMALL).learn(100)
    record = model.evaluate_policy(3)
    assert record.mean_return == -2 * record.mean_length
    assert record.world == "TransformReward(CartPole-v1)"


def test_a_vector_of_ones_own_is_evaluated_as_it_is():
    make = [lambda: World(length=4), lambda: World(length=2)]
    for mode in gymnasium.vector.AutoresetMode:
        env = wrappers.vector.TransformReward(gymnasium.vector.SyncVectorEnv(make, autoreset_mode=mode), lambda r: 3 * r)
        assert mean(deepq.DQN(env, **SMALL).learn(20), 3) == 12
    assert mean(deepq.DQN(gymnasium.vector.SyncVectorEnv(make), **SMALL).learn(20), 3) == 4


def test_a_wrapped_vector_that_cannot_be_copied_is_refused():
    env = wrappers.vector.TransformReward(gymnasium.vector.SyncVectorEnv([Fixed, Fixed]), lambda r: -r)
    model = deepq.DQN(env, **SMALL).learn(20)
    with pytest.raises(deepq.Error, match=r"'TransformReward\(Fixed\)' cannot be copied for evaluation; give eval_env="):
        model.evaluate_policy(1)
    assert mean(deepq.DQN(gymnasium.vector.SyncVectorEnv([Fixed, Fixed]), **SMALL)) == 1


def test_worlds_of_other_processes_are_made_again_and_never_copied():
    env = gymnasium.vector.AsyncVectorEnv([lambda: wrappers.NormalizeReward(World(length=3))] * 2)
    with contextlib.closing(env):
        model = deepq.DQN(env, **SMALL).learn(50)
        assert 0 < mean(model)
        wrapped = deepq.DQN(wrappers.vector.TransformReward(env, lambda r: -r), **SMALL)
        with pytest.raises(deepq.Error, match="cannot be copied for evaluation; give eval_env="):
            wrapped.evaluate_policy(1)


# ---- What training has changed by now.


def counts_seen(monkeypatch, kind):
    """The statistics' counts at each reset of a wrapper that is no more the training's, before and after its episodes."""
    seen = []
    reset = kind.reset

    def spy(self, **how):
        seen.append((self, float(next(v for k, v in vars(self).items() if k.endswith("rms")).count)))
        return reset(self, **how)

    monkeypatch.setattr(kind, "reset", spy)
    return seen


class Open(World):
    """With what cannot be copied."""

    def __init__(self, length=5):
        super().__init__(length=length)
        self.file = open(os.devnull)


def open_world(**how):
    if "deepq-test/Open-v0" not in gymnasium.registry:
        gymnasium.register("deepq-test/Open-v0", Open)
    return gymnasium.make("deepq-test/Open-v0", **how)


def normalized(world):
    return wrappers.NormalizeObservation(world)


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("object", lambda: normalized(gymnasium.make("CartPole-v1"))),
        ("function", lambda: lambda: normalized(gymnasium.make("CartPole-v1"))),
        ("by arguments", lambda: normalized(gymnasium.make("LunarLander-v3"))),
        ("made again", lambda: normalized(open_world())),
        ("inside a vector", lambda: gymnasium.vector.SyncVectorEnv([lambda: normalized(World(length=5))] * 2)),
        ("reward", lambda: wrappers.NormalizeReward(gymnasium.make("CartPole-v1"))),
        ("eval_env", lambda: normalized(World(length=5))),
    ],
)
def test_statistics_are_those_of_training_and_rest(kind, make, monkeypatch):
    wrapper = wrappers.NormalizeReward if kind == "reward" else wrappers.NormalizeObservation
    seen = counts_seen(monkeypatch, wrapper)
    env = make()
    more = {"eval_env": normalized(World(length=5))} if kind == "eval_env" else {}
    model = deepq.DQN(env, seed=0, **more, **SMALL)
    training = seen[0][0]
    for steps in (200, 300):
        model.learn(steps)
        rms = training.return_rms if kind == "reward" else training.obs_rms
        begun, now = len(seen), float(rms.count)
        model.evaluate_policy(3)
        played = seen[begun:]
        assert len(played) == 3 and all(one is not training for one, _ in played)
        assert [count for _, count in played] == [now] * 3
        assert rms.count == now


def test_a_normalized_vector_is_evaluated_with_trainings_statistics(monkeypatch):
    seen = counts_seen(monkeypatch, wrappers.vector.NormalizeObservation)
    env = wrappers.vector.NormalizeObservation(gymnasium.make_vec("CartPole-v1", num_envs=2))
    model = deepq.DQN(env, **SMALL).learn(100)
    now = float(env.obs_rms.count)
    model.evaluate_policy(2)
    assert {count for one, count in seen if one is not env} == {now}


@pytest.mark.parametrize("kind", [World, lambda **how: gymnasium.vector.SyncVectorEnv([lambda: World(**how)] * 2)])
def test_settings_are_those_that_training_has_now(kind):
    env = kind(length=3)
    model = deepq.DQN(env, **SMALL).learn(10)
    assert mean(model) == 3
    for one in getattr(env, "envs", [env]):
        one.length, one.reward = 5, 2.0
    assert mean(model) == 10


def test_settings_are_followed_by_what_is_copied_by_its_arguments(monkeypatch):
    env = gymnasium.make("LunarLander-v3", max_episode_steps=30)  # EzPickle's
    model = deepq.DQN(env, **SMALL).learn(50)
    seen, kind = [], type(env.unwrapped)
    reset = kind.reset
    monkeypatch.setattr(kind, "reset", lambda self, **how: seen.append(self.gravity) or reset(self, **how))
    for gravity in (-2.5, -3.5):
        env.unwrapped.gravity = gravity
        assert model.evaluate_policy(1).mean_length <= 30
        assert seen.pop() == gravity


def test_settings_are_followed_by_what_is_made_again():
    env = wrappers.TransformReward(open_world(length=3), lambda r: 2 * r)
    model = deepq.DQN(env, **SMALL).learn(10)
    assert mean(model) == 6
    env.unwrapped.length = 4
    assert mean(model) == 8
    model = deepq.DQN(Flip(open_world()), **SMALL)  # does not tell how it was made
    with pytest.raises(deepq.Error, match=r"'Flip\(deepq-test/Open-v0\)' cannot be copied for evaluation; give eval_env="):
        model.evaluate_policy(1)


# ---- Nothing of training is touched.


def test_what_records_videos_stays_with_training(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "moviepy", types.ModuleType("moviepy"))
    written = []
    monkeypatch.setattr(wrappers.RecordVideo, "start_recording", lambda self, name: written.append(name))
    env = wrappers.RecordVideo(
        gymnasium.make("CartPole-v1", render_mode="rgb_array"), str(tmp_path), episode_trigger=lambda i: True
    )
    model = deepq.DQN(wrappers.TransformReward(env, lambda r: 2 * r), **SMALL).learn(60)
    assert written
    begun = len(written)
    record = model.evaluate_policy(2)
    assert record.mean_return == 2 * record.mean_length and len(written) == begun
    assert record.world == "TransformReward(CartPole-v1)"
    assert deepq.DQN(env, **SMALL).evaluate_policy(1).world == "gymnasium:CartPole-v1"


@pytest.mark.parametrize("how", ["function", "wrapped", "vector", "evaluation", "eval_env"])
def test_one_object_is_one_world(how):
    env = World(length=5)
    lengths = []

    def listen(kind, record):
        lengths.append(record["length"]) if kind == "episode" else None

    if how in ("function", "wrapped", "vector"):
        make = (lambda: wrappers.TransformReward(env, lambda r: r)) if how == "wrapped" else lambda: env
        with pytest.raises(deepq.Error, match="same object .*; allowed: a new one from each call"):
            deepq.DQN(gymnasium.vector.SyncVectorEnv([make] * 3) if how == "vector" else make, **(
                {} if how == "vector" else {"n_envs": 3}), **SMALL)
        return
    given = {"env": env, "eval_env": env} if how == "eval_env" else {"env": lambda: env}
    model = deepq.DQN(**given, eval_every_env_steps=7, eval_episodes=1, **SMALL).learn(50, callback=listen)
    model.evaluate_policy(1)
    assert lengths == [5] * 10


def test_time_limits_of_the_users_are_evaluated_and_the_least_counts():
    class Endless(World):
        def step(self, action):
            return self._observe(), 1.0, False, False, {}

    assert mean(deepq.DQN(wrappers.TimeLimit(Endless(), 20), **SMALL)) == 20
    assert mean(deepq.DQN(wrappers.TimeLimit(wrappers.TimeLimit(Endless(), 15), 2000), **SMALL)) == 15


def test_copies_are_made_once_for_each_evaluation(monkeypatch):
    made = []
    copied = lambda self, memo: made.append(1) or World(length=self.length)  # noqa: E731
    monkeypatch.setattr(World, "__deepcopy__", copied, raising=False)
    model = deepq.DQN(World(length=2), **SMALL).learn(10)
    for _ in range(3):
        model.evaluate_policy(2)
    assert len(made) == 3
