"""Numbers of states and actions stay the integers that they are: from the environment to the table and back to whoever acts."""

from functools import partial

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from worlds import Numbered, Walk

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

TABLE = {"algorithm": "q_learning", "tabular_learning_rate": 1.0, "seed": 0}
STARTS = {
    "at 0": (0, np.int64),
    "below 0": (-3, np.int64),
    "beyond float32": (2**24 + 1, np.int64),
    "far below float32": (-(2**40) - 1, np.int64),
    "beyond int": (2**31 - 2, np.int64),
    "beyond float64": (2**53 + 1, np.int64),
    "the first of all": (-(2**63), np.int64),
    "the last of all": (2**63 - 5, np.int64),
    "small": (-128, np.int8),
    "small without a sign": (251, np.uint8),
    "short": (-3, np.int16),
    "of 32 bits": (2**31 - 5, np.int32),
    "of 64 without a sign": (2**63 - 5, np.uint64),
}
VECTORS = {"one world": None} | {mode.value: mode for mode in AutoresetMode}


def numbered(vector, **space):
    if vector is None:
        return Numbered(**space)
    return gymnasium.vector.SyncVectorEnv([partial(Numbered, **space)] * 2, autoreset_mode=vector)


def assert_plays_right(model, world):
    """As numbers of every kind, one by one and together."""
    states = world.states
    wanted = [world.wanted(state) for state in states]
    own = [world.observation_space.dtype.type(state) for state in states]
    assert [model.predict(state)[0] for state in states] == wanted
    assert [model.predict(state)[0] for state in own] == wanted
    assert model.predict(np.array(own))[0].tolist() == wanted
    assert model.predict(states)[0].tolist() == wanted
    for dtype in (np.int8, np.uint16, np.int64, np.float32, np.float64, np.dtype(">i8")):
        with np.errstate(all="ignore"):
            batch = np.array(own).astype(dtype)
        if [int(state) for state in batch] == states and np.all(np.isfinite(batch)):
            assert model.predict(batch)[0].tolist() == wanted, dtype
            assert model.predict(batch[0])[0] == wanted[0], dtype
    for state in (states[0] - 1, states[-1] + 1):
        if -(2**63) <= state < 2**64:
            with pytest.raises(deepq.Error, match=f"the observation is {state}; allowed: {states[0]} to {states[-1]}"):
                model.predict(state)


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())
@pytest.mark.parametrize(("start", "dtype"), STARTS.values(), ids=STARTS.keys())
def test_a_table_of_states_that_start_anywhere(start, dtype, vector, tmp_path):
    world = Numbered(start=start, dtype=dtype)
    model = deepq.DQN(numbered(vector, start=start, dtype=dtype), eval_env=world, **TABLE).learn(400)
    assert_plays_right(model, world)
    assert model.evaluate_policy(20).mean_return == 1
    model.save(tmp_path / "agent")
    assert_plays_right(deepq.DQN.load(tmp_path / "agent"), world)


@pytest.mark.parametrize("vector", [None, AutoresetMode.SAME_STEP])
@pytest.mark.parametrize("start", [-7, 2**24 + 1, -(2**63), 2**63 - 3])
def test_actions_that_start_anywhere(start, vector, tmp_path):
    world = Numbered(action_start=start)
    model = deepq.DQN(numbered(vector, action_start=start), eval_env=world, **TABLE).learn(400)
    assert_plays_right(model, world)
    assert model.evaluate_policy(20).mean_return == 1
    assert {int(model.predict(0, deterministic=False)[0]) for _ in range(200)} == {start, start + 1, start + 2}
    model.save(tmp_path / "agent")
    assert_plays_right(deepq.DQN.load(tmp_path / "agent"), world)


class Far(Numbered):
    """Walks over the last of more states than a float32 tells apart; the reward is 1 in every second of them."""

    def _next(self):
        self.state = self.at = getattr(self, "at", self.observation_space.start + 2**24) + 1
        return self.state

    def step(self, action):
        reward = float(self.state % 2 == 1)
        return self._next(), reward, True, False, {}


@pytest.mark.parametrize(("vector", "start"), [(None, 0), (AutoresetMode.SAME_STEP, 2**40)])
def test_a_table_of_more_states_than_floats_tell_apart(start, vector):
    world = {"n": 2**24 + 10, "start": start, "actions": 1}  # 134 MB
    envs = [partial(Far, **world)] * 2
    env = Far(**world) if vector is None else gymnasium.vector.SyncVectorEnv(envs, autoreset_mode=vector)
    model = deepq.DQN(env, **TABLE).learn(4)
    states = [start + 2**24 + i for i in range(10)]
    values = model.q_values(states)[:, 0].tolist()
    assert values[:5] == [0, 1, 0, 1, 0]
    assert model.q_values(np.array(states))[:, 0].tolist() == values
    with pytest.raises(deepq.Error, match=f"the observation is {start + 2**24 + 10}; allowed: {start} to {start + 2**24 + 9}"):
        model.predict(start + 2**24 + 10)


