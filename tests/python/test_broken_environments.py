"""Whatever an environment does wrong is one deepq.Error that names environment, step and value."""

import json
import subprocess
import sys
import threading

import gymnasium
import numpy as np
import pytest
import worlds
from gymnasium import spaces

deepq = pytest.importorskip("deepq", reason="the Python package is not installed: its tests are SKIPPED")

SMALL = {"network_hidden_sizes": [16], "batch_size": 16}
GOOD = np.zeros(3, np.float32)


class Broken(worlds.Walk):
    """A walk that does something else in its third step, or in reset."""

    def __init__(self, step=None, reset=None, **attributes):
        super().__init__()
        self._step, self._reset, self.count = step, reset, 0
        for name, value in attributes.items():
            setattr(self, name, value)

    def reset(self, **keywords):
        result = super().reset(**keywords)
        return self._reset() if self._reset else result

    def step(self, action):
        self.count += 1
        result = super().step(action)
        return self._step() if self._step and self.count == 3 else result


def returns(observation=GOOD, reward=1.0, terminated=False, truncated=False):
    return lambda: (observation, reward, terminated, truncated, {})


def raises(error):
    def call():
        raise error

    return call


class Tensor:
    dtype = "float32"
    shape = (3,)


SPACES = {
    "Text in a Dict": (spaces.Dict({"a": spaces.Text(5)}), "its observation space 'a' is Text, which no network takes; allowed: Box, Discrete"),
    "Graph": (spaces.Graph(spaces.Discrete(2), None), "its observation space is Graph"),
    "Sequence": (spaces.Sequence(spaces.Discrete(2)), "its observation space is Sequence"),
    "Text": (spaces.Text(5), "its observation space is Text"),
    "nothing": (None, "its observation space is NoneType"),
    "empty Box": (spaces.Box(0, 1, (0,)), r"its observation space has the shape \(0,\)"),
}
ACTIONS = {
    "Box": (spaces.Box(0, 1, (2,)), "its action space is Box; allowed: Discrete"),
    "MultiDiscrete from 1": (
        spaces.MultiDiscrete([2, 3], start=[1, 0]),
        r"its action space starts at \[1, 0\]; allowed: 0, where choices are counted from",
    ),
    "MultiBinary of very many": (spaces.MultiBinary(63), r"its actions are 9223372036854775808 combinations of 63 choices; allowed: 1 choice or more, up to 2\^62"),
}
RESETS = {
    "an array alone": (lambda: GOOD, r"reset returned a ndarray; allowed: a tuple \(observation, info\)"),
    "three things": (lambda: (GOOD, {}, {}), "reset returned a tuple of 3"),
    "None": (lambda: None, "reset returned a NoneType"),
    "an exception": (raises(RuntimeError("no display")), r"RuntimeError: no display \(test_broken_environments.py:\d+\)"),
    "NaN": (lambda: (GOOD * np.nan, {}), r"observation\[0\] is nan; allowed: finite numbers"),
    "another shape": (lambda: (np.zeros(4, np.float32), {}), r"has the shape \(4,\); allowed: an array of shape \(3,\)"),
}
STEPS = {
    "four things": (lambda: (GOOD, 1.0, False, {}), r"step returned a tuple of 4; allowed: a tuple \(observation, reward,"),
    "None": (lambda: None, "step returned a NoneType"),
    "a list": (lambda: [GOOD, 1.0, False, False, {}], "step returned a list"),
    "ValueError": (raises(ValueError("bad move")), r"ValueError: bad move \(test_broken_environments.py:\d+\); after action"),
    "an exception of many lines": (raises(OSError("one\ntwo")), "OSError: one two"),
    "an exception without words": (raises(KeyError()), r"KeyError \("),
    "SystemExit": (raises(SystemExit(3)), "SystemExit: 3"),
    "NaN": (returns(np.array([0, np.nan, 0], np.float32)), r"observation\[1\] is nan; allowed: finite numbers"),
    "infinity": (returns(np.array([0, 0, -np.inf], np.float32)), r"observation\[2\] is -inf"),
    "too large for a float": (returns(np.array([1e300, 0, 0])), r"observation\[0\] is inf"),
    "a shorter array": (returns(GOOD[:2]), r"the observation has the shape \(2,\)"),
    "one dimension more": (returns(GOOD[None]), r"the observation has the shape \(1, 3\)"),
    "no dimension": (returns(np.float32(0)), r"the observation has the shape \(\)"),
    "a list as observation": (returns([0.0, 0.0, 0.0]), r"the observation is a list; allowed: an array of shape \(3,\)"),
    "no observation": (returns(None), "the observation is a NoneType"),
    "a tensor": (returns(Tensor()), "the observation is a Tensor"),
    "objects": (returns(np.array([None] * 3)), "the observation has the dtype object; allowed: float32"),
    "texts": (returns(np.array(["a", "b", "c"])), "the observation has the dtype <U1"),
    "complex numbers": (returns(GOOD + 0j), "the observation has the dtype complex64"),
    "bytes of no numbers": (returns(np.zeros(3, "V4")), "the observation has the dtype (void32|.V4)"),
    "dates": (returns(np.zeros(3, "datetime64[s]")), r"the observation (is a|has the dtype)"),
    "reward NaN": (returns(reward=float("nan")), "the reward is nan; allowed: finite numbers"),
    "reward infinite": (returns(reward=np.float32(np.inf)), "the reward is inf"),
    "no reward": (returns(reward=None), "the reward is a NoneType; allowed: a number"),
    "reward a text": (returns(reward="1"), "the reward is a str; allowed: a number"),
    "reward an array": (returns(reward=np.zeros(2)), "the reward is a ndarray; allowed: a number"),
    "terminated None": (returns(terminated=None), "terminated is None; allowed: True or False"),
    "terminated a text": (returns(terminated="no"), "terminated is 'no'; allowed: True or False"),
    "truncated a number": (returns(truncated=2), "truncated is 2; allowed: True or False"),
    "terminated an array": (returns(terminated=np.array([True])), r"terminated is array\(\[ True\]\)"),
}
STATES = {
    "too large": (5, "the observation is 5; allowed: a whole number, 0 to 4"),
    "below 0": (-1, "the observation is -1; allowed: a whole number, 0 to 4"),
    "huge": (10**30, "the observation is 10+; allowed"),
    "a fraction": (1.5, "the observation is a float; allowed: a whole number, 0 to 4"),
    "an array": (np.array([1]), "the observation is a ndarray; allowed: a whole number, 0 to 4"),
}


