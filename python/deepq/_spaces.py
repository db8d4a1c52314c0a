"""Gymnasium's spaces and the library's, each made of the other. What an observation is like is asked here."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ._deepq import Error, ObservationKind, ObservationLeaf, ObservationSpace


def observation_space(space: Any, name: str, keys: str = "") -> ObservationSpace:
    """Of Gymnasium's, in the environment `name`. Shapes are its own: () where the library has one number.

    keys: the parts of a Dict or Tuple that are taken, with commas between them; "": all.
    """
    wanted = [key.strip().strip("'\"") for key in keys.strip("[]").split(",") if key.strip()]
    if wanted and type(space).__name__ not in ("Dict", "Tuple"):
        raise Error(f"gymnasium.observation_keys is '{keys}', and the observation space of '{name}' is {type(space).__name__}, which has none")
    parts = [(path, part) for path, part in _parts(space, ()) if not wanted or any(_overlap("/".join(path), key) for key in wanted)]
    found = [leaf for path, part in parts for leaf in _leaves(part, path, space, name)]
    leaves = [leaf for leaf in found if not wanted or any(_is_in(leaf.name, key) for key in wanted)]
    for key in wanted:
        if not any(_is_in(leaf.name, key) for leaf in leaves):
            known = ", ".join(dict.fromkeys(path[0] for path, _ in _parts(space, ())))
            raise Error(f"gymnasium.observation_keys has '{key}', and the observation space of '{name}' has {known}")
    if not leaves:
        raise Error(f"environment '{name}': its observation space is an empty {type(space).__name__}; allowed: one part or more")
    return ObservationSpace(leaves)


def parts_of(space: ObservationSpace) -> Callable[[Any], list] | None:
    """Of an observation, or of a batch of them, what its leaves are: by their names. None: it is the only one."""
    paths = [tuple(leaf.name.split("/")) for leaf in space.seen]
    return None if paths == [("",)] else lambda observation: [_part(observation, path) for path in paths]


def first_of(batch: Any) -> Any:
    """The first observation of a batch."""
    if isinstance(batch, Mapping):
        return {key: first_of(one) for key, one in batch.items()}
    return tuple(first_of(one) for one in batch) if isinstance(batch, tuple) else batch[0]


def batch_of(observations: list) -> Any:
    """The reverse: one batch of many."""
    one = observations[0]
    if isinstance(one, Mapping):
        return {key: batch_of([each[key] for each in observations]) for key in one}
    if isinstance(one, tuple):
        return tuple(batch_of([each[i] for each in observations]) for i in range(len(one)))
    return np.stack(observations)


def _part(observation: Any, path: tuple[str, ...]) -> Any:
    """Keys of dictionaries, places of tuples, and at the end of a MultiDiscrete the place of a number."""
    found = observation
    for i, step in enumerate(path):
        place = int(step) if step.isdigit() else None
        if isinstance(found, Mapping):
            key = step if step in found else place
            if key not in found:
                raise Error(f"the observation has no '{'/'.join(path)}'; allowed: all of its space's parts")
            found = found[key]
        elif isinstance(found, tuple) and place is not None and place < len(found):
            found = found[place]
        elif place is None or isinstance(found, tuple):
            raise Error(f"the observation is a {type(observation).__name__} without '{'/'.join(path)}'; allowed: what its space holds")
        else:
            return _number(np.asarray(found), path, i)
    return found


def _number(array: np.ndarray, path: tuple[str, ...], first: int) -> Any:
    """Of a MultiDiscrete, one or a batch."""
    places = tuple(map(int, path[first:]))
    if array.ndim < len(places) or any(place >= size for place, size in zip(places, array.shape[array.ndim - len(places) :])):
        raise Error(f"the observation{path[:first] and f' {path[0]!r}' or ''} has the shape {array.shape}, too small for '{'/'.join(path)}'")
    return array[(..., *places)]


def _is_in(name: str, key: str) -> bool:
    """Whether the leaf is what the key names, or a part of it."""
    return f"{name}/".startswith(f"{key}/")


def _overlap(name: str, key: str) -> bool:
    return _is_in(name, key) or _is_in(key, name)


def _parts(space: Any, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], Any]]:
    """What Dict and Tuple hold, in their order, as paths of keys and places."""
    kind = type(space).__name__
    if kind not in ("Dict", "Tuple"):
        return [(path, space)]
    inner = space.spaces.items() if kind == "Dict" else enumerate(space.spaces)
    return [found for key, one in inner for found in _parts(one, (*path, str(key)))]


def _leaves(part: Any, path: tuple[str, ...], space: Any, name: str) -> list[ObservationLeaf]:
    if any("/" in key for key in path):
        raise Error(f"environment '{name}': the key '{path[-1]}' of its observation space has a '/'; allowed: none")
    if type(part).__name__ == "MultiDiscrete":  # one for each of its numbers
        return [
            _discrete(int(part.nvec[place]), int(part.start[place]), str(part.dtype), "/".join((*path, *map(str, place))))
            for place in np.ndindex(part.nvec.shape)
        ]
    return [_leaf(part, "/".join(path), space, name)]


def _leaf(space: Any, path: str, whole: Any, name: str) -> ObservationLeaf:
    kind, what = type(space).__name__, f"its observation space{path and f' {path!r}'}"
    if kind == "Discrete":
        count, start = _whole_numbers(space, name, "observation")
        return _discrete(count, start, str(space.dtype), path)
    if kind not in ("Box", "MultiBinary"):
        raise Error(f"environment '{name}': {what} is {kind}, which no network takes; {_instead_of(path, whole)}")
    if not np.issubdtype(space.dtype, np.number) and space.dtype != np.bool_ or np.issubdtype(space.dtype, np.complexfloating):
        raise Error(f"environment '{name}': {what} has the dtype {space.dtype}; allowed: real numbers")
    if math.prod(space.shape) < 1:
        raise Error(f"environment '{name}': {what} has the shape {space.shape}; allowed: one number or more")
    numbers = ObservationKind.BYTES if space.dtype == np.uint8 else ObservationKind.REAL
    return ObservationLeaf(numbers, tuple(int(size) for size in space.shape), dtype=str(space.dtype), name=path)


def _discrete(count: int, start: int, dtype: str, path: str) -> ObservationLeaf:
    return ObservationLeaf(ObservationKind.DISCRETE, (), count=count, start=start, dtype=dtype, name=path)


def _instead_of(path: str, whole: Any) -> str:
    allowed = "allowed: Box, Discrete, MultiDiscrete, MultiBinary, and Dict and Tuple of these"
    sound = ("Box", "Discrete", "MultiDiscrete", "MultiBinary")
    others = ["/".join(keys) for keys, one in _parts(whole, ()) if type(one).__name__ in sound]
    return f"leave it out: observation_keys={others}" if path and others else allowed


def frames(shape: tuple[int, ...]) -> ObservationSpace:
    """Stacks of pictures, [stack, height, width], which replay keeps once each."""
    return ObservationSpace([ObservationLeaf(ObservationKind.FRAMES, shape, dtype="uint8")])


def gymnasium_space(space: ObservationSpace) -> Any:
    from gymnasium import spaces

    if len(space.seen) > 1:
        raise Error("an observation of several parts has no space of Gymnasium's here; allowed: that of the environment")
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
