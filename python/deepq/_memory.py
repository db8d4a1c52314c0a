"""What a network with memory (network_recurrent) remembers from one predict() to the next."""

from typing import Any

import numpy as np

from . import _checks
from ._deepq import Error


def before(state: Any, episode_start: Any, size: int, count: int, single: bool) -> np.ndarray | None:
    """[count, size], a copy that the C++ part brings up to date; zeros where nothing is remembered.

    state: what predict() handed back, or None. episode_start: True where an episode begins, one for each observation or
    one for all. Of a network without memory (size 0): None.
    """
    if size == 0:
        if state is not None:
            hint = "; deterministic= is a keyword" if isinstance(state, bool) else ""
            raise Error(f"state is {_checks.shown(state)}, and the network has none; allowed: None{hint}")
        return None
    memory = np.zeros((count, size), np.float32)
    if state is not None:
        shape = (size,) if single else (count, size)
        given = _numbers(state, shape)
        memory[:] = given
    if episode_start is not None:
        starts = np.asarray(episode_start)
        if starts.dtype.kind not in "bui" or starts.size not in (1, count):
            raise Error(f"episode_start is {_checks.shown(episode_start)}; allowed: None, True or False, or {count} of them")
        memory[np.broadcast_to(starts.reshape(-1) != 0, count)] = 0
    return memory


def after(memory: np.ndarray | None, single: bool) -> np.ndarray | None:
    return memory if memory is None or not single else memory[0]


def _numbers(state: Any, shape: tuple[int, ...]) -> np.ndarray:
    allowed = f"None, or what predict() handed back, float32 {list(shape)}"
    try:
        array = np.asarray(state, dtype=np.float32)
    except (TypeError, ValueError):
        raise Error(f"state is {_checks.shown(state)}; allowed: {allowed}") from None
    if array.shape != shape:
        raise Error(f"state has the shape {list(array.shape)}; allowed: {allowed}")
    if not np.isfinite(array).all():
        raise Error(f"state holds a NaN or an infinity; allowed: {allowed}")
    return array
