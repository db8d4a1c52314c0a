"""`deepq watch --gif`, and the environments of one's own package on the command line: made with --env-arg, resumed, filmed."""

import json
import subprocess
import sys
import tomllib

import numpy as np
import pytest

gymnasium = pytest.importorskip("gymnasium")
Image = pytest.importorskip("PIL.Image")
deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")
envs = pytest.importorskip("deepq.envs")

PACKAGE = '''
import gymnasium
import numpy as np


class Lamp(gymnasium.Env):
    """The observation says which of the colours is shown; the action that names it pays 1."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 10}
    action_space = gymnasium.spaces.Discrete(3)

    def __init__(self, size=8, colors="red", render_mode=None):
        self.size, self.colors, self.render_mode = size, colors, render_mode
        self.observation_space = gymnasium.spaces.Box(0, 2, (size,), np.float32)

    def _observation(self):
        return np.full(self.size, self.color, np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.color, self.steps = int(self.np_random.integers(3)), 0
        return self._observation(), {}

    def step(self, action):
        reward, self.steps = float(action == self.color), self.steps + 1
        self.color = (self.color + 1) % 3
        return self._observation(), reward, False, self.steps == 4, {}

    def render(self):
        if self.render_mode is None:
            return None
        picture = np.zeros((20, 10 * self.size, 3), np.uint8)
        picture[..., self.color] = 250
        picture[0, :, 1] = np.arange(10 * self.size)
        return picture


class Dark(Lamp):
    metadata = {"render_modes": []}

    def __init__(self):
        super().__init__()


class Noise(Lamp):
    """Of 256 colours, in no order: nothing to be packed."""

    def render(self):
        places = np.random.default_rng(self.steps).integers(256, size=(100, 200))
        return np.stack([places, 255 - places, places // 2], axis=2).astype(np.uint8)


gymnasium.register("Lamp-v0", Lamp)
gymnasium.register("Noise-v0", Noise)
gymnasium.register("Dark-v0", Dark)
'''


@pytest.fixture
def program(tmp_path, monkeypatch):
    (tmp_path / "lamps.py").write_text(PACKAGE)
    monkeypatch.setenv("PYTHONPATH", ":".join([str(tmp_path), *sys.path]))

    def run(*arguments, status=0):
        result = subprocess.run([sys.executable, "-m", "deepq", *map(str, arguments)], capture_output=True, text=True, cwd=tmp_path)
        assert result.returncode == status, result.stderr
        return result.stdout if status == 0 else result.stderr

    return run


def pictures_in(path):
    film = Image.open(path)
    found = []
    for number in range(film.n_frames):
        film.seek(number)
        found.append(np.asarray(film.convert("RGB")))
    return found, film.info


def test_of_our_own_every_pixel_is_as_it_is_drawn(program, tmp_path):
    for id, settings in (("FrozenLake-v1", []), ("MinAtar/Breakout-v1", ["--set", "env.max_episode_steps=60"]), ("CartPole-v1", [])):
        run = tmp_path / id.replace("/", "-")
        program("train", "--env", id, "--steps", 200, "--out", run, "--quiet", *settings)
        told = program("watch", run, "--gif", tmp_path / "film.gif", "--fps", 20)
        found, info = pictures_in(tmp_path / "film.gif")
        assert info["duration"] == 50 and info["loop"] == 0
        assert f"{len(found)} pictures of {found[0].shape[1]} x {found[0].shape[0]} in" in told
        world = gymnasium.make(envs.gymnasium_id(id), render_mode="rgb_array")
        world.reset(seed=0)
        assert found[0].shape == world.render().shape
        if id == "FrozenLake-v1":
            assert np.array_equal(found[0], world.render())
            drawn = drawn_states(world)
            assert all(any(np.array_equal(one, state) for state in drawn) for one in found)
        else:
            colors = {tuple(color) for one in found for color in one.reshape(-1, 3)}
            assert 2 < len(colors) < 12


def drawn_states(world):
    """Pictures of a walk that comes everywhere."""
    random, drawn = np.random.default_rng(0), []
    for _ in range(200):
        world.reset()
        ended = False
        while not ended:
            drawn.append(world.render())
            _, _, terminated, truncated, _ = world.step(int(random.integers(4)))
            ended = terminated or truncated
        drawn.append(world.render())
    return list({picture.tobytes(): picture for picture in drawn}.values())


