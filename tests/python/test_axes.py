"""Actions on several axes: MultiDiscrete and MultiBinary, in training, predict, files, vectors, masks and exports."""

import shutil
import subprocess

import gymnasium
import numpy as np
import onnx
import onnxruntime
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from test_export import program

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

SMALL = {"network_hidden_sizes": [32], "batch_size": 32, "learning_starts": 64, "gamma": 0.0, "seed": 3, "learning_rate": 3e-3}
SPACES = {
    "MultiDiscrete": spaces.MultiDiscrete([3, 4]),
    "MultiBinary": spaces.MultiBinary(3),
    "a table of them": spaces.MultiDiscrete([[2, 3], [4, 2]], dtype=np.int32),
    "bits in a table": spaces.MultiBinary((2, 2)),
}


class Axes(gymnasium.Env):
    """Five numbers, the largest of which says what is right on every axis; the reward is the part that was. Four steps an episode."""

    observation_space = spaces.Box(0, 1, (5,), np.float32)

    def __init__(self, space=SPACES["MultiDiscrete"], masks=False):
        self.action_space, self.masks = space, masks
        self.sizes = space.nvec if isinstance(space, spaces.MultiDiscrete) else np.full(space.shape, 2)

    def right(self, observation):
        places = np.arange(self.sizes.size).reshape(self.sizes.shape) + 1
        return (int(np.argmax(observation)) * places) % self.sizes

    def mask(self):
        """All choices but the right one, where there are more than two, so that others must be taken."""
        axes = zip(self.sizes.flat, self.right(self.observation).flat)
        return np.concatenate([np.arange(size) != right if size > 2 else np.ones(size, bool) for size, right in axes])

    def info(self):
        return {"action_mask": self.mask().astype(np.int8)} if self.masks else {}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        self.observation = self.np_random.random(5, np.float32)
        return self.observation, self.info()

    def step(self, action):
        assert self.action_space.contains(action), f"{action!r} is none of {self.action_space}"
        assert not self.masks or self.mask()[np.cumsum([0, *self.sizes.flat])[:-1] + action.flat].all(), "illegal"
        reward = float(np.mean(action == self.right(self.observation)))
        self.steps += 1
        self.observation = self.np_random.random(5, np.float32)
        return self.observation, reward, False, self.steps == 4, self.info()


def observations(count=300):
    return np.random.default_rng(7).random((count, 5), np.float32)


@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_an_axis_is_learnt_by_itself(space, tmp_path):
    env = Axes(space)
    model = deepq.DQN(env, **SMALL).learn(6_000)
    seen = observations()
    actions, _ = model.predict(seen)
    assert actions.shape == (300, *space.shape) and actions.dtype == space.dtype
    right = np.array([env.right(one) for one in seen])
    assert np.mean(actions == right) > 0.85
    single, _ = model.predict(seen[0])
    assert space.contains(single) and (single == actions[0]).all()
    assert model.q_values(seen).shape == (300, env.sizes.sum())
    assert model.evaluate_policy(10).mean_return > 4 * 0.8
    # The best choice of each axis' own values.
    best = [part.argmax(1) for part in np.split(model.q_values(seen), np.cumsum(env.sizes.flat)[:-1], axis=1)]
    assert (np.stack(best, 1).reshape(actions.shape) == actions).all()

    model.save(tmp_path / "agent")
    loaded = deepq.DQN.load(tmp_path / "agent")
    found, _ = loaded.predict(seen)
    assert found.dtype == np.int64 and (found == actions.reshape(300, -1)).all()
    assert loaded.predict(seen[0])[0].tolist() == actions[0].reshape(-1).tolist()
    again = deepq.DQN.load(tmp_path / "agent", env=Axes(space))
    assert (again.predict(seen)[0] == actions).all()
    again.learn(100)