@pytest.mark.parametrize(
    ("algorithm", "message"),
    [
        ("q_learning", "for 2 actions and 1099511627776 states needs 1.* TB of memory and this machine has"),
        ("dqn", "the number of states is 1099511627776; allowed with a network, .*: up to 268435456"),
    ],
)
def test_states_beyond_all_memory_are_refused_at_once(algorithm, message):
    class Endless(Walk):
        observation_space = spaces.Discrete(2**40)

        def _observation(self):
            return np.int64(0)

    with pytest.raises(deepq.Error, match=message):
        deepq.DQN(Endless(), algorithm=algorithm)


def test_a_network_of_states_that_start_far_away():
    world = Numbered(start=2**40 + 1, action_start=-(2**40))
    model = deepq.DQN(world, network_hidden_sizes=[16], batch_size=16, learning_rate=0.01, seed=0).learn(1_500)
    assert_plays_right(model, world)
    assert model.q_values(world.states).dtype == np.float32


@pytest.mark.parametrize("vector", [None, AutoresetMode.SAME_STEP])
@pytest.mark.parametrize(
    ("space", "message"),
    [
        ({"n": 2**40 + 1}, "the number of states is 1099511627777; allowed: 1 to 1099511627776"),
        ({"start": 2**63 - 4}, "the last number of its observation space is 9223372036854775808; allowed: below 2\\^63"),
        ({"start": 2**64 - 5, "dtype": np.uint64}, "the last number of its observation space is 18446744073709551615;"),
        ({"action_start": 2**63 - 2}, "the last number of its action space is 9223372036854775808; allowed: below 2\\^63"),
    ],
)
def test_numbers_that_cannot_be_kept_are_refused_at_once(space, message, vector):
    with pytest.raises(deepq.Error, match=f"environment '.*': {message}"):
        deepq.DQN(numbered(vector, **space), **TABLE)


def test_more_actions_than_there_can_be_are_refused_at_once():
    class Many(Walk):
        action_space = spaces.Discrete(2**31)

    with pytest.raises(deepq.Error, match="environment 'Many': action_count is 2147483648; allowed: at most 1048576"):
        deepq.DQN(Many())


def test_observations_and_agents_beyond_all_memory_are_refused_at_once():
    class Box:
        shape, dtype = (2**20, 2**20), np.dtype(np.float32)

    class Huge(Walk):
        observation_space = Box()

    with pytest.raises(deepq.Error, match="'Huge': a dimension of observation_shape is 1048576; allowed: 2\\^28 in all"):
        deepq.DQN(Huge())

    class Many(Walk):
        action_space = spaces.Discrete(2**20)

    for env in ("CartPole-v1", Walk(), Many()):
        with pytest.raises(deepq.Error, match="needs .* [GT]B of memory and this machine has .* [GT]B"):
            deepq.DQN(env, network_hidden_sizes=[65536] * 100)


def test_many_actions_are_made_as_they_are_taken():
    class Many(Walk):
        action_space = spaces.Discrete(2**18, start=-5)

    assert deepq.DQN(Many(), network_hidden_sizes=[2], batch_size=2).learn(4).num_timesteps == 4


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        (np.array([2, 2.75]), r"copy 1, step 1: the observation is 2.75; allowed: 0 to 4"),
        (np.array([np.nan, 2]), r"copy 0, step 1: the observation is nan; allowed: 0 to 4"),
        (np.array([2, 5], np.int8), r"copy 1, step 1: the observation is 5; allowed: 0 to 4"),
        (np.array([2, 2**64 - 1], np.uint64), r"copy 1, step 1: the observation is 18446744073709551615; allowed: 0 to 4"),
        (np.array([2, -(2**32)]), r"copy 1, step 1: the observation is -4294967296; allowed: 0 to 4"),
        (np.array(["a", "b"]), "has the dtype <U1; allowed: int64, and other whole numbers"),
        (np.array([[2, 2]]), r"has the shape \(1, 2\); allowed: an array of shape \(2,\)"),
    ],
)
def test_a_batch_of_states_that_are_none(batch, message):
    env = numbered(AutoresetMode.SAME_STEP)
    model = deepq.DQN(env, **TABLE)
    step = env.step
    env.step = lambda actions: (batch, *step(actions)[1:])
    with pytest.raises(deepq.Error, match=message):
        deepq.DQN(env, **TABLE).learn(10)
    assert model.predict(0)[0] in (0, 1, 2)


@pytest.mark.parametrize("observation", [2.75, np.float32(0.5), np.nan, [1, 2.5], np.inf, -0.25, 1e300])
def test_an_observation_between_two_states_is_none(observation):
    model = deepq.DQN(Numbered(start=-1), **TABLE)
    with pytest.raises(deepq.Error, match="the observation is (2.75|0.5|nan|2.5|inf|-0.25|1e\\+300); allowed: -1 to 3"):
        model.predict(observation)


