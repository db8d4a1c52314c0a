"""Observations that users hand to predict() and q_values(), as the rows that the C++ part takes: float32, uint8 or int64."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from . import _deepq
from ._deepq import Error, ObservationKind, ObservationSpace


class Observations:
    """Of an environment with such a space. What the library refuses in training is refused here too."""

    def __init__(self, space: ObservationSpace):
        self.leaf = space.leaf

    def rows(self, observation: Any) -> tuple[np.ndarray, bool]:
        """[count, size], and whether it was one observation and no batch. Raises Error that says what is allowed."""
        array = _array(observation)
        if array.dtype.kind not in "fiub":
            raise Error(f"the observation has the dtype {array.dtype}; allowed: real numbers")
        shape = self.leaf.shape
        if array.shape == () and shape == (1,):  # a loaded agent does not know that its Box had no dimension
            array = array.reshape(1)
        single = array.shape == shape
        if not single and array.shape[1:] != shape:
            raise Error(f"the observation has the shape {array.shape}; allowed: {shape}, or a batch of those")
        count = 1 if single else array.shape[0]
        if self.leaf.kind != ObservationKind.DISCRETE:
            return self._numbers(array.reshape(count, -1) if count else np.empty((0, math.prod(shape)))), single
        # The start is not subtracted here, where small integers would wrap and floats would round.
        native = array.astype(np.float64 if array.dtype.kind == "f" else array.dtype.newbyteorder("="))
        return _deepq.state_rows(native.reshape(-1), self.leaf.start, self.leaf.count), single

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
            beyond = ", as float32 has them" if np.isfinite(array[row, i]) and not np.isfinite(rows[row, i]) else ""
            raise Error(f"{where}observation[{i}] is {array[row, i]:g}; allowed: {text}{beyond}")
        return rows


def _array(observation: Any) -> np.ndarray:
    if isinstance(observation, tuple) and len(observation) in (2, 5) and isinstance(observation[-1], Mapping):
        told = "reset() gives (observation, info)"
        if len(observation) == 5:
            told = "step() gives (observation, reward, terminated, truncated, info)"
        raise Error(f"the observation is a tuple; {told}, and the first of them is the observation")
    if observation is None or isinstance(observation, (str, bytes, Mapping)):
        raise Error(f"the observation is a {type(observation).__name__}; allowed: real numbers, as an array or in lists")
    try:
        return np.asarray(observation)
    except Exception as cause:  # lists of different lengths, a tensor that keeps its gradient, ..
        text = " ".join(str(cause).split())
        raise Error(f"the observation is a {type(observation).__name__} that makes no array: {text}") from cause
