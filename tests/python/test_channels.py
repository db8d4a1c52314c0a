"""Pictures with their channels first and with their channels last make the same network."""

import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from worlds import Walk

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

SMALL = {"network_hidden_sizes": [16], "batch_size": 16, "seed": 0}
CONVOLUTION = {"network_conv_channels": [8], "network_conv_kernels": [3], "network_conv_strides": [1], **SMALL}


class Picture(Walk):
    """Of 32 x 48 pixels and 3 channels, one way or the other; or of any shape."""

    def __init__(self, first, shape=(32, 48, 3)):
        super().__init__()
        self.first = first
        self.picture = np.random.default_rng(0).integers(0, 200, shape, np.uint8)
        self.observation_space = spaces.Box(0, 255, self._observed().shape, np.uint8)

    def _observed(self):
        return self.picture.transpose(2, 0, 1) if self.first else self.picture

    def _observation(self):
        return self._observed() + np.uint8(self.steps)


def test_both_orders_are_one_network(tmp_path):
    models = [deepq.DQN(Picture(first), **CONVOLUTION).learn(100) for first in (False, True)]
    assert [model.summary["parameter_count"] for model in models] == [176_914] * 2
    assert models[0].summary["weights_sha256"] == models[1].summary["weights_sha256"]
    last = Picture(False).picture
    values = models[0].q_values(last)
    np.testing.assert_array_equal(models[1].q_values(last.transpose(2, 0, 1)), values)
    models[1].save(tmp_path / "agent")
    loaded = deepq.DQN.load(tmp_path / "agent", env=Picture(True))
    np.testing.assert_array_equal(loaded.q_values([last.transpose(2, 0, 1)] * 2), [values] * 2)
    assert loaded.evaluate_policy(2) == models[1].evaluate_policy(2)
    assert loaded.learn(50).num_timesteps == 150


def test_a_vector_of_pictures_too():
    vectors = [gymnasium.vector.SyncVectorEnv([lambda first=first: Picture(first)] * 2) for first in (False, True)]
    weights = [deepq.DQN(vector, **CONVOLUTION).learn(100).summary["weights_sha256"] for vector in vectors]
    assert weights[0] == weights[1]


@pytest.mark.parametrize(
    ("shape", "setting", "parameters"),
    [
        ((32, 48, 3), "last", 176_914),
        ((3, 32, 48), "first", 176_914),
        ((3, 32, 48), "last", 7_354),  # 48 channels, 3 rows of 32
        ((10, 10, 10), "auto", 10 * 9 * 8 + 8 + 8 * 8 * 8 * 16 + 16 + 2 * 17),
    ],
)
def test_a_setting_says_it(shape, setting, parameters, tmp_path):
    model = deepq.DQN(Picture(False, shape), image_channels=setting, **CONVOLUTION).learn(40)
    assert model.summary["parameter_count"] == parameters
    assert f'image_channels = "{setting}"' in model.config
    model.save(tmp_path / "agent")
    picture = np.random.default_rng(1).integers(0, 256, shape)
    np.testing.assert_array_equal(deepq.DQN.load(tmp_path / "agent").q_values(picture), model.q_values(picture))


def test_stacked_frames_of_gymnasiums_wrappers_are_atari_s_pictures():
    model = deepq.DQN(Picture(True, (84, 84, 4)), preset="atari", replay_capacity=1000, learning_starts=100, seed=0)
    assert model.learn(104).summary["parameter_count"] == 1_684_128 + 2 * 513


def test_it_acts_with_convolutions_alone():
    with pytest.raises(deepq.Error, match=r"env.image_channels has no effect here; it needs network.conv_channels other"):
        deepq.DQN(Picture(True), image_channels="first", **SMALL)
    with pytest.raises(deepq.Error, match=r"env.image_channels is 'middle'; allowed: auto, first, last"):
        deepq.DQN(Picture(True), image_channels="middle", **CONVOLUTION)


@pytest.mark.parametrize(
    ("shape", "order"), [((10, 10, 10), "height, width, channels"), ((32, 3, 48), "channels, height, width"), ((48, 3, 32), "height, width, channels")]
)
def test_what_the_sides_do_not_tell_is_said(shape, order):
    convolution = {"conv_channels": [4], "conv_kernels": [2], "conv_strides": [1], **SMALL}
    with pytest.warns(UserWarning, match=rf"the picture of {shape[0]} x {shape[1]} x {shape[2]} is read as \[{order}\]; image_channels="):
        deepq.DQN(Picture(False, shape), **convolution)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        deepq.DQN(Picture(False, shape), image_channels="last", **convolution)
        deepq.DQN(Picture(False), **convolution)
