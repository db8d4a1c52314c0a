"""Observations of several parts: Dict, Tuple, MultiDiscrete and MultiBinary, in training, predict, files, vectors and evaluations."""

import copy

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import deepq
from deepq import _spaces
from deepq._deepq import ObservationKind

SMALL = {"network_hidden_sizes": [16], "batch_size": 16, "learning_starts": 32, "seed": 3}
CONVOLUTION = {"conv_channels": [8], "conv_kernels": [3], "conv_strides": [1]}


class Words(spaces.Space):
    """As MiniGrid's mission: a space that is text."""

    def __init__(self):
        super().__init__(dtype=str)


WHOLE = spaces.Dict(
    {
        "image": spaces.Box(0, 255, (7, 6, 3), np.uint8),
        "robot": spaces.Dict({"arm": spaces.Box(-1, 1, (2,), np.float64), "joint": spaces.Discrete(4, start=1)}),
        "tools": spaces.Tuple([spaces.MultiBinary(3), spaces.Box(-1, 1, (), np.float16)]),
        "wheels": spaces.MultiDiscrete([3, 5]),
    }
)


class Part(gymnasium.Env):
    """One step an episode, in whatever space; the reward is 1 for the action that is the joint's number, or 0."""

    action_space = spaces.Discrete(4)

    def __init__(self, space=WHOLE, joint=lambda observation: int(observation["robot"]["joint"]) - 1):
        self.observation_space, self.joint = copy.deepcopy(space), joint

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        if seed is not None:
            self.observation_space.seed(seed)
        self.observation = self.observation_space.sample()
        return self.observation, {}

    def step(self, action):
        reward = float(action == self.joint(self.observation))
        self.observation = self.observation_space.sample()
        return self.observation, reward, True, False, {}


def told(space):
    return [(leaf.name, leaf.kind, leaf.shape, leaf.count, leaf.start, leaf.dtype) for leaf in space.leaves]


def test_the_parts_of_a_space():
    assert told(_spaces.observation_space(WHOLE, "Mine")) == [
        ("image", ObservationKind.BYTES, (7, 6, 3), 0, 0, "uint8"),
        ("robot/arm", ObservationKind.REAL, (2,), 0, 0, "float64"),
        ("robot/joint", ObservationKind.DISCRETE, (), 4, 1, "int64"),
        ("tools/0", ObservationKind.REAL, (3,), 0, 0, "int8"),
        ("tools/1", ObservationKind.REAL, (), 0, 0, "float16"),
        ("wheels[0]", ObservationKind.DISCRETE, (), 3, 0, "int64"),
        ("wheels[1]", ObservationKind.DISCRETE, (), 5, 0, "int64"),
    ]


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ("image", ["image"]),
        ("robot, wheels[1]", ["robot/arm", "robot/joint", "wheels[1]"]),
        ('["tools", "image"]', ["image", "tools/0", "tools/1"]),
    ],
)
def test_some_of_them(keys, names):
    space = _spaces.observation_space(WHOLE, "Mine", keys)
    assert [leaf.name for leaf in space.leaves if leaf.name in names] == names


REFUSED = {
    "text": ({"mission": Words(), "image": WHOLE["image"]}, "", r"its observation space 'mission' is Words, which no network takes; leave it out: observation_keys=\['image'\]"),
    "text alone": (Words(), "", "its observation space is Words, which no network takes; allowed: Box, Discrete, MultiDiscrete"),
    "sequence": ({"items": spaces.Sequence(spaces.Discrete(3))}, "", "'items' is Sequence, which no network takes"),
    "no such key": (WHOLE, "picture", "has 'picture', and the observation space of 'Mine' has image, robot, tools, wheels"),
    "keys of none": (WHOLE["image"], "image", "the observation space of 'Mine' is Box, which has none"),
    "empty": (spaces.Dict({}), "", "an empty Dict"),
    "slash": ({"a/b": spaces.Discrete(2)}, "", "the key 'a/b' of its observation space is empty or has one of"),
    "no number": ({"a": spaces.Box(0, 1, (0,), np.float32)}, "", r"'a' has the shape \(0,\)"),
}