def test_a_tables_values_are_its_doubles():
    grid = {"grid_world.goal_reward": 1e9, "grid_world.step_reward": -1.0, "tabular.learning_rate": 1.0, "agent.gamma": 1.0}
    exploring = {"exploration_initial_eps": 1.0, "exploration_final_eps": 1.0}
    model = deepq.DQN("GridWorld-v0", set=grid | {"agent.algorithm": "double_q_learning"}, seed=0, **exploring)
    model.learn(20_000)
    values = model.q_values(np.arange(24))
    assert values.dtype == np.float64
    assert values[0].tolist() == [999_999_992, 999_999_993, 999_999_993, 999_999_992]  # up, right, down, left
    assert len({np.float32(value) for value in values[0]}) == 1
    assert model.evaluate_policy(20).min_return > 999_999_990
    assert set(model.predict(np.arange(24))[0]) == {1, 2}


def test_predict_draws_noise_where_training_does(tmp_path):
    world = {"network_hidden_sizes": [16], "batch_size": 16, "network_noisy": True, "seed": 0}
    model = deepq.DQN("CartPole-v1", **world).learn(200)
    state = np.full(4, 0.05)
    greedy = model.predict(state)[0]
    batch = np.tile(state, (300, 1))

    def drawn(agent):
        np.random.seed(5)
        return agent.predict(batch, deterministic=False)[0].tolist(), [
            agent.predict(state, deterministic=False)[0] for _ in range(100)
        ]

    first = drawn(model)
    assert {0, 1} == set(first[0]) == set(first[1]), "fresh noise for each"
    assert drawn(model) == first, "from np.random"
    assert set(model.predict(batch)[0]) == {greedy}, "the means again"
    model.save(tmp_path / "agent")
    assert drawn(deepq.DQN.load(tmp_path / "agent")) == first
    undisturbed = deepq.DQN("CartPole-v1", **world).learn(200)
    assert model.learn(200).summary["weights_sha256"] == undisturbed.learn(200).summary["weights_sha256"]


def test_lengths_and_seeds_are_whole_numbers():
    model = deepq.DQN("CartPole-v1", network_hidden_sizes=[16], batch_size=16)
    assert model.learn(1e2).learn(np.int16(100)).learn(np.float32(100)).num_timesteps == 300
    for wrong in (2.7, np.float64(0.5), True, "100", float("nan"), float("inf"), 2**63, 1e30):
        with pytest.raises(deepq.Error, match="total_timesteps is .*; allowed: a whole number"):
            model.learn(wrong)
        with pytest.raises(deepq.Error, match="episodes is .*; allowed: a whole number"):
            model.evaluate_policy(wrong)
        with pytest.raises(deepq.Error, match="seed is .*; allowed: "):
            model.evaluate_policy(1, seed=-1 if wrong == 2**63 else wrong)
    assert model.num_timesteps == 300
    assert model.evaluate_policy(2.0, seed=np.uint8(3)) == model.evaluate_policy(np.int64(2), seed=3)


class Strict(Numbered):
    """Takes an action as its space does: an integer of a type that fits into the space's own."""

    def step(self, action):
        assert self.action_space.contains(action), type(action)
        return super().step(action)


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS.keys())
@pytest.mark.parametrize(
    ("dtype", "start"), [(np.int8, -128), (np.uint8, 253), (np.int32, 2**31 - 3), (np.uint64, 2**63 - 3), (np.dtype(">i4"), -7)]
)
def test_actions_are_of_their_spaces_own_type(dtype, start, vector):
    world = Strict(action_start=start, action_dtype=dtype)
    make = partial(Strict, action_start=start, action_dtype=dtype)
    env = world if vector is None else gymnasium.vector.SyncVectorEnv([make] * 2, autoreset_mode=vector)
    model = deepq.DQN(env, eval_env=world, **TABLE).learn(400)
    assert_plays_right(model, world)
    assert model.evaluate_policy(20).mean_return == 1


def test_a_run_goes_on_with_observations_of_its_own_shape_alone(tmp_path):
    class Picture(Walk):
        observation_space = spaces.Box(0, 9, (2, 3), np.float32)

        def _observation(self):
            return np.zeros(self.observation_space.shape, np.float32)

    class Turned(Picture):
        observation_space = spaces.Box(0, 9, (3, 2), np.float32)

    deepq.DQN(Picture(), network_hidden_sizes=[4], batch_size=4, seed=0).learn(20).save(tmp_path / "agent")
    assert deepq.DQN.load(tmp_path / "agent", env=Picture()).learn(20).num_timesteps == 40
    with pytest.raises(deepq.Error, match="Turned, has observations of 3x2 .*; allowed: as in training, .* of 2x3"):
        deepq.DQN.load(tmp_path / "agent", env=Turned())
