"""Action masks are not used yet, and that is said."""

import warnings

import gymnasium
import numpy as np
import pytest
from worlds import Walk

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

SMALL = {"network_hidden_sizes": [16], "batch_size": 16}


class Told(Walk):
    def reset(self, **keywords):
        return super().reset(**keywords)[0], {"action_mask": np.array([1, 0], np.int8)}


class Asked(Walk):
    def action_masks(self):
        return np.array([True, False])


class Masker(gymnasium.Wrapper):
    def action_masks(self):
        return np.array([True, False])


WORLDS = {
    "in info": (Told, r"environment 'Told' gives info\['action_mask'\]; deepq does not use action masks yet"),
    "by a method": (Asked, r"environment 'Asked' gives action_masks\(\); deepq does not use action masks yet"),
    "by a wrapper's method": (lambda: gymnasium.wrappers.OrderEnforcing(Masker(Walk())), r"gives action_masks\(\)"),
    "in a vector": (lambda: gymnasium.vector.SyncVectorEnv([Asked] * 2), r"gives action_masks\(\)"),
    "in a vector's infos": (lambda: gymnasium.vector.SyncVectorEnv([Told] * 2), r"gives info\['action_mask'\]"),
}


@pytest.mark.parametrize(("make", "message"), WORLDS.values(), ids=WORLDS.keys())
def test_a_world_that_gives_them_is_noted(make, message):
    with pytest.warns(UserWarning, match=message):
        deepq.DQN(make(), **SMALL).learn(20)


def test_other_worlds_are_not():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        deepq.DQN(Walk(), **SMALL).learn(20)


def test_predict_refuses_them():
    model = deepq.DQN("CartPole-v1", **SMALL)
    assert model.predict(np.zeros(4), action_masks=None) == model.predict(np.zeros(4))
    with pytest.raises(deepq.Error, match="action_masks is given, and masks are not used yet"):
        model.predict(np.zeros(4), action_masks=np.array([True, False]))