def error_of(env, **settings):
    with pytest.raises(deepq.Error) as caught:
        deepq.DQN(env, **SMALL, **settings).learn(100)
    assert "\n" not in str(caught.value)
    return caught


def cases(table):
    return pytest.mark.parametrize(("what", "message"), table.values(), ids=table.keys())


@cases(SPACES)
def test_observation_spaces(what, message):
    error_of(Broken(observation_space=what)).match("environment 'Broken': " + message)


GIVEN = {  # an array of three numbers
    "Dict": (spaces.Dict({"a": spaces.Discrete(2)}), "the observation is a ndarray where 'a' is asked for; allowed: what its space holds"),
    "Tuple": (spaces.Tuple([spaces.Discrete(2), spaces.Box(0, 1, (2,))]), "the observation is a ndarray where '0' is asked for"),
    "MultiBinary": (spaces.MultiBinary(2), r"the observation has the shape \(3,\); allowed: an array of shape \(2,\)"),
    "MultiDiscrete": (spaces.MultiDiscrete([2, 3, 2, 4]), r"the observation has the shape \(3,\); allowed: \(4,\), or a batch of those"),
}


@cases(GIVEN)
def test_observations_of_other_spaces(what, message):
    error_of(Broken(observation_space=what)).match("environment 'Broken', copy 0, reset after step 0: .*" + message)


@cases(ACTIONS)
def test_action_spaces(what, message):
    error_of(Broken(action_space=what)).match("environment 'Broken': " + message)