@pytest.mark.parametrize(("space", "keys", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be(space, keys, message):
    space = spaces.Dict(space) if isinstance(space, dict) else space
    with pytest.raises(deepq.Error, match=message):
        _spaces.observation_space(space, "Mine", keys)


def plays_right(model, world, keys=None):
    """Share of right actions."""
    right = 0
    for _ in range(200):
        observation, _ = world.reset()
        given = observation if keys is None else {key: observation[key] for key in keys}
        right += model.predict(given)[0] == world.joint(observation)
    return right / 200


@pytest.mark.parametrize("settings", [{}, CONVOLUTION], ids=["flat", "convolution"])
def test_learns_from_one_part_among_others(settings):
    model = deepq.DQN(Part(), **SMALL | settings | {"learning_rate": 3e-3, "gamma": 0.0, "input_divisor": 255}).learn(3000)
    world = Part()
    world.reset(seed=5)
    assert plays_right(model, world) > 0.9


class Signs(gymnasium.Env):
    """A task that needs both: the picture says which of four, the vector whether that one or the next."""

    observation_space = spaces.Dict(
        {"picture": spaces.Box(0, 255, (6, 6, 1), np.uint8), "turn": spaces.Box(0, 1, (2,), np.float32)}
    )
    action_space = spaces.Discrete(4)

    def _draw(self):
        self.which, self.turn = (int(self.np_random.integers(n)) for n in (4, 2))
        picture = np.zeros((6, 6, 1), np.uint8)
        row, column = (int(self.np_random.integers(3)) + 3 * half for half in divmod(self.which, 2))
        picture[row, column] = 255
        return {"picture": picture, "turn": np.eye(2, dtype=np.float32)[self.turn]}

    def joint(self, _):
        return (self.which + self.turn) % 4

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self._draw(), {}

    def step(self, action):
        reward = float(action == self.joint(None))
        return self._draw(), reward, True, False, {}


def test_a_task_that_needs_a_picture_and_a_vector():
    settings = SMALL | CONVOLUTION | {"input_divisor": 255, "learning_rate": 3e-3, "gamma": 0.0}
    world = Signs()
    world.reset(seed=1)
    shares = {}
    for keys in (None, ["picture"], ["turn"]):
        some = {} if keys is None else {"observation_keys": keys}
        more = {key: value for key, value in settings.items() if keys != ["turn"] or key not in (*CONVOLUTION, "input_divisor")}
        shares[str(keys)] = plays_right(deepq.DQN(Signs(), **more, **some).learn(5000), world, keys)
    assert shares["None"] > 0.95
    assert shares["['picture']"] < 0.75 and shares["['turn']"] < 0.5


def weights(env, steps=200, **settings):
    return deepq.DQN(env, **SMALL | settings).learn(steps).summary["weights_sha256"]


class CutOff(Part):
    """Cut off after four steps: what the last of them returned goes on being worth something, and must be the old episode's."""

    def reset(self, **keywords):
        self.steps = 0
        return super().reset(**keywords)

    def step(self, action):
        self.steps += 1
        observation, reward, _, _, info = super().step(action)
        return observation, reward, False, self.steps == 4, info


@pytest.mark.parametrize("settings", [{}, {"n_step": 3}, CONVOLUTION], ids=["flat", "n_step", "convolution"])
@pytest.mark.parametrize("make", [Part, CutOff])
def test_a_vector_is_the_same_in_every_autoreset_mode(make, settings):
    hashes = {weights(SyncVectorEnv([make] * 2, autoreset_mode=mode), **settings) for mode in AutoresetMode}
    assert len(hashes) == 1
    assert hashes == {weights(make, n_envs=2, **settings)}


def test_a_loaded_agent_and_its_evaluation(tmp_path):
    model = deepq.DQN(Part(), **SMALL | CONVOLUTION).learn(200, folder=tmp_path / "run")
    model.save(tmp_path / "agent.safetensors")
    agent = deepq.DQN.load(tmp_path / "agent.safetensors", eval_env=Part())
    observations = [Part().reset(seed=seed)[0] for seed in range(5)]
    batch = _spaces.batch_of(observations)
    assert agent.q_values(batch).shape == (5, 4)
    np.testing.assert_array_equal(agent.q_values(batch), model.q_values(batch))
    np.testing.assert_allclose(agent.q_values(batch)[2], agent.q_values(observations[2]), rtol=1e-6)
    assert agent.evaluate_policy(episodes=3).episodes == 3
    resumed = deepq.DQN.load(tmp_path / "agent.safetensors", env=Part()).learn(50)
    assert resumed.num_timesteps == 250
    other = spaces.Dict({key: one for key, one in WHOLE.spaces.items() if key != "tools"})
    with pytest.raises(deepq.Error, match="allowed: as in training, image .7x6x3., robot/arm"):
        deepq.DQN.load(tmp_path / "agent.safetensors", env=Part(other)).learn(10)


def test_stable_baselines_name_for_it():
    with pytest.warns(UserWarning, match="the pictures image are seen as rows of numbers; conv_channels="):
        deepq.DQN("MultiInputPolicy", Part(), **SMALL).learn(50)
    assert deepq.DQN("MultiInputPolicy", Part(), **SMALL | CONVOLUTION).learn(50).num_timesteps == 50


def test_evaluations_while_training():
    model = deepq.DQN(SyncVectorEnv([Part] * 2), **SMALL, eval_every_env_steps=100, eval_episodes=2)
    assert model.learn(200).evaluate_policy(episodes=3).episodes == 3


def test_observation_keys_are_kept_with_the_agent(tmp_path):
    model = deepq.DQN(Part(), observation_keys=["robot", "image"], **SMALL).learn(100)
    model.save(tmp_path / "agent.safetensors")
    agent = deepq.DQN.load(tmp_path / "agent.safetensors", env=Part())
    assert [leaf.name for leaf in agent.learn(50)._agent.observation_space.leaves] == ["image", "robot/arm", "robot/joint"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"robot": None}, "the observation has no 'robot/arm'; allowed: all of its space's parts"),
        ({"image": np.zeros((7, 6), np.uint8)}, r"the observation 'image' has the shape \(7, 6\); allowed: \(7, 6, 3\)"),
        ({"wheels": np.array([3, 0])}, r"the observation 'wheels\[0\]' is 3; allowed: 0 to 2"),
        ({"wheels": np.array([1])}, r"the observation 'wheels' has the shape \(1,\); allowed: \(2,\), or a batch of those"),
        ({"tools": np.zeros(3)}, "the observation is a ndarray where 'tools/0' is asked for; allowed: what its space holds"),
        ({"tools": [np.zeros(3), 0.5]}, "the observation is a list where 'tools/0' is asked for"),
        ({"wheels": np.array([1, 2, 3])}, r"has the shape \(3,\); allowed: \(2,\)"),
        ({"image": "a"}, "the observation 'image' is a str; allowed: real numbers"),
        ({"tools": (np.zeros(3),)}, "the observation is a tuple where 'tools/1' is asked for"),
        ({"robot": np.zeros(2)}, "the observation is a ndarray where 'robot/arm' is asked for; allowed: what its space holds"),
        ({"tools": (np.zeros(3), np.nan)}, r"'tools/1': observation\[0\] is nan"),
        ({"tools": (np.zeros((2, 3)), np.zeros(2))}, "batches of different sizes: 'image' 1"),
    ],
    ids=str,
)
def test_predict_says_what_is_wrong(change, message):
    model = deepq.DQN(Part(), **SMALL)
    observation = Part().reset(seed=1)[0] | change
    with pytest.raises(deepq.Error, match=message):
        model.predict({key: value for key, value in observation.items() if value is not None})


