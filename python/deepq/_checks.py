"""Arguments of deepq.DQN's functions: what is none is one Error that names the argument and says what is allowed."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from ._deepq import Error

MOST = 2**53  # what the library counts to


def shown(value: Any) -> str:
    """A value in one short line."""
    text = str(value) if isinstance(value, (int, float, np.generic)) else repr(value)
    text = " ".join(text.split())
    return text if len(text) <= 80 else f"{text[:77]}..."


def refusal(name: str, value: Any, allowed: str) -> Error:
    return Error(f"{name} is {shown(value)}; allowed: {allowed}")


def whole_number(name: str, value: Any, least: int, most: int, otherwise: str = "") -> int:
    """An int, of whatever type: 1e5 is one, 2.7 is not, True is none. `otherwise`: what else is allowed, in words."""
    try:
        whole = None if isinstance(value, (bool, np.bool_, str, bytes)) else int(value)
        if whole is None or whole != value or not least <= whole <= most:
            raise ValueError
    except (TypeError, ValueError, OverflowError, ArithmeticError):
        raise refusal(name, value, f"a whole number, {least} to {_text(most)}{otherwise}") from None
    return whole


def number(name: str, value: Any, least: float, most: float, otherwise: str = "") -> float:
    """A float, of whatever type; NaN is none."""
    try:
        result = None if isinstance(value, (bool, np.bool_, str, bytes)) else float(value)
        if result is None or not least <= result <= most:
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise refusal(name, value, f"{least:g} to {most:g}{otherwise}") from None
    return result


def flag(name: str, value: Any) -> bool:
    """True or False, NumPy's and 1 and 0 too."""
    if isinstance(value, (bool, np.bool_)) or (isinstance(value, (int, np.integer)) and value in (0, 1)):
        return bool(value)
    raise refusal(name, value, "True or False")


def verbosity(value: Any) -> int:
    return int(value) if isinstance(value, (bool, np.bool_)) else whole_number("verbose", value, 0, 2)


def seconds(name: str, value: Any) -> float | None:
    if value is None or (_is_number(value) and 0 < value < float("inf")):
        return None if value is None else float(value)
    raise refusal(name, value, "seconds above 0, or None")


def fraction(name: str, value: Any) -> float | None:
    if value is None or (_is_number(value) and 0 < value <= 1):
        return None if value is None else float(value)
    raise refusal(name, value, "above 0, up to 1")


def text(name: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise refusal(name, value, "a name, as text, or None")


def settings(name: str, value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return value
    raise refusal(name, value, 'a dict of settings by their keys, {"agent.double": True}, or None')


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def path(name: str, value: Any) -> str:
    try:
        text = os.fspath(value)
    except TypeError:
        text = None
    if not isinstance(text, str):
        raise refusal(name, value, "a path, as text or pathlib.Path")
    if not text:
        raise Error(f"{name} is ''; an empty path means nothing")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise refusal(name, ascii(text), "a path of UTF-8 text") from None
    if "\0" in text:
        raise refusal(name, ascii(text), "a path without the character of number 0")
    return text


def _text(most: int) -> str:
    """As people write it."""
    power = (most + 1).bit_length() - 1
    return f"2^{power} - 1" if power >= 60 and most == 2**power - 1 else str(most)
