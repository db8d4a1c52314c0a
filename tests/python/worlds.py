"""Small Gymnasium environments for the tests in this folder."""

import gymnasium
import numpy as np
from gymnasium import spaces


class Walk(gymnasium.Env):
    """A walk on a line whose observation says which copy it is: [seed modulo 97, position, steps]. Action 1 goes up, 0 down.

    It terminates at position 3 and is truncated after 6 steps; each episode begins at a random position.
    """

    observation_space = spaces.Box(-100, 100, (3,), np.float32)
    action_space = spaces.Discrete(2)

    def __init__(self):
        self.tag = -1

    def _observation(self):
        return np.array([self.tag, self.position, self.steps], np.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        if seed is not None:
            self.tag = seed % 97
        self.position, self.steps = int(self.np_random.integers(-2, 3)), 0
        return self._observation(), {}

    def step(self, action):
        self.position += 1 if action == 1 or self.np_random.random() < 0.5 else -1
        self.steps += 1
        return self._observation(), float(self.position), self.position >= 3, self.steps >= 6, {}


class Shifted(Walk):
    """Two actions called 5 and 6, and states called -1 ... 3: the walk's position."""

    observation_space = spaces.Discrete(5, start=-1)
    action_space = spaces.Discrete(2, start=5)

    def __init__(self):
        super().__init__()
        self.seen = set()

    def _observation(self):
        return np.int64(min(max(self.position, -1), 3))

    def step(self, action):
        self.seen.add(int(action))
        return super().step(action - 5)


class Numbered(gymnasium.Env):
    """Episodes of one step, each from one of `n` states; the reward is 1 for the action that the state asks for, else 0.

    States and actions are numbered from anywhere, in any integer type. Neighbours ask for different actions.
    """

    def __init__(self, n=5, start=0, actions=3, action_start=0, dtype=np.int64, action_dtype=np.int64):
        self.observation_space = spaces.Discrete(n, start=start, dtype=dtype)
        self.action_space = spaces.Discrete(actions, start=action_start, dtype=action_dtype)

    @property
    def states(self):
        return [int(self.observation_space.start) + i for i in range(int(self.observation_space.n))]

    def wanted(self, state):
        return int(self.action_space.start) + (state - int(self.observation_space.start)) % int(self.action_space.n)

    def _next(self):
        self.state = self.states[int(self.np_random.integers(len(self.states)))]
        return self.observation_space.dtype.type(self.state)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self._next(), {}

    def step(self, action):
        reward = float(int(action) == self.wanted(self.state))
        return self._next(), reward, True, False, {}


class Matrix(Walk):
    """Observations with three dimensions, of bytes, not contiguous in memory."""

    observation_space = spaces.Box(0, 255, (2, 3, 4), np.uint8)

    def _observation(self):
        return np.arange(24, dtype=np.uint8).reshape(4, 3, 2).transpose(2, 1, 0) + np.uint8(self.steps)
