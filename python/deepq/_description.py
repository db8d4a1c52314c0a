"""What the C++ part is told of a Python environment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ._deepq import ObservationSpace


@dataclass
class Description:
    """What python/gym_spec.cc reads."""

    id: str
    observation_space: ObservationSpace  # shapes as the environment's own arrays have them: () of a number
    parts: Callable | None  # of an observation, or a batch, the list of its leaves; None: it is the only one
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
    memory_bytes: int = 0  # that a copy takes, where it is worth planning for: an emulator
    lives_count: bool = False  # a lost life, told by infos["lives"], is an end for learning
    send: Callable | None = None  # the halves of a vector environment's step
    receive: Callable | None = None
    # Of an info which actions are legal, or None where it does not say; of a vector's infos a list of those, and of the
    # states that episodes ended in. None: all are, always.
    action_masks: Callable | None = None
    final_action_masks: Callable | None = None
    # Of actions on several axes (MultiDiscrete, MultiBinary): how many choices each has, and of an array of the library's
    # numbers for them the environment's own arrays.
    action_axes: list[int] = field(default_factory=list)
    action_of: Callable | None = None
    world: Any = None  # the object, for what Python asks of it
