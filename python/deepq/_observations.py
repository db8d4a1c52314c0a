"""Observations that users hand to predict() and q_values(), as the rows that the C++ part takes: float32, uint8 or int64."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from . import _deepq, _spaces
from ._deepq import Error, ObservationKind, ObservationLeaf, ObservationSpace


class Observations:
    """Of an environment with such a space. What the library refuses in training is refused here too."""

    def __init__(self, space: ObservationSpace, parts: Callable[[Any], list] | None = None):
        self.leaf = space.leaf
        self._names = [leaf.name for leaf in space.seen]
        self._leaves = [_Leaf(leaf) for leaf in space.seen]
        self._parts = parts or _spaces.parts_of(space)

    def rows(self, observation: Any) -> tuple[np.ndarray, bool]:
        """[count, size], and whether it was one observation and no batch. Raises Error that says what is allowed.

        Of several parts they are floats, one part after another.
        """
        is_tuple = all(name.split("/")[0].isdecimal() for name in self._names)
        if not is_tuple:
            _require_observation(observation)
        if self._parts is None:
            return self._leaves[0].rows(observation)
        arrays = [leaf.array(part) for leaf, part in zip(self._leaves, self._parts(observation))]
        single = self._is_single(arrays)
        rows = [leaf.rows(array, single)[0] for leaf, array in zip(self._leaves, arrays)]
        if len({len(one) for one in rows}) > 1:
            said = ", ".join(f"'{name}' {len(one)}" for name, one in zip(self._names, rows))
            raise Error(f"the parts of the observation are of batches of different sizes: {said}")
        if len(rows) == 1:
            return rows[0], single
        return np.concatenate([one.astype(np.float32) for one in rows], axis=1), single

    def _is_single(self, arrays: list[np.ndarray]) -> bool:
        """By the first part that tells: of a loaded agent a Box without dimensions may be one number or a batch of them."""
        for leaf, array in zip(self._leaves, arrays):
            if leaf.leaf.shape != (1,) or array.ndim != 1:
                return array.ndim <= len(leaf.leaf.shape)
        return arrays[0].shape == (1,)


class _Leaf:
    def __init__(self, leaf: ObservationLeaf):
        self.leaf = leaf
        self._what = f"the observation{leaf.name and f' {leaf.name!r}'}"

    def array(self, observation: Any) -> np.ndarray:
        array = _array(observation, self._what)
        if array.dtype.kind not in "fiub":
            raise Error(f"{self._what} has the dtype {array.dtype}; allowed: real numbers")
        return array

    def rows(self, observation: Any, single: bool | None = None) -> tuple[np.ndarray, bool]:
        """single: whether it is one of several parts of one observation; None: it is all, and its shape says it."""
        array, shape = self.array(observation), self.leaf.shape
        if shape == (1,) and array.ndim < 2:  # a loaded agent does not know that its Box had no dimension
            if array.ndim == 0:
                array = array.reshape(1)
            elif array.shape != (1,) or single is False:
                array = array.reshape(-1, 1)
        single = array.shape == shape
        if not single and array.shape[1:] != shape:
            raise Error(f"{self._what} has the shape {array.shape}; allowed: {shape}, or a batch of those")
        count = 1 if single else array.shape[0]
        if self.leaf.kind != ObservationKind.DISCRETE:
            return self._numbers(array.reshape(count, -1) if count else np.empty((0, math.prod(shape)))), single
        # The start is not subtracted here, where small integers would wrap and floats would round.
        native = array.astype(np.float64 if array.dtype.kind == "f" else array.dtype.newbyteorder("="))
        try:
            return _deepq.state_rows(native.reshape(-1), self.leaf.start, self.leaf.count), single
        except Error as error:
            raise Error(str(error).replace("the observation", self._what, 1)) from None

    def _numbers(self, array: np.ndarray) -> np.ndarray:
        if self.leaf.dtype == "uint8" == array.dtype:
            return np.ascontiguousarray(array)
        with np.errstate(over="ignore"):  # said below
            rows = np.ascontiguousarray(array, np.float32)
        allowed = np.isfinite(rows)
        text = "finite numbers"
        if self.leaf.dtype == "uint8" and array.dtype != np.uint8:
            allowed &= (rows >= 0) & (rows <= 255) & (rows == np.floor(rows))
            text = "whole numbers from 0 to 255, as its space is of uint8"
        if not allowed.all():
            row, i = np.argwhere(~allowed)[0]
            where = f"row {row} of the batch: " if len(rows) > 1 else ""
            where += self.leaf.name and f"'{self.leaf.name}': "
            beyond = ", as float32 has them" if np.isfinite(array[row, i]) and not np.isfinite(rows[row, i]) else ""
            raise Error(f"{where}observation[{i}] is {array[row, i]:g}; allowed: {text}{beyond}")
        return rows


def _require_observation(observation: Any) -> None:
    if isinstance(observation, tuple) and len(observation) in (2, 5) and isinstance(observation[-1], Mapping):
        told = "reset() gives (observation, info)"
        if len(observation) == 5:
            told = "step() gives (observation, reward, terminated, truncated, info)"
        raise Error(f"the observation is a tuple; {told}, and the first of them is the observation")


def _array(observation: Any, what: str) -> np.ndarray:
    if observation is None or isinstance(observation, (str, bytes, Mapping)):
        raise Error(f"{what} is a {type(observation).__name__}; allowed: real numbers, as an array or in lists")
    try:
        return np.asarray(observation)
    except Exception as cause:  # lists of different lengths, a tensor that keeps its gradient, ..
        text = " ".join(str(cause).split())
        raise Error(f"{what} is a {type(observation).__name__} that makes no array: {text}") from cause
