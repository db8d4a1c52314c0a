"""Gymnasium's spaces and the library's, each made of the other. What an observation is like is asked here."""

import math
from typing import Any

import numpy as np

from ._deepq import Error, ObservationKind, ObservationLeaf, ObservationSpace


def observation_space(space: Any, name: str) -> ObservationSpace:
    """Of Gymnasium's, in the environment `name`. Shapes are its own: () where the library has one number."""
    return ObservationSpace([_leaf(space, name)])


def _leaf(space: Any, name: str) -> ObservationLeaf:
    kind = type(space).__name__
    if kind == "Discrete":
        count, start = _whole_numbers(space, name, "observation")
        return ObservationLeaf(ObservationKind.DISCRETE, (), count=count, start=start, dtype=str(space.dtype))
    if kind != "Box":
        raise Error(
            f"environment '{name}': its observation space is {kind}; allowed: Box, Discrete "
            "(gymnasium.wrappers.FlattenObservation turns others into a Box)"
        )
    if not np.issubdtype(space.dtype, np.number) and space.dtype != np.bool_:
        raise Error(f"environment '{name}': its observation space has the dtype {space.dtype}; allowed: real numbers")
    if math.prod(space.shape) < 1:
        raise Error(f"environment '{name}': its observation space has the shape {space.shape}; allowed: one number or more")
    numbers = ObservationKind.BYTES if space.dtype == np.uint8 else ObservationKind.REAL
    return ObservationLeaf(numbers, tuple(int(size) for size in space.shape), dtype=str(space.dtype))


def frames(shape: tuple[int, ...]) -> ObservationSpace:
    """Stacks of pictures, [stack, height, width], which replay keeps once each."""
    return ObservationSpace([ObservationLeaf(ObservationKind.FRAMES, shape, dtype="uint8")])


def gymnasium_space(space: ObservationSpace) -> Any:
    from gymnasium import spaces

    leaf = space.leaf
    if leaf.kind == ObservationKind.DISCRETE:
        return spaces.Discrete(leaf.count)
    low, high, dtype = (0, 255, np.uint8) if leaf.holds_bytes else (-np.inf, np.inf, np.float32)
    return spaces.Box(low, high, leaf.shape, dtype)


def observation_of(numbers: np.ndarray, space: ObservationSpace) -> Any:
    """What is in gymnasium_space(space), of the floats that the library's own environments give."""
    leaf = space.leaf
    if leaf.kind == ObservationKind.DISCRETE:
        return np.int64(numbers[0])
    return numbers.reshape(leaf.shape).astype(np.uint8 if leaf.holds_bytes else np.float32)


def actions(space: Any, name: str) -> dict[str, Any]:
    """As Description has them."""
    if type(space).__name__ != "Discrete":
        raise Error(f"environment '{name}': its action space is {type(space).__name__}; allowed: Discrete")
    count, start = _whole_numbers(space, name, "action")
    return {"action_count": count, "action_start": start, "action_dtype": str(space.dtype)}


def _whole_numbers(space: Any, name: str, kind: str) -> tuple[int, int]:
    """How many numbers a Discrete space has, and the first."""
    count, start = int(space.n), int(space.start)
    if start + count > 2**63:
        last = start + count - 1
        raise Error(f"environment '{name}': the last number of its {kind} space is {last}; allowed: below 2^63")
    return count, start
