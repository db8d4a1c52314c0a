"""What an agent sees of an episode (frame_stack=, last_action=, last_reward=), for whoever plays it by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np

from . import _deepq, _spaces
from ._deepq import Config, Error
from ._observations import Observations


def has_history(config: Config) -> bool:
    plain = {"env.frame_stack": "1", "env.last_action": "false", "env.last_reward": "false"}
    return any(config.value(key) != value for key, value in plain.items())


class History:
    """Makes of an environment's observations what predict() and q_values() take: DQN.history().

    reset(observation) begins an episode; step(observation, action, reward) is told what each step gave. Both return the
    agent's observation.
    """

    def __init__(self, config: Config, world: Any, parts: Callable | None = None):
        """world: what has id, observation_space, action_count (and start, and axes), as Description and NativeEnv."""
        axes = getattr(world, "action_axes", [])
        self._made = _deepq.ObservationHistory(config, world.id, world.observation_space, world.action_count, axes)
        self._start, self._axes = getattr(world, "action_start", 0), axes
        self._observations = Observations(world.observation_space, parts)
        self._begun = False

    @property
    def observation_space(self) -> Any:
        return self._made.observation_space

    def reset(self, observation: Any) -> Any:
        self._begun = True
        return self._seen(self._made.reset(self._numbers(observation)))

    def step(self, observation: Any, action: Any, reward: float) -> Any:
        if not self._begun:
            raise Error("no episode has begun; allowed: reset(observation)")
        return self._seen(self._made.step(self._numbers(observation), self._index_of(action), float(reward)))

    def _numbers(self, observation: Any) -> np.ndarray:
        rows, single = self._observations.rows(observation)
        if not single:
            raise Error(f"the observation is a batch of {len(rows)}; allowed: one")
        return np.ascontiguousarray(rows[0], np.float32)

    def _index_of(self, action: Any) -> int:
        if not self._axes:
            return int(action) - self._start
        index = 0
        for size, choice in zip(self._axes, np.ravel(action)):
            index = index * size + int(choice)
        return index

    def _seen(self, numbers: np.ndarray) -> Any:
        return _spaces.assembled(numbers, self._made.observation_space)