def test_a_package_of_ones_own(program, tmp_path):
    arguments = ["--env", "lamps:Lamp-v0", "--env-arg", "size=5", "--env-arg", "colors=blue", "--seed", 2]
    program("train", *arguments, "--steps", 300, "--out", tmp_path / "run", "--quiet", "--set", "network.hidden_sizes=[8]")
    config = tomllib.loads((tmp_path / "run/config.toml").read_text())
    assert json.loads(config["gymnasium"]["kwargs"]) == {"size": 5, "colors": "blue"} and config["env"]["id"] == "lamps:Lamp-v0"
    program("resume", tmp_path / "run", "--steps", 400)
    assert json.loads(program("eval", tmp_path / "run", "--episodes", 2, "--json"))["mean_length"] == 4
    program("watch", tmp_path / "run", "--gif", tmp_path / "film.gif", "--episodes", 2)
    found, _ = pictures_in(tmp_path / "film.gif")
    assert len(found) == 10 and found[0].shape == (80, 200, 3), "of 20 x 50 pixels each is four"
    main = [picture[40, 100].argmax() for picture in found]
    assert [(main[i + 1] - main[i]) % 3 for i in (0, 1, 2, 3, 5, 6, 7, 8)] == [1] * 8
    sys.path.insert(0, str(tmp_path))
    try:
        loaded = deepq.DQN.load(tmp_path / "run")
        assert loaded.evaluate_policy(2).mean_length == 4 and loaded.predict(np.zeros(5))[0] in range(3)
    finally:
        sys.path.remove(str(tmp_path))


def test_colours_of_which_there_are_many_are_nearly_kept(program, tmp_path):
    program("train", "--env", "gymnasium:CartPole-v1", "--steps", 100, "--out", tmp_path / "run", "--quiet")
    program("watch", tmp_path / "run", "--gif", tmp_path / "film.gif")
    found, _ = pictures_in(tmp_path / "film.gif")
    world = gymnasium.make("CartPole-v1", render_mode="rgb_array")
    world.reset(seed=0)
    drawn = world.render()
    assert found[0].shape == drawn.shape
    assert np.mean(np.abs(found[0].astype(int) - drawn) > 26) < 0.02, "the pole stands elsewhere, the rest is as it was"


def test_noise_of_256_colours_is_kept(program, tmp_path):
    """Longer than the table of its codes, which begins anew."""
    program("train", "--env", "lamps:Noise-v0", "--steps", 100, "--out", tmp_path / "run", "--quiet")
    program("watch", tmp_path / "run", "--gif", tmp_path / "film.gif")
    found, _ = pictures_in(tmp_path / "film.gif")
    assert len(found) == 5
    for step, picture in enumerate(found):
        places = np.random.default_rng(step).integers(256, size=(100, 200))
        assert np.array_equal(picture, np.stack([places, 255 - places, places // 2], axis=2))


def test_what_draws_nothing_says_so(program, tmp_path):
    program("train", "--env", "lamps:Dark-v0", "--steps", 100, "--out", tmp_path / "run", "--quiet")
    told = program("watch", tmp_path / "run", "--gif", tmp_path / "film.gif", status=2)
    assert "lamps:Dark-v0 draws no picture, so there is nothing to film" in told
    assert not (tmp_path / "film.gif").exists()


def test_arguments_of_our_own_environments_are_their_settings(program, tmp_path):
    program("train", "--env", "FrozenLake-v1", "--env-arg", "is_slippery=false", "--steps", 100, "--out", tmp_path / "run", "--quiet")
    assert tomllib.loads((tmp_path / "run/config.toml").read_text())["frozen_lake"]["is_slippery"] is False
    said = {
        "is_slippery": "--env-arg is 'is_slippery'; allowed: KEY=VALUE, as is_slippery=false",
        "slippery=1": "--env-arg: FrozenLake-v1 has no 'slippery'; allowed: map, is_slippery, success_rate",
        "map=9x9": "frozen_lake.map is '9x9'; allowed: 4x4, 8x8",
    }
    for argument, message in said.items():
        assert message in program("train", "--env", "FrozenLake-v1", "--env-arg", argument, "--steps", 100, status=2)
    argued = ["train", "--env", "gymnasium:FrozenLake-v1", "--env-arg", "is_slippery=False", "--steps", 100, "--quiet"]
    program(*argued, "--out", tmp_path / "g", "--set", 'gymnasium.kwargs={"map_name": "8x8"}')
    assert json.loads(tomllib.loads((tmp_path / "g/config.toml").read_text())["gymnasium"]["kwargs"]) == {"map_name": "8x8", "is_slippery": False}
    told = program(*argued, "--out", tmp_path / "h", "--set", "gymnasium.kwargs=map_name=8x8", status=2)
    assert "--env-arg is given beside gymnasium.kwargs, which is 'map_name=8x8'; allowed: one of them, or JSON" in told
