"""Observations of every real kind come in, from environments and from whoever asks; what is none is refused in one line."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from worlds import Matrix, Walk

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

SMALL = {"network_hidden_sizes": [16], "batch_size": 16, "seed": 0}


class Typed(Walk):
    """A walk whose numbers, all whole, are of one type."""

    def __init__(self, dtype):
        super().__init__()
        self.observation_space = spaces.Box(-100, 100, (3,), np.dtype(dtype).newbyteorder("=").type)
        self.dtype = np.dtype(dtype)

    def _observation(self):
        return super()._observation().astype(self.dtype)


@pytest.mark.parametrize("vector", [False, True])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "longdouble", ">f4", ">f2", "int8", "int16", ">i8"])
def test_every_real_dtype_is_learnt_from(dtype, vector):
    def run(dtype):
        env = Typed(dtype)
        if vector:
            env = gymnasium.vector.SyncVectorEnv([lambda: Typed(dtype)] * 2, autoreset_mode=AutoresetMode.SAME_STEP)
            step = env.step
            env.step = lambda actions: ((result := step(actions))[0].astype(dtype), *result[1:])
        return deepq.DQN(env, **SMALL).learn(200)

    model, usual = run(dtype), run("float32")
    assert model.summary["weights_sha256"] == usual.summary["weights_sha256"]
    observation = np.array([1, -2, 3])
    np.testing.assert_array_equal(model.q_values(observation.astype(dtype)), usual.q_values(observation))


@pytest.mark.parametrize("dtype", ["float16", "longdouble", ">i2", ">f8"])
def test_states_of_every_real_dtype(dtype):
    class States(gymnasium.vector.SyncVectorEnv):
        def step(self, actions):
            observations, *rest = super().step(actions)
            return np.clip(observations, 0, 4).astype(dtype), *rest

    class World(Walk):
        observation_space = spaces.Discrete(5)

        def _observation(self):
            return np.int64(min(max(self.position, 0), 4))

    vector = States([World] * 2, autoreset_mode=AutoresetMode.SAME_STEP)
    assert deepq.DQN(vector, algorithm="q_learning").learn(50).num_timesteps == 50


@pytest.fixture(scope="module", params=["a model", "a loaded agent"])
def agents(request, tmp_path_factory):
    """Of three numbers, of bytes, and of states."""

    class States(Walk):
        observation_space = spaces.Discrete(5, start=-1)

        def _observation(self):
            return np.int64(min(max(self.position, -1), 3))

    models = [deepq.DQN(env, **SMALL).learn(50) for env in (Walk(), Matrix(), States())]
    if request.param == "a model":
        return models
    path = tmp_path_factory.mktemp("agents") / "agent"
    loaded = []
    for model in models:
        model.save(path)
        loaded.append(deepq.DQN.load(path))
    return loaded


NUMBERS = {
    "NaN": ([0, np.nan, 0], r"observation\[1\] is nan; allowed: finite numbers"),
    "infinity": (np.array([0, 0, -np.inf], np.float16), r"observation\[2\] is -inf; allowed: finite numbers"),
    "too large": ([1e300, 0, 0], r"observation\[0\] is 1e\+300; allowed: finite numbers, as float32 has them"),
    "in a batch": ([[0, 0, 0], [0, 0, np.nan]], r"row 1 of the batch: observation\[2\] is nan; allowed: finite numbers"),
    "of reset": ((np.zeros(3), {}), r"the observation is a tuple; reset\(\) gives \(observation, info\), and the first"),
    "of step": ((np.zeros(3), 1.0, False, False, {}), r"a tuple; step\(\) gives \(observation, reward, terminated, truncated"),
    "of different lengths": ([[0, 0, 0], [0, 0]], "the observation is a list that makes no array: .*inhomogeneous"),
    "nothing": (None, "the observation is a NoneType; allowed: real numbers, as an array or in lists"),
    "a dict": ({"a": [0, 0, 0]}, "the observation is a dict; allowed"),
    "a text": ("zero", "the observation is a str; allowed"),
    "objects": ([None, 0, 0], "the observation has the dtype object; allowed: real numbers"),
    "complex": ([1j, 0, 0], "the observation has the dtype complex128; allowed"),
    "another shape": (np.zeros(4), r"the observation has the shape \(4,\); allowed: \(3,\), or a batch of those"),
    "no dimension": (0.5, r"the observation has the shape \(\); allowed: \(3,\)"),
}


@pytest.mark.parametrize(("observation", "message"), NUMBERS.values(), ids=NUMBERS.keys())
def test_what_is_no_observation(observation, message, agents):
    for asked in (agents[0].predict, agents[0].q_values, lambda given: agents[0].predict(given, deterministic=False)):
        with pytest.raises(deepq.Error, match=message):
            asked(observation)


BYTES = [
    (300, "300"),
    (-1, "-1"),
    (0.5, "0.5"),
    (255.5, "255.5"),
    (np.nan, "nan"),
]


@pytest.mark.parametrize(("number", "text"), BYTES)
def test_bytes_are_whole_numbers_up_to_255(number, text, agents):
    picture = np.zeros((2, 3, 4))
    picture[1, 2, 3] = number
    allowed = "allowed: whole numbers from 0 to 255, as its space is of uint8"
    with pytest.raises(deepq.Error, match=rf"observation\[23\] is {text}; {allowed}"):
        agents[1].predict(picture)
    picture[1, 2, 3] = 255
    np.testing.assert_array_equal(agents[1].q_values(picture), agents[1].q_values(picture.astype(np.uint8)))


def test_states_are_counted_as_the_environment_counts_them(agents):
    for state in (np.nan, 2.7, -2, 4, np.uint8(4)):
        with pytest.raises(deepq.Error, match=f"the observation is {state}; allowed: -1 to 3"):
            agents[2].predict(state)
    for observation in ((1, {}), (1, {"prob": 1.0})):
        with pytest.raises(deepq.Error, match="reset\\(\\) gives"):
            agents[2].predict(observation)


def test_a_box_without_a_dimension_is_the_same_when_loaded(tmp_path):
    class Scalar(Walk):
        observation_space = spaces.Box(-100, 100, (), np.float32)

        def _observation(self):
            return np.float32(self.position)

    model = deepq.DQN(Scalar(), **SMALL).learn(50)
    model.save(tmp_path / "agent")
    loaded = deepq.DQN.load(tmp_path / "agent")
    np.testing.assert_array_equal(loaded.q_values(0.5), model.q_values(0.5))
    np.testing.assert_array_equal(loaded.q_values([[0.5], [1.5]]), model.q_values([0.5, 1.5]))