def test_exploring_actions_are_of_the_space():
    model = deepq.DQN(Axes(), **SMALL).learn(200)
    np.random.seed(1)
    found = np.stack([model.predict(observations(1)[0], deterministic=False)[0] for _ in range(2_000)])
    assert found.shape == (2_000, 2) and (found >= 0).all() and (found < [3, 4]).all()
    assert len(np.unique(found, axis=0)) > 1


def test_each_combination_an_action_of_its_own():
    model = deepq.DQN(Axes(), flatten_actions=True, **SMALL).learn(6_000)
    seen = observations()
    assert model.q_values(seen).shape == (300, 12)
    actions, _ = model.predict(seen)
    assert (actions == np.stack(np.unravel_index(model.q_values(seen).argmax(1), (3, 4)), axis=1)).all()
    assert np.mean(actions == np.array([Axes().right(one) for one in seen])) > 0.8


def test_more_combinations_than_a_network_could_have():
    model = deepq.DQN(Axes(spaces.MultiBinary(40)), **SMALL).learn(400)
    assert model.predict(observations())[0].shape == (300, 40)
    with pytest.raises(deepq.Error, match="are 1099511627776 combinations, each an action of its own here"):
        deepq.DQN(Axes(spaces.MultiBinary(40)), flatten_actions=True, **SMALL).learn(400)


def test_one_axis_is_an_array_of_one():
    model = deepq.DQN(Axes(spaces.MultiDiscrete([4])), **SMALL).learn(300)
    assert model.predict(observations())[0].shape == (300, 1)


@pytest.mark.parametrize("masks", [False, True], ids=["all legal", "masks"])
def test_the_same_in_the_three_autoreset_modes(masks, tmp_path):
    shas = set()
    for mode in AutoresetMode:
        vector = SyncVectorEnv([lambda: Axes(masks=masks)] * 2, autoreset_mode=mode)
        model = deepq.DQN(vector, **SMALL).learn(400)
        shas.add(model.summary["weights_sha256"])
    copies = deepq.DQN(lambda: Axes(masks=masks), set={"env.count": 2}, **SMALL).learn(400)
    assert shas == {copies.summary["weights_sha256"]}


def test_masks_of_the_choices_of_each_axis(tmp_path):
    env = Axes(masks=True)
    model = deepq.DQN(env, **SMALL).learn(300)  # the environment asserts that nothing illegal is taken
    seen = observations(50)
    masks = np.random.default_rng(2).random((50, 7)) < 0.5
    masks[:, [1, 4]] = True
    actions, _ = model.predict(seen, action_masks=masks)
    assert masks[np.arange(50), actions[:, 0]].all() and masks[np.arange(50), 3 + actions[:, 1]].all()
    values = np.where(masks, model.q_values(seen), -np.inf)
    assert (actions == np.stack([values[:, :3].argmax(1), values[:, 3:].argmax(1)], 1)).all()
    model.save(tmp_path / "agent")
    assert (deepq.DQN.load(tmp_path / "agent").predict(seen, action_masks=masks)[0] == actions).all()
    masks[3, 3:] = False
    with pytest.raises(deepq.Error, match="action_masks allows nothing on some axis in row 3; allowed: one action or more"):
        model.predict(seen, action_masks=masks)
    with pytest.raises(deepq.Error, match=r"action_masks has the shape \(50, 12\); allowed: \(50, 7\), as there are 3 \+ 4 actions"):
        model.predict(seen, action_masks=np.ones((50, 12)))
    with pytest.raises(deepq.Error, match="agent.flatten_actions is true, and Axes says which choices are legal, not which combinations"):
        deepq.DQN(env, flatten_actions=True, **SMALL).learn(100)


def test_what_an_environment_is_told_after_a_bad_step():
    class Bad(Axes):
        def step(self, action):
            return super().step(action)[:4]

    with pytest.raises(deepq.Error, match=r"step returned a tuple of 4; .*; after action \[\d, \d\]"):
        deepq.DQN(Bad(), **SMALL).learn(100)


