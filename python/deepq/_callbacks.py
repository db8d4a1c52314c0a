"""What learn(callback=) is given: a function of (kind, record), or several; Stable-Baselines3's objects are told what to be instead."""

import inspect
from collections.abc import Callable
from typing import Any

from . import _checks
from ._deepq import Error

_ALLOWED = "a function of (kind, record), or None"
_INSTEAD = {
    "EvalCallback": "eval_every_env_steps=, eval_episodes=, eval_env= and keep_best=True of DQN",
    "CheckpointCallback": "checkpoint_every_env_steps= of DQN, and learn(folder=...)",
    "StopTrainingOnRewardThreshold": "stop_when_solved=True, solved_mean_return= and eval_every_env_steps= of DQN",
    "StopTrainingOnMaxEpisodes": "a function that returns record['episode'] < most for the kind 'episode'",
    "StopTrainingOnNoModelImprovement": "eval_every_env_steps= of DQN, and a function that returns False for the kind 'evaluation'",
    "ProgressBarCallback": "learn(progress_bar=True)",
    "LogEveryNTimesteps": "learn(log_interval=...), in episodes",
    "CallbackList": "a list of functions",
}


def checked(value: Any) -> Callable | None:
    """Seen before the first step."""
    if value is None:
        return None
    if isinstance(value, (list, tuple)) and value:
        return _all_of([checked(one) for one in value])
    _refuse_objects(value)
    if not callable(value):
        raise _checks.refusal("callback", value, _ALLOWED)
    _require_two_arguments(value)
    return value


def _all_of(callbacks: list[Callable | None]) -> Callable:
    def call(kind: str, record: dict[str, Any]) -> bool:
        return all([not _is_false(one(kind, record)) for one in callbacks if one is not None])

    return call


def _is_false(value: Any) -> bool:
    """As the library takes it: False, or NumPy's."""
    return getattr(value, "ndim", 0) == 0 and str(getattr(value, "dtype", type(value).__name__)) == "bool" and not value


def _refuse_objects(value: Any) -> None:
    if not hasattr(value, "on_step"):
        return
    names = [kind.__name__ for kind in type(value).__mro__]
    instead = next((_INSTEAD[name] for name in names if name in _INSTEAD), "")
    told = f"; here it is {instead}" if instead else " (a class of Stable-Baselines3's is none: its on_step is a function here)"
    raise Error(f"callback is an object of {names[0]}; allowed: {_ALLOWED}{told}")


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
