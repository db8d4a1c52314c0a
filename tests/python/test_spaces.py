"""Observation spaces, which Python shares with C++: made of Gymnasium's, and what models, agents and worlds say of theirs."""

import numpy as np
import pytest
from gymnasium import spaces

import deepq
from deepq import _spaces
from deepq._deepq import Agent, Config, NativeEnv, ObservationKind

KINDS = {
    "states": (spaces.Discrete(5), (ObservationKind.DISCRETE, (), 5, 0, "int64")),
    "states from -2": (spaces.Discrete(5, start=-2), (ObservationKind.DISCRETE, (), 5, -2, "int64")),
    "numbers": (spaces.Box(-1, 1, (3,), np.float64), (ObservationKind.REAL, (3,), 0, 0, "float64")),
    "one number": (spaces.Box(-1, 1, (), np.float32), (ObservationKind.REAL, (), 0, 0, "float32")),
    "bytes": (spaces.Box(0, 255, (2, 3), np.uint8), (ObservationKind.BYTES, (2, 3), 0, 0, "uint8")),
    "small integers": (spaces.Box(0, 9, (2,), np.int8), (ObservationKind.REAL, (2,), 0, 0, "int8")),
}


def told(space):
    [leaf] = space.leaves
    return leaf.kind, leaf.shape, leaf.count, leaf.start, leaf.dtype


@pytest.mark.parametrize(("space", "leaf"), KINDS.values(), ids=KINDS.keys())
def test_what_a_space_of_gymnasiums_is(space, leaf):
    assert told(_spaces.observation_space(space, "Mine")) == leaf


@pytest.mark.parametrize(
    "space", [spaces.Discrete(5), spaces.Box(-np.inf, np.inf, (3,), np.float32), spaces.Box(0, 255, (2, 3), np.uint8)]
)
def test_and_back(space):
    assert _spaces.gymnasium_space(_spaces.observation_space(space, "Mine")) == space


def test_stacks_of_frames_are_bytes_to_gymnasium():
    assert _spaces.gymnasium_space(_spaces.frames((4, 8, 8))) == spaces.Box(0, 255, (4, 8, 8), np.uint8)


POLE = np.array([4.8, np.inf, 0.41887903, np.inf], np.float32)


@pytest.mark.parametrize(
    ("id", "leaf", "given"),
    [
        ("CartPole-v1", (ObservationKind.REAL, (4,), 0, 0, "float32"), spaces.Box(-POLE, POLE, (4,), np.float32)),
        ("FrozenLake-v1", (ObservationKind.DISCRETE, (), 16, 0, "int64"), spaces.Discrete(16)),
        ("MinAtar/Breakout-v1", (ObservationKind.BYTES, (10, 10, 4), 0, 0, "float32"), spaces.Box(0, 1, (10, 10, 4), np.uint8)),
    ],
)
def test_all_say_the_same_of_one_of_the_librarys_own(id, leaf, given, tmp_path):
    model = deepq.DQN(id, network_hidden_sizes=[4], seed=0)
    model.save(tmp_path / "agent")
    config = Config()
    config.set(f'env.id="{id}"')
    assert told(NativeEnv(config).observation_space) == leaf
    assert told(model._model.observation_space) == leaf
    # A file does not tell bytes from other numbers: networks see floats.
    assert told(Agent.load(str(tmp_path / "agent")).observation_space)[1:] == leaf[1:]
    worlds = model.get_env()
    assert worlds.observation_space == given
    assert worlds.reset()[0] in given