@pytest.mark.parametrize("vector", [False, True], ids=["one", "vector"])
def test_training_says_what_is_wrong(vector):
    class Broken(Part):
        def step(self, action):
            observation, *rest = super().step(action)
            return observation | {"robot": {"arm": np.array([np.nan, 0]), "joint": observation["robot"]["joint"]}}, *rest

    with pytest.raises(deepq.Error, match=r"environment 'Broken', copy 0, step 1.*'robot/arm': observation\[0\] is nan; allowed: finite numbers"):
        deepq.DQN(SyncVectorEnv([Broken] * 2) if vector else Broken(), **SMALL).learn(10)


def test_tables_take_no_parts():
    with pytest.raises(deepq.Error, match="discrete"):
        deepq.DQN(Part(), algorithm="q_learning")


def test_a_multi_discrete_alone():
    world = Part(spaces.MultiDiscrete([4, 3]), lambda observation: int(observation[0]))
    model = deepq.DQN(world, **SMALL | {"learning_rate": 3e-3, "gamma": 0.0}).learn(1500)
    other = Part(spaces.MultiDiscrete([4, 3]), world.joint)
    other.reset(seed=9)
    assert plays_right(model, other) > 0.95
    assert model.q_values(np.array([[1, 2], [3, 0]])).shape == (2, 4)


ONE = {
    "a key": (spaces.Dict({"x": spaces.Box(-1, 1, (3,)), "y": spaces.Box(-1, 1, (2,))}), {"observation_keys": ["x"]}),
    "a Dict of one": (spaces.Dict({"x": spaces.Box(-1, 1, (3,))}), {}),
    "a Tuple of one": (spaces.Tuple([spaces.Box(-1, 1, (3,))]), {}),
    "a MultiDiscrete of one": (spaces.MultiDiscrete([5]), {}),
}


