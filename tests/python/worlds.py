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


class Matrix(Walk):
    """Observations with three dimensions, of bytes, not contiguous in memory."""

    observation_space = spaces.Box(0, 255, (2, 3, 4), np.uint8)

    def _observation(self):
        return np.arange(24, dtype=np.uint8).reshape(4, 3, 2).transpose(2, 1, 0) + np.uint8(self.steps)
