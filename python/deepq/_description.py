"""What the C++ part is told of a Python environment."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass
class Description:
    """What python/gym_spec.cc reads."""

    id: str
    shape: tuple[int, ...]
    state_count: int  # 0: the observations are arrays
    state_start: int
    byte_observations: bool
    observation_dtype: str  # of the environment's own arrays
    action_count: int
    action_start: int
    action_dtype: str  # of the space's own numbers
    max_episode_steps: int  # 0: none
    solved_return: float | None
    reset: Callable
    step: Callable
    close: Callable | None = None
    count: int = 1  # copies of a vector environment
    autoreset: str = ""
    frame_stack: int = 0  # above 0: the observations are stacks of so many frames
    memory_bytes: int = 0  # that a copy takes, where it is worth planning for: an emulator
    lives_count: bool = False  # a lost life, told by infos["lives"], is an end for learning
    send: Callable | None = None  # the halves of a vector environment's step
    receive: Callable | None = None
    world: Any = None  # the object, for what Python asks of it
