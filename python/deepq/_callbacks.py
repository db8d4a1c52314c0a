"""What learn(callback=) is given: a function of (kind, record), an object of deepq.Callback or of Stable-Baselines3's, or several."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from . import _callback_objects, _checks
from ._deepq import Error
from ._hooks import Callback, has_records, tell

_ALLOWED = "a function of (kind, record), or None"
_OBJECTS = "a deepq.Callback, a function of (kind, record), or None"


def checked(value: Any) -> tuple[Callable | None, list[Any]]:
    """The function, and the objects that are called after each step. Seen before the first of them."""
    if isinstance(value, (list, tuple)) and value:
        several = [checked(one) for one in value]
        functions = [function for function, _ in several if function is not None]
        return _all_of(functions) if functions else None, [one for _, objects in several for one in objects]
    if isinstance(value, Callback):
        return (partial(tell, value) if has_records(value) else None), [value]
    if _callback_objects.is_one(value):
        _callback_objects.refuse_what_asks_for_more(value)
        return None, [value]
    return _function(value), []


def _function(value: Any) -> Callable | None:
    if value is None:
        return None
    _refuse_objects(value)
    if not callable(value):
        raise _checks.refusal("callback", value, _ALLOWED)
    _require_two_arguments(value)
    return value


def _all_of(callbacks: list[Callable]) -> Callable:
    def call(kind: str, record: dict[str, Any]) -> bool:
        return all([not _callback_objects.is_false(one(kind, record)) for one in callbacks])

    return call


def _refuse_objects(value: Any) -> None:
    if not hasattr(value, "on_step"):
        return
    told = " (a class of Stable-Baselines3's has on_training_start too)"
    raise Error(f"callback is an object of {type(value).__name__}; allowed: {_OBJECTS}{told}")


def _require_two_arguments(value: Callable) -> None:
    try:
        signature = inspect.signature(value)
        signature.bind("episode", {})
    except TypeError as cause:
        said = f"callback {_checks.shown(value)} cannot be called with (kind, record): {cause}; allowed: {_ALLOWED}"
        raise Error(said) from None
    except ValueError:  # of a function in C nobody knows
        return
    first = next(iter(signature.parameters), "").strip("_")
    if first == "locals":
        raise Error(
            f"callback {_checks.shown(value)} takes locals and globals, which Stable-Baselines3 hands over; "
            "allowed: a function of (kind, record)"
        )
