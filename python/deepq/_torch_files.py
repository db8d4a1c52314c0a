"""What Stable-Baselines3 saves, read without running any code of the file: no class of it is made, no function called.

A model is a zip of `data` (JSON, in which objects are pickled text that is left alone) and `policy.pth`, itself a zip of
torch.save's: a pickle that names tensors, and their numbers. The pickle is read with two names that it may use, both of
which are this file's own.
"""

import io
import json
import math
import pickle
import pickletools
import zipfile
from base64 import b64decode
from collections import OrderedDict
from typing import Any

import numpy as np

from ._deepq import Error

_MOST_TEXT, _MOST_NUMBERS = 64 * 2**20, 4 * 2**30  # bytes
_STORAGES = {"FloatStorage": "<f4", "DoubleStorage": "<f8"}
_BROKEN = (zipfile.BadZipFile, pickle.UnpicklingError, OSError, EOFError, KeyError, ValueError, TypeError, IndexError, AttributeError)


def read_model(path: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The settings, as far as they are plain JSON, and the policy's tensors by their names."""
    try:
        with zipfile.ZipFile(path) as file:
            data = json.loads(_member(file, "data", _MOST_TEXT))
            tensors = read_tensors(_member(file, "policy.pth", _MOST_NUMBERS))
    except FileNotFoundError as cause:
        raise Error(f"{path} is not there; allowed: a model that Stable-Baselines3 saved, or the model itself") from cause
    except Error:
        raise
    except _BROKEN as cause:
        raise Error(f"{path} is no model of Stable-Baselines3's: {' '.join(str(cause).split())}") from cause
    if not isinstance(data, dict):
        raise Error(f"{path} is no model of Stable-Baselines3's: its data is a {type(data).__name__}")
    return data, tensors


def read_tensors(saved: bytes) -> dict[str, np.ndarray]:
    """Of torch.save(state_dict). Raises whatever comes of a file that is none."""
    with zipfile.ZipFile(io.BytesIO(saved)) as file:
        [name] = [one for one in file.namelist() if one.endswith("data.pkl")]
        folder = name.removesuffix("data.pkl")
        if folder + "byteorder" in file.namelist() and _member(file, folder + "byteorder", 16) != b"little":
            raise Error("the tensors are big-endian; allowed: little-endian")
        found = _Reader(io.BytesIO(_member(file, name, _MOST_TEXT)), file, folder).load()
    if not isinstance(found, dict) or not all(isinstance(key, str) and isinstance(one, np.ndarray) for key, one in found.items()):
        raise Error("the policy is no dictionary of tensors")
    return dict(found)


def whole_numbers_in(pickled: str) -> tuple[list[int], list[str]]:
    """Numbers and texts that a pickle, in base 64, names, read off its instructions, of which none is carried out."""
    numbers, texts = [], []
    for instruction, value, _ in pickletools.genops(b64decode(pickled)):
        if isinstance(value, int) and instruction.name.startswith(("BININT", "INT", "LONG")):
            numbers.append(value)
        elif isinstance(value, str):
            texts.append(value)
    return numbers, texts


def _member(file: zipfile.ZipFile, name: str, most: int) -> bytes:
    info = file.getinfo(name)
    if info.file_size > most:
        raise Error(f"{name} takes {info.file_size} bytes; allowed: up to {most}")
    return file.read(info)


class _Reader(pickle.Unpickler):
    """Of a state_dict: an ordered dictionary of tensors, each a part of a storage. Any other name ends it."""

    def __init__(self, pickled: io.BytesIO, file: zipfile.ZipFile, folder: str):
        super().__init__(pickled)
        self._file, self._folder = file, folder

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in _STORAGES:
            return _STORAGES[name]  # a word, which nothing can call
        raise pickle.UnpicklingError(f"it names {module}.{name}; allowed: tensors of float32 and float64")

    def persistent_load(self, what: Any) -> np.ndarray:
        kind, dtype, key, _, count = what
        if kind != "storage" or dtype not in _STORAGES.values() or not str(key).isdecimal():
            raise pickle.UnpicklingError("it holds something else than tensors")
        numbers = np.frombuffer(_member(self._file, f"{self._folder}data/{key}", _MOST_NUMBERS), dtype)
        if len(numbers) < count:
            raise pickle.UnpicklingError("a tensor is shorter than it says")
        return numbers


def _tensor(storage: np.ndarray, offset: int, size: tuple, stride: tuple, *_: Any) -> np.ndarray:
    sound = len(size) == len(stride) and all(isinstance(one, int) and one >= 0 for one in (offset, *size, *stride))
    last = offset + sum((one - 1) * step for one, step in zip(size, stride)) if sound else 0
    if not isinstance(storage, np.ndarray) or not sound or (math.prod(size) > 0 and last >= len(storage)):
        raise pickle.UnpicklingError("a tensor is no part of its storage")
    if math.prod(size) > len(storage):
        raise pickle.UnpicklingError("a tensor is larger than its storage")
    strides = tuple(step * storage.itemsize for step in stride)
    return np.array(np.lib.stride_tricks.as_strided(storage[offset:], size, strides, writeable=False))