@pytest.mark.parametrize(("space", "settings"), ONE.values(), ids=ONE.keys())
def test_one_part_keeps_its_name_in_files(space, settings, tmp_path):
    env = Part(space, lambda _: 0)
    model = deepq.DQN(env, **SMALL, **settings).learn(100)
    model.save(tmp_path / "agent")
    observation = Part(space, None).reset(seed=2)[0]
    agent = deepq.DQN.load(tmp_path / "agent", eval_env=Part(space, lambda _: 0))
    np.testing.assert_array_equal(agent.q_values(observation), model.q_values(observation))
    assert agent.q_values(observation).shape == (4,)
    assert agent.evaluate_policy(episodes=2).episodes == 2
    assert deepq.DQN.load(tmp_path / "agent", env=Part(space, lambda _: 0)).evaluate_policy(episodes=2).episodes == 2


def test_a_tuple_that_ends_in_a_dict():
    space = spaces.Tuple([spaces.Box(-1, 1, (2,)), spaces.Dict({"a": spaces.Box(-1, 1, (1,))})])
    model = deepq.DQN(Part(space, lambda _: 0), **SMALL)
    assert model.predict(Part(space, None).reset(seed=1)[0])[0] in range(4)


def test_a_box_without_dimensions_beside_others_after_loading(tmp_path):
    space = spaces.Dict({"a": spaces.Box(-1, 1, ()), "b": spaces.Box(-1, 1, (2,))})
    model = deepq.DQN(Part(space, lambda _: 0), **SMALL)
    model.learn(50).save(tmp_path / "agent")
    agent = deepq.DQN.load(tmp_path / "agent")
    for count in (1, 3):
        batch = {"a": np.linspace(0, 1, count), "b": np.zeros((count, 2))}
        assert agent.q_values(batch).shape == (count, 4)
    assert agent.q_values({"a": 0.5, "b": np.zeros(2)}).shape == (4,)


class Scaled(gymnasium.Wrapper):
    """Running means of each part, in a dictionary."""

    class Running:
        def __init__(self):
            self.mean, self.var, self.count = np.zeros(2), np.ones(2), 0

    def __init__(self, env):
        super().__init__(env)
        self.obs_rms = {"a": self.Running()}

    def reset(self, **keywords):
        observation, info = super().reset(**keywords)
        self.obs_rms["a"].count += 1
        return observation, info


def test_running_statistics_of_parts_are_missed_where_nothing_was_seen(tmp_path):
    space = spaces.Dict({"a": spaces.Box(-1, 1, (2,)), "b": spaces.Discrete(2)})
    deepq.DQN(Scaled(Part(space, lambda _: 0)), **SMALL).learn(50).save(tmp_path / "agent")
    agent = deepq.DQN.load(tmp_path / "agent", eval_env=Scaled(Part(space, lambda _: 0)))
    with pytest.raises(deepq.Error, match="Scaled has seen nothing yet, and what it knew is in no checkpoint; set its obs_rms"):
        agent.evaluate_policy(episodes=1)


def test_bytes_and_fractions_of_a_part_are_told_apart():
    def world(dtype, high):
        return Part(spaces.Dict({"a": spaces.Box(0, high, (3,), dtype), "b": spaces.Discrete(2)}), lambda _: 0)

    model = deepq.DQN(world(np.uint8, 255), eval_env=world(np.float32, 1), **SMALL).learn(50)
    with pytest.raises(deepq.Error, match=r"has observations 'a' up to 1 \(float32\); allowed: as in training, up to 255"):
        model.evaluate_policy(episodes=1)


@pytest.mark.parametrize(("keys", "places"), [(["wheels[0]"], [0]), (["wheels[1]"], [1]), (["wheels[0]", "wheels[2]"], [0, 2])], ids=str)
def test_some_numbers_of_a_multi_discrete(keys, places):
    space = spaces.Dict({"wheels": spaces.MultiDiscrete([3, 4, 5]), "image": spaces.Box(0, 1, (2,))})
    model = deepq.DQN(Part(space, lambda _: 0), observation_keys=keys, **SMALL).learn(60)
    one, other = {"wheels": np.array([1, 1, 1])}, {"wheels": np.array([1, 1, 1])}
    for place in range(3):  # what was not chosen changes nothing
        other["wheels"] = np.array([1, 1, 1])
        other["wheels"][place] = 2
        assert (model.q_values(one) == model.q_values(other)).all() == (place not in places)