@cases(RESETS)
def test_resets(what, message):
    error_of(Broken(reset=what)).match("environment 'Broken', copy 0, reset after step 0: .*" + message)


@cases(STEPS)
def test_steps(what, message):
    error_of(Broken(step=what)).match(r"environment 'Broken', copy 0, step 3 \(\d of its episode\): .*" + message)


@cases(STATES)
def test_states(what, message):
    class States(Broken):
        observation_space = spaces.Discrete(5)

        def _observation(self):
            return 1

    error_of(States(step=returns(what))).match(r"environment 'States', copy 0, step 3 .*" + message)


def test_bytes_that_are_none():
    env = worlds.Matrix()
    env._observation = lambda: np.zeros((2, 3, 4), np.float32)
    error_of(env).match("the observation has the dtype float32; allowed: uint8, as its space says")


@pytest.mark.parametrize("name", ["observation_space", "action_space", "reset", "step"])
def test_what_is_missing(name):
    class Part:
        observation_space = worlds.Walk.observation_space
        action_space = worlds.Walk.action_space
        reset = step = lambda self: None

    delattr(Part, name)
    env = Part()
    message = "the environment is a Part; allowed" if name == "step" else f"environment 'Part' has no {name}; allowed"
    error_of(env).match(message)


@pytest.mark.parametrize("env", [3, None, [worlds.Walk()]], ids=repr)
def test_what_is_no_environment(env):
    with pytest.raises(deepq.Error, match="allowed: an id, an environment, or what makes one"):
        deepq.DQN([env] if env is None else env)


def test_an_environment_that_cannot_be_made():
    def make():
        raise RuntimeError("no licence")

    with pytest.raises(RuntimeError, match="no licence"):
        deepq.DQN(make)
    gymnasium.register("deepq-test/Unmakeable-v0", make)
    try:
        with pytest.raises(deepq.Error, match="'deepq-test/Unmakeable-v0' cannot be made: RuntimeError: no licence") as caught:
            deepq.DQN("deepq-test/Unmakeable-v0")
        assert isinstance(caught.value.__cause__, RuntimeError)
    finally:
        del gymnasium.registry["deepq-test/Unmakeable-v0"]


def test_the_exception_is_the_cause():
    error = ValueError("bad move")
    assert error_of(Broken(step=raises(error))).value.__cause__ is error
    assert error_of(Broken(step=returns(None))).value.__cause__ is None


def test_after_it_broke_the_model_only_acts():
    model = deepq.DQN(Broken(step=raises(ValueError("bad move"))), **SMALL)
    with pytest.raises(deepq.Error, match="bad move"):
        model.learn(100)
    with pytest.raises(deepq.Error, match="this agent only acts"):
        model.learn(100)
    assert model.q_values(GOOD).shape == (2,)


def test_the_last_checkpoint_stays(tmp_path):
    class Later(worlds.Walk):
        breaks = True

        def step(self, action):
            self.count = getattr(self, "count", 0) + 1
            if self.count == 150 and self.breaks:
                raise ValueError("bad move")
            return super().step(action)

    with pytest.raises(deepq.Error, match="step 150 "):
        deepq.DQN(Later(), checkpoint_every_env_steps=100, **SMALL).learn(1_000, folder=tmp_path / "run")
    Later.breaks = False
    model = deepq.DQN.load(tmp_path / "run", env=Later())
    assert model.num_timesteps == 100
    assert model.learn(200, folder=tmp_path / "run").num_timesteps == 300


@pytest.mark.parametrize("where", ["reset", "step"])
def test_a_hung_call(where):
    over = threading.Event()
    env = Broken(**{where: lambda: over.wait(60)})
    message = error_of(env, step_timeout=0.2)
    over.set()
    place = "reset after step 0" if where == "reset" else r"step 3 .*"
    message.match(rf"environment 'Broken', copy 0, {place}: {where} gave no answer within step_timeout=0.2 seconds")


