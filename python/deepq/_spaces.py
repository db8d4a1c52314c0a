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
    listed = keys[1:-1] if keys.startswith("[") and keys.endswith("]") else keys
    wanted = [key.strip().strip("'\"") for key in listed.split(",") if key.strip()]
    if wanted and kind_of(space) not in ("Dict", "Tuple"):
        raise Error(f"gymnasium.observation_keys is '{keys}', and the observation space of '{name}' is {kind_of(space)}, which has none")
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


def parts_of(space: ObservationSpace, whole: Any = None) -> Callable[[Any], list] | None:
    """Of an observation, or of a batch of them, what its leaves are: by their names. None: it is the only one.

    whole: Gymnasium's space, where it is known: of a MultiDiscrete the leaves may be some of its numbers.
    """
    names = [leaf.name for leaf in space.seen]
    if names == [""]:
        return None
    paths, places = zip(*map(_path_of, names))
    numbers: dict[tuple[str, ...], list[tuple[int, ...]]] = {}  # of each MultiDiscrete
    for path, place in zip(paths, places):
        numbers.setdefault(path, []).append(place)

    shapes = {path: one.nvec.shape for path, one in _parts(whole, ()) if kind_of(one) == "MultiDiscrete"}

    def parts(observation: Any) -> list:
        found: list = []
        for path, of_path in numbers.items():  # in the order of the leaves
            part = _part(observation, path)
            found += [part] if of_path == [()] else _numbers(part, path, of_path, shapes.get(path))
        return found

    return parts


def _path_of(name: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Of "robot/wheels[1]" the keys and places of its MultiDiscrete, and the number's place there."""
    base, bracket, places = name.removesuffix("]").rpartition("[") if name.endswith("]") else (name, "", "")
    path = tuple(base.split("/")) if base else ()
    return path, tuple(map(int, places.split(","))) if bracket else ()


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
    """By keys of dictionaries and places of tuples."""
    found = observation
    for step in path:
        if isinstance(found, Mapping):
            keys = [step] if step in found else [key for key in found if str(key) == step]
            if not keys:
                raise Error(f"the observation has no '{'/'.join(path)}'; allowed: all of its space's parts")
            found = found[keys[0]]
        elif isinstance(found, tuple) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            kind = type(found).__name__
            raise Error(f"the observation is a {kind} where '{'/'.join(path)}' is asked for; allowed: what its space holds")
    return found


def _numbers(part: Any, path: tuple[str, ...], places: list[tuple[int, ...]], shape: tuple[int, ...] | None) -> list:
    """Those of a MultiDiscrete, one or a batch, of that shape where it is known."""
    array, least = np.asarray(part), tuple(1 + most for most in places[-1])
    own = array.shape[max(0, array.ndim - len(least)) :]
    sound = own == shape if shape else len(own) == len(least) and all(size >= other for size, other in zip(own, least))
    if not sound or array.ndim > len(least) + 1:
        shape, what = shape or least, path and f" '{'/'.join(path)}'" or ""
        raise Error(f"the observation{what} has the shape {array.shape}; allowed: {shape}, or a batch of those")
    return [array[(..., *place)] for place in places]


def _is_in(name: str, key: str) -> bool:
    """Whether the leaf is what the key names, or a part of it."""
    return name == key or name.startswith((f"{key}/", f"{key}["))


def _overlap(name: str, key: str) -> bool:
    return _is_in(name, key) or _is_in(key, name)


def _parts(space: Any, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], Any]]:
    """What Dict and Tuple hold, in their order, as paths of keys and places."""
    kind = kind_of(space)
    if kind not in ("Dict", "Tuple"):
        return [(path, space)]
    inner = space.spaces.items() if kind == "Dict" else enumerate(space.spaces)
    return [found for key, one in inner for found in _parts(one, (*path, str(key)))]


def _leaves(part: Any, path: tuple[str, ...], space: Any, name: str) -> list[ObservationLeaf]:
    if odd := [key for key in path if not key or any(sign in key for sign in "/[]")]:
        raise Error(
            f"environment '{name}': the key '{odd[0]}' of its observation space is empty or has one of / [ ]; allowed: others, "
            "or leave it out (observation_keys)"
        )
    if kind_of(part) == "MultiDiscrete":  # one for each of its numbers
        return [
            _discrete(int(part.nvec[place]), int(part.start[place]), str(part.dtype), f"{'/'.join(path)}[{','.join(map(str, place))}]")
            for place in np.ndindex(part.nvec.shape)
        ]
    return [_leaf(part, "/".join(path), space, name)]


def _leaf(space: Any, path: str, whole: Any, name: str) -> ObservationLeaf:
    kind, what = kind_of(space), f"its observation space{path and f' {path!r}'}"
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
    others = ["/".join(keys) for keys, one in _parts(whole, ()) if kind_of(one) in sound]
    return f"leave it out: observation_keys={others}" if path and others else allowed


def kind_of(space: Any) -> str:
    """The name of Gymnasium's class that it is, or is derived from; of others their own."""
    known = ("Box", "Discrete", "MultiDiscrete", "MultiBinary", "Dict", "Tuple")
    return next((one.__name__ for one in type(space).__mro__ if one.__name__ in known), type(space).__name__)


def boxes(space: Any) -> dict[str, Any]:
    """The Boxes in it, by their names."""
    return {"/".join(path): one for path, one in _parts(space, ()) if kind_of(one) == "Box"}


def frames(shape: tuple[int, ...]) -> ObservationSpace:
    """Stacks of pictures, [stack, height, width], which replay keeps once each."""
    return ObservationSpace([ObservationLeaf(ObservationKind.FRAMES, shape, dtype="uint8")])