@pytest.mark.parametrize("variant", [{"algorithm": "pqn"}, {"munchausen": True}, {"representation": "quantile"}], ids=str)
def test_what_knows_no_axes_is_refused(variant):
    some = {"network_hidden_sizes": [8]}
    with pytest.raises(deepq.Error, match="with 3x4 actions: .*; allowed: agent.flatten_actions=true"):
        deepq.DQN(Axes(), **some, **variant).learn(100)
    deepq.DQN(Axes(), flatten_actions=True, **some, **variant).learn(100)


def test_the_key_means_nothing_elsewhere():
    with pytest.raises(deepq.Error, match=r"flatten_actions .*actions on several axes \(MultiDiscrete, MultiBinary\)"):
        deepq.DQN("CartPole-v1", flatten_actions=True)


MAIN = """
#include "q.h"
#include <cstdio>
int main() {
  static float observation[deepq_agent::kObservationSize];
  float q[deepq_agent::kActionCount];
  int choices[deepq_agent::kAxisCount];
  bool legal[deepq_agent::kActionCount];
  while (std::fread(observation, sizeof observation, 1, stdin) == 1 && std::fread(legal, sizeof legal, 1, stdin) == 1) {
    deepq_agent::q_values(observation, q);
    ACT;
    for (const float value : q) std::printf("%.9g ", static_cast<double>(value));
    for (const int choice : choices) std::printf("%d ", choice);
    std::printf("\\n");
  }
  return 0;
}
"""


@pytest.mark.parametrize("masks", [False, True], ids=["all legal", "masks"])
@pytest.mark.parametrize("dueling", [False, True], ids=["plain", "dueling"])
def test_exports(dueling, masks, tmp_path):
    model = deepq.DQN(Axes(masks=masks), dueling=dueling, **SMALL).learn(500)
    model.save(tmp_path / "agent.safetensors")
    done = program(tmp_path / "agent.safetensors", "--onnx", tmp_path / "q.onnx", "--header", tmp_path / "q.h")
    assert done.returncode == 0, done.stderr
    seen = observations(40)
    legal = np.ones((40, 7), bool)
    if masks:
        legal = np.random.default_rng(2).random((40, 7)) < 0.5
        legal[:, [1, 4]] = True
    wanted, _ = model.predict(seen, action_masks=legal if masks else None)
    values = model.q_values(seen)

    onnx.checker.check_model(onnx.load(tmp_path / "q.onnx"), full_check=True)
    session = onnxruntime.InferenceSession(tmp_path / "q.onnx", providers=["CPUExecutionProvider"])
    assert session.get_modelmeta().custom_metadata_map["action_axes"] == "[3, 4]"
    (found,) = session.run(None, {session.get_inputs()[0].name: seen} | ({"action_mask": legal} if masks else {}))
    np.testing.assert_allclose(found, np.where(legal, values, -np.inf), rtol=1e-5, atol=1e-6)
    assert (np.stack([found[:, :3].argmax(1), found[:, 3:].argmax(1)], 1) == wanted).all()

    if not shutil.which("g++"):
        pytest.skip("no g++ found: exported headers are not compiled")
    act = "deepq_agent::act(observation, legal, choices)" if masks else "deepq_agent::act(observation, choices)"
    (tmp_path / "main.cc").write_text(MAIN.replace("ACT", act))
    warnings = "-Wall -Wextra -Wpedantic -Wshadow -Werror".split()
    subprocess.run(["g++", "-std=c++17", "-O1", *warnings, "main.cc", "-o", "main"], cwd=tmp_path, check=True, timeout=300)
    given = b"".join(one.tobytes() + flags.tobytes() for one, flags in zip(seen, legal))
    done = subprocess.run([tmp_path / "main"], input=given, capture_output=True, check=True)
    found = np.array([line.split() for line in done.stdout.decode().splitlines()], float)
    np.testing.assert_allclose(found[:, :7], values, rtol=1e-5, atol=1e-6)
    assert (found[:, 7:] == wanted).all()