HANGING_PROGRAM = """
import os, signal, subprocess, sys, time
import gymnasium
from deepq import _program

class Hanging(gymnasium.Env):
    observation_space, action_space = gymnasium.spaces.Box(-1, 1, (2,)), gymnasium.spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        return self.observation_space.sample(), {}

    steps = 0

    def step(self, action):
        self.steps += 1
        HOW
        return self.observation_space.sample(), 0.0, True, False, {}

gymnasium.register("deepq-test/Hanging-v0", Hanging)
sys.argv[1:] = "train --env deepq-test/Hanging-v0 --steps 99 --set gymnasium.step_timeout=0.5 --out".split() + sys.argv[1:]
_program.main()
"""


def run_hanging(how, folder):
    command = [sys.executable, "-c", HANGING_PROGRAM.replace("HOW", how), folder]
    return subprocess.run(command, capture_output=True, text=True, timeout=50)


def test_a_hung_call_in_the_program(tmp_path):
    done = run_hanging("time.sleep(60)", tmp_path / "run")
    assert done.returncode == 2
    assert "environment 'deepq-test/Hanging-v0', copy 0, step 1" in done.stderr
    assert "step gave no answer within step_timeout=0.5 seconds" in done.stderr


STOPPED = """if self.steps == 5:
            subprocess.Popen(["sh", "-c", f"sleep 1; kill -CONT {os.getpid()}"])
            os.kill(os.getpid(), signal.SIGSTOP)
            time.sleep(0.1)"""


def test_a_program_stopped_for_longer_than_the_limit_goes_on(tmp_path):
    done = run_hanging(STOPPED, tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["env_steps"] == 99


def test_a_watched_environment_is_the_same():
    runs = [deepq.DQN(worlds.Walk(), seed=0, step_timeout=t, **SMALL).learn(300).summary for t in (None, 30)]
    assert runs[0]["weights_sha256"] == runs[1]["weights_sha256"]
    error_of(Broken(step=raises(ValueError("bad move"))), step_timeout=30).match("ValueError: bad move")


class BrokenVector(gymnasium.vector.SyncVectorEnv):
    def __init__(self, change, mode=gymnasium.vector.AutoresetMode.SAME_STEP):
        super().__init__([worlds.Walk] * 2, autoreset_mode=mode)
        self.change = change

    def step(self, actions):
        result = list(super().step(actions))
        self.change(result)
        return tuple(result)


def put(index, value):
    return lambda result: result.__setitem__(index, value)


VECTORS = {
    "another shape": (put(0, np.zeros((3, 3), np.float32)), r"the batch of observations has the shape \(3, 3\); allowed: .*\(2, 3\)"),
    "NaN": (lambda result: result[0].__setitem__((1, 2), np.nan), r"copy 1, step 1: observation\[2\] is nan"),
    "three rewards": (put(1, np.zeros(3)), "there are 3 rewards for 2 copies"),
    "reward NaN": (put(1, np.array([0, np.nan])), "copy 1, step 1: the reward is nan"),
    "terminated as numbers": (put(2, np.zeros(2)), "the batch of terminated has the dtype float64; allowed: bool"),
    "truncated a list": (put(3, [False, False]), "the batch of truncated is a list"),
    "no final observation": (put(4, {}), "infos has no 'final_obs'"),
    "four things": (lambda result: result.pop(), "step returned a tuple; allowed: a tuple of 5"),
}


@cases(VECTORS)
def test_vectors(what, message):

    error_of(BrokenVector(what)).match(message)


def test_an_unknown_autoreset_mode():
    env = BrokenVector(lambda result: None)
    env.metadata = {"autoreset_mode": "Sometimes"}
    error_of(env).match("metadata\\['autoreset_mode'\\] is 'Sometimes'; allowed: NextStep, SameStep, Disabled")


def test_a_hung_vector():
    over = threading.Event()
    error_of(BrokenVector(lambda result: over.wait(60)), step_timeout=0.2).match("step 1: step gave no answer within")
    over.set()
