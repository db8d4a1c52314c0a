"""Which actions are legal, as environments in Python say it: info["action_mask"], or a method action_masks().

A Description's action_masks makes masks of an info: of one environment a mask, of a vector's infos a mask for each copy.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ._deepq import Error, ObservationSpace, require_spec
from ._description import Description
from ._identity import copies, is_vector, layers

KEY = "action_mask"


def add(description: Description, wanted: bool | None, seed: Any = None) -> Description:
    """Keeps the environment to its legal actions: wanted, or, where that is None, wherever it says them.

    Whether its infos do is seen in a first reset, with the seed that its training begins with, which is kept for that: no
    environment begins more episodes than it would. Without a seed it is one that is used for nothing else.
    """
    if wanted is False:
        return description
    method = _method_of(description.world)
    if method is None and wanted is None:
        require_spec(description)  # before it is asked for anything
        description.reset = first = _FirstReset(description.reset, seed)
        if not first.says(KEY):
            return description
    count = description.count
    if description.autoreset:
        description.action_masks = (lambda infos: _of_infos(infos, count)) if method is None else lambda infos: method()
        description.final_action_masks = lambda infos: _of_infos(_final(infos), count)
    else:
        description.action_masks = _of_info if method is None else lambda info: method()
    return description


def words(action_masks: Any, space: ObservationSpace, axes: list[int], rows: int, single: bool) -> np.ndarray | None:
    """Of predict(action_masks=): bits [rows, words of 64], or None where all actions are legal.

    axes: how many choices each has, one axis where actions are plain numbers; masks hold one axis after another.
    """
    actions = sum(axes)
    if action_masks is None:
        if space.legal_actions == 0:
            return None
        raise Error(
            "action_masks is None, and the agent chooses among legal actions; allowed: info['action_mask'] of the observation, "
            "or env.action_masks()"
        )
    try:
        masks = np.asarray(action_masks)
    except ValueError as cause:
        raise Error(f"action_masks is a {type(action_masks).__name__} that makes no array: {cause}") from cause
    wanted = (actions,) if single else (rows, actions)
    if masks.shape != wanted:
        raise Error(f"action_masks has the shape {masks.shape}; allowed: {wanted}, as there are {' + '.join(map(str, axes))} actions")
    if masks.dtype.kind not in "?biuf" or not np.isin(masks, (0, 1)).all():
        raise Error("action_masks holds other things than True and False, or 1 and 0")
    flags = masks.astype(bool).reshape(rows, actions)
    firsts = np.cumsum([0, *axes[:-1]])
    some = np.logical_or.reduceat(flags, firsts, axis=1).all(axis=1)
    if not some.all():
        where = " on some axis" if len(axes) > 1 else ""
        raise Error(f"action_masks allows nothing{where} in row {int(np.argmin(some))}; allowed: one action or more")
    bits = np.zeros((rows, 8 * -(-actions // 64)), np.uint8)
    bits[:, : -(-actions // 8)] = np.packbits(flags, axis=1, bitorder="little")
    return bits.view("<u8").astype(np.uint64, copy=False)


class _FirstReset:
    """reset() whose first result is known before it is asked for, where it is asked for with the same seed."""

    def __init__(self, reset: Callable, seed: Any):
        self._reset, self._seed = reset, seed
        self._kept: tuple[Any, BaseException | None] | None = None
        try:
            self._kept = (reset() if seed is None else reset(seed=seed), None)
        except Exception as error:  # told where the reset is
            self._kept = (None, error)

    def says(self, key: str) -> bool:
        result = self._kept[0] if self._kept else None
        info = result[1] if isinstance(result, tuple) and len(result) == 2 else None
        return isinstance(info, Mapping) and key in info

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        kept, self._kept = self._kept, None
        if kept is None or arguments or self._seed is None or keywords != {"seed": self._seed}:
            return self._reset(*arguments, **keywords)
        result, error = kept
        if error is not None:
            raise error
        return result


def _method_of(env: Any) -> Callable[[], Any] | None:
    """action_masks() of the environment or its outermost wrapper that has it; of a vector one of all copies."""
    if env is not None and is_vector(env):
        return vector_method_of(env)
    return next((layer.action_masks for layer in layers(env) if hasattr(layer, "action_masks")), None)


def is_said_by_the_vector(vector: Any) -> bool:
    """And not by its copies."""
    return is_vector(vector) and hasattr(vector, "action_masks")


def vector_method_of(vector: Any) -> Callable[[], Any] | None:
    """Masks of all copies, now."""
    for layer in layers(vector):
        if not hasattr(layer, "num_envs"):
            return None
        if hasattr(layer, "env_method") and _has_attr(layer, "action_masks"):  # Stable-Baselines3's
            return lambda layer=layer: layer.env_method("action_masks")
        if hasattr(layer, "action_masks"):
            return layer.action_masks
        if methods := [_method_of(copy) for copy in copies(layer)]:
            return None if None in methods else lambda: [method() for method in methods]
        if _others_have(layer, "action_masks"):
            return lambda layer=layer: layer.call("action_masks")
    return None


def _others_have(vector: Any, name: str) -> bool:
    """Of copies in other processes, which a call of what they have not would end: one like them is asked, made for that."""
    functions = vars(vector).get("env_fns") if hasattr(vector, "__dict__") else None
    if not functions or not hasattr(vector, "call"):
        return False
    one = next(iter(functions))()
    try:
        return _method_of(one) is not None
    finally:
        one.close()


def _has_attr(vector: Any, name: str) -> bool:
    try:
        return bool(vector.has_attr(name))
    except Exception:
        return False


def of_first(infos: Any) -> dict[str, Any]:
    """The first copy's info, as far as it says which actions are legal."""
    masks = _of_infos(infos, 1) if isinstance(infos, Mapping) else []
    return {KEY: masks[0]} if masks and masks[0] is not None else {}


def _of_info(info: Any) -> Any:
    return info.get(KEY)


def _of_infos(infos: Any, count: int) -> list:
    """Gymnasium's vectors say beside each of their infos which copies had it."""
    masks = infos.get(KEY)
    if masks is None:
        return [None] * count
    said = infos.get(f"_{KEY}")
    return [mask if said is None or said[i] else None for i, mask in enumerate(masks)]


def _final(infos: Any) -> Mapping:
    """Of the states that episodes ended in; before Gymnasium 1.0 a list of infos."""
    final = infos.get("final_info", {})
    if isinstance(final, Mapping):
        return final
    return {KEY: [None if info is None else info.get(KEY) for info in final]}