def gymnasium_space(space: ObservationSpace) -> Any:
    """Of several parts a Dict, and of the numbers that one place has a MultiDiscrete."""
    from gymnasium import spaces

    found: dict[tuple[str, ...], Any] = {}
    for path, leaves, places in _grouped(space):
        if places == [()]:
            found[path] = _box_or_discrete(leaves[0])
            continue
        counts, starts = np.zeros((2, *(1 + most for most in places[-1])), np.int64)
        for leaf, place in zip(leaves, places):
            counts[place], starts[place] = leaf.count, leaf.start
        found[path] = spaces.MultiDiscrete(counts, start=starts)
    return _nested(found, spaces.Dict)


def assembled(numbers: np.ndarray, space: ObservationSpace) -> Any:
    """What is in gymnasium_space(space), of the numbers of all its leaves."""
    found, at = {}, 0
    for path, leaves, places in _grouped(space):
        sizes = [math.prod(leaf.shape) for leaf in leaves]
        parts = [numbers[at + sum(sizes[:i]) : at + sum(sizes[: i + 1])] for i in range(len(leaves))]
        at += sum(sizes)
        if places == [()]:
            found[path] = _one_of(parts[0], leaves[0])
            continue
        array = np.zeros(tuple(1 + most for most in places[-1]), np.int64)
        for leaf, place, part in zip(leaves, places, parts):
            array[place] = leaf.start + int(part[0])
        found[path] = array
    return _nested(found, dict)


def _grouped(space: ObservationSpace) -> list[tuple[tuple[str, ...], list[ObservationLeaf], list[tuple[int, ...]]]]:
    """The leaves by their keys; of a MultiDiscrete there are several, each in a place of it."""
    found: dict[tuple[str, ...], tuple[list, list]] = {}
    for leaf in space.seen:
        path, place = _path_of(leaf.name)
        leaves, places = found.setdefault(path, ([], []))
        leaves.append(leaf)
        places.append(place)
    return [(path, leaves, places) for path, (leaves, places) in found.items()]


def _nested(found: dict[tuple[str, ...], Any], made: Callable) -> Any:
    if () in found:
        return found[()]
    inner = {path[0]: {rest[1:]: one for rest, one in found.items() if rest[0] == path[0]} for path in found}
    return made({key: _nested(parts, made) for key, parts in inner.items()})


def _box_or_discrete(leaf: ObservationLeaf) -> Any:
    from gymnasium import spaces

    if leaf.kind == ObservationKind.DISCRETE:
        return spaces.Discrete(leaf.count, start=leaf.start)
    low, high, dtype = (0, 255, np.uint8) if leaf.holds_bytes else (-np.inf, np.inf, np.float32)
    if leaf.low:
        low, high = (np.array(bounds, dtype).reshape(leaf.shape) for bounds in (leaf.low, leaf.high))
    return spaces.Box(low, high, leaf.shape, dtype)


def observation_of(numbers: np.ndarray, space: ObservationSpace) -> Any:
    """What is in gymnasium_space(space), of the floats that the library's own environments give."""
    return _one_of(numbers, space.leaf)


def _one_of(numbers: np.ndarray, leaf: ObservationLeaf) -> Any:
    if leaf.kind == ObservationKind.DISCRETE:
        return np.int64(leaf.start + int(numbers[0]))
    return numbers.reshape(leaf.shape).astype(np.uint8 if leaf.holds_bytes else np.float32)


def actions(space: Any, name: str) -> dict[str, Any]:
    """As Description has them."""
    kind = type(space).__name__
    if kind in ("MultiDiscrete", "MultiBinary"):
        return _actions_on_axes(space, name)
    if kind != "Discrete":
        raise Error(f"environment '{name}': its action space is {kind}; allowed: Discrete, MultiDiscrete, MultiBinary")
    count, start = _whole_numbers(space, name, "action")
    return {"action_count": count, "action_start": start, "action_dtype": str(space.dtype)}


def _actions_on_axes(space: Any, name: str) -> dict[str, Any]:
    if np.any(getattr(space, "start", 0)):
        start = np.asarray(space.start).tolist()
        raise Error(f"environment '{name}': its action space starts at {start}; allowed: 0, where choices are counted from")
    sizes = space.nvec if type(space).__name__ == "MultiDiscrete" else np.full(space.shape, 2)
    axes = [int(size) for size in np.ravel(sizes)]
    if not axes or math.prod(axes) > 2**62:
        found = f"its actions are {math.prod(axes)} combinations of {len(axes)} choices"
        raise Error(f"environment '{name}': {found}; allowed: 1 choice or more, up to 2^62")
    return {
        "action_count": math.prod(axes),
        "action_start": 0,
        "action_dtype": str(space.dtype),
        "action_axes": axes,
        "action_of": choices_of(axes, space.shape, space.dtype),
    }


def choices_of(axes: list[int], shape: tuple[int, ...], dtype: Any = np.int64) -> Callable[[Any], np.ndarray]:
    """Of an array of numbers of combinations, the last axis fastest, their choices [..., *shape]."""
    # In place of np.unravel_index, which takes as many axes as arrays may have dimensions.
    steps = np.array([math.prod(axes[i + 1 :]) for i in range(len(axes))], np.int64)

    def choices(actions: Any) -> np.ndarray:
        numbers = np.asarray(actions, np.int64)
        return (numbers[..., None] // steps % np.array(axes)).reshape(*numbers.shape, *shape).astype(dtype)

    return choices


def _whole_numbers(space: Any, name: str, kind: str) -> tuple[int, int]:
    """How many numbers a Discrete space has, and the first."""
    count, start = int(space.n), int(space.start)
    if start + count > 2**63:
        last = start + count - 1
        raise Error(f"environment '{name}': the last number of its {kind} space is {last}; allowed: below 2^63")
    return count, start
