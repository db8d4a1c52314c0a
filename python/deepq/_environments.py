"""Gymnasium's environments, described for the C++ part: spaces as numbers, and the functions to call."""

import copy
import math
import re
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from . import _atari, _deepq, _masks
from ._deepq import Error
from ._description import Description
from ._watchdog import Watchdog


def is_native(id: str) -> bool:
    return id in _deepq.native_ids()


def is_world(env: Any) -> bool:
    """An environment, and not what makes one."""
    return hasattr(env, "step") and not isinstance(env, type)


def is_vector(env: Any) -> bool:
    return is_world(env) and hasattr(env, "num_envs") and hasattr(env, "single_observation_space")


def name_of(env: Any) -> str:
    """A name that brings the same environment back, where there is one: `gymnasium:` marks what the library has too."""
    spec = getattr(env, "spec", None)
    if spec is None or not getattr(spec, "id", None):
        return type(getattr(env, "unwrapped", env)).__name__
    return f"gymnasium:{spec.id}" if is_native(spec.id) else spec.id


def describe(env: Any, name: str | None = None, step_timeout: float | None = None, owned: bool = False) -> Description:
    """Describes an environment, or a vector environment, that is an object."""
    name = name or name_of(env)
    vector = is_vector(env)
    prefix = "single_" if vector else ""
    for attribute in ("reset", "step", f"{prefix}observation_space", f"{prefix}action_space"):
        if not hasattr(env, attribute):
            raise Error(f"environment '{name}' has no {attribute}; allowed: a Gymnasium environment")
    reset, step, close = env.reset, env.step, env.close if owned else None
    if step_timeout:
        watchdog = Watchdog(step_timeout)
        reset, step = watchdog.guard(reset, "reset"), watchdog.guard(step, "step")
        weakref.finalize(step, watchdog.stop)
    if vector:
        reset = partial(_reset_vector, reset)
    _masks.note_method(env, name)
    reset = _masks.noting_reset(reset, name)
    threshold = getattr(getattr(env, "spec", None), "reward_threshold", None)
    return Description(
        id=name,
        **_observations(getattr(env, f"{prefix}observation_space"), name),
        **_actions(getattr(env, f"{prefix}action_space"), name),
        max_episode_steps=_time_limit(env, vector),
        solved_return=None if threshold is None else float(threshold),
        reset=reset,
        step=step,
        close=close,
        count=int(env.num_envs) if vector else 1,
        autoreset=_autoreset_mode(env, name) if vector else "",
    )


def _reset_vector(reset: Callable, seed: list[int] | None = None, **options: Any) -> Any:
    """Each copy gets its own seed, as a list, or as an array where the vector wants one.

    A vector whose copies draw from one stream takes one number, and refuses others in whatever way. It gets the last
    copy's: neighbouring runs do not meet even where it adds the copy's number to it.
    """
    if seed is None:
        return reset(**options)
    for form in (seed, np.array(seed)):
        try:
            return reset(seed=form, **options)
        except Error:
            raise
        except Exception:
            continue
    return reset(seed=seed[-1] % (2**31 - len(seed)), **options)


def describe_id(
    id: str, atari: Mapping[str, Any] = _atari.DEFAULTS, step_timeout: float | None = None
) -> Description | None:
    """Makes an environment by its id; None when nobody has registered it. The time limit is left to the C++ part."""
    if _atari.is_atari(id):
        return _atari.describe_game(id, atari)
    env, limit = _make(id)
    if env is None:
        return None
    description = describe(env, id, step_timeout, owned=True)
    description.max_episode_steps = limit
    return description


def describe_vector_id(id: str, count: int, max_episode_steps: int, atari: Mapping[str, Any]) -> Description | None:
    """Copies that are stepped together; None where an environment has no such thing."""
    return _atari.describe_vector(id, count, max_episode_steps, atari) if _atari.is_atari(id) else None


def must_describe_id(id: str, atari: Mapping[str, Any], step_timeout: float | None = None) -> Description:
    return _known(id, describe_id(id, atari, step_timeout))


def must_describe_vector_id(id: str, count: int, max_episode_steps: int, atari: Mapping[str, Any]) -> Description:
    return _known(id, describe_vector_id(id, count, max_episode_steps, atari))


def _known(id: str, description: Description | None) -> Description:
    if description is None:
        known = [*_deepq.native_ids(), *other_ids()]
        raise Error(f"unknown environment '{id}'" + _deepq.advice_on_env(id, known))
    return description


class Copies:
    """Makes the copies to train on; the first of them is made at once, to be looked at."""

    def __init__(self, make: Callable[[], Description]):
        self._make = make
        self.first = make()
        self._waiting = [self.first]

    def __call__(self) -> Description:
        return self._waiting.pop() if self._waiting else self._make()


def describe_made(make: Callable[[], Any], step_timeout: float | None) -> Description:
    return describe(make(), step_timeout=step_timeout, owned=True)


class EvaluationWorld:
    """Makes the one world of all evaluations when the first of them wants it."""

    def __init__(self, env: Any, eval_env: Any, atari: Mapping[str, Any], step_timeout: float | None):
        self._env, self._eval_env, self._atari, self._step_timeout = env, eval_env, atari, step_timeout
        self._kept: Description | None = None

    def __call__(self) -> Description:
        if self._kept is None:
            self._kept = self._describe()
            self._kept.close = None  # it is used again
        return self._kept

    def _describe(self) -> Description:
        env = self._env if self._eval_env is None else self._eval_env
        if isinstance(env, str):
            return must_describe_id(env, self._atari, self._step_timeout)
        if not is_world(env):
            env = env()
        elif self._eval_env is None:
            env = evaluation_copy(env)
        return describe(env, step_timeout=self._step_timeout)


def other_ids() -> list[str]:
    """What is worth trying beside the library's own: Gymnasium's, and the Atari games where ale-py is installed.

    Left out are those with continuous actions, those of packages that Gymnasium only knows by name, and the ids that
    the games had before ALE/NAME-v5.
    """
    try:
        import gymnasium
    except ImportError:
        return []
    left_out = ("gymnasium.envs.mujoco", "ale_py", "<function _raise")
    ids = {id for id, spec in gymnasium.registry.items() if not str(spec.entry_point).startswith(left_out)}
    ids = {id for id in ids if not re.search("Continuous|Pendulum|Bipedal|CarRacing", id)}
    return [*sorted(ids - {*_deepq.native_ids()}), *_atari.game_ids()]


def evaluation_copy(env: Any) -> Any:
    """Another world like `env`, so that evaluation does not disturb training."""
    name = name_of(env)
    if is_vector(env):
        if getattr(env, "env_fns", None):
            return env.env_fns[0]()
        if getattr(env, "spec", None) is not None:
            import gymnasium

            of_vectors = ("num_envs", "vectorization_mode", "vector_kwargs", "wrappers")
            keywords = {name: value for name, value in env.spec.kwargs.items() if name not in of_vectors}
            return gymnasium.make(env.spec.id, disable_env_checker=True, **keywords)
    else:
        try:
            return copy.deepcopy(env)
        except Exception:  # a handle into C, an open file: then by its name
            pass
        if getattr(env, "spec", None) is not None:
            import gymnasium

            return gymnasium.make(env.spec, disable_env_checker=True)
    raise Error(
        f"environment '{name}' cannot be copied for evaluation; give eval_env=, or a function that makes it as the environment"
    )


def _make(id: str) -> tuple[Any, int]:
    """The environment and its time limit, which is not applied."""
    try:
        import gymnasium
    except ImportError:
        near = _deepq.advice_on_env(id, _deepq.native_ids())
        raise Error(f"unknown environment '{id}'{near}; Gymnasium, which may know it, is not installed") from None
    from gymnasium import error

    _refuse_raw_frames(gymnasium.registry.get(id.rpartition(":")[2]))
    try:
        env = gymnasium.make(id, max_episode_steps=-1, disable_env_checker=True)
        limit = gymnasium.spec(id.rpartition(":")[2]).max_episode_steps
    except (error.NameNotFound, error.NamespaceNotFound, error.VersionNotFound):
        return None, 0
    except Exception as cause:
        text = " ".join(str(cause).split())
        raise Error(f"environment '{id}' cannot be made: {type(cause).__name__}: {text}") from cause
    return env, int(limit or 0)


def _refuse_raw_frames(spec: Any) -> None:
    """The games by their ids of before ALE/NAME-v5, which importing ale_py brings, are not as any preset plays them."""
    if spec is None or not str(spec.entry_point).startswith("ale_py") or spec.kwargs.get("obs_type") == "ram":
        return
    raise Error(
        f"environment '{spec.id}' gives raw frames of 210 x 160 x 3"
        + _deepq.advice_on_env(spec.id, _atari.game_ids())
        + " (one's own wrapping: gymnasium.make() in gymnasium.wrappers.AtariPreprocessing, given as the environment)"
    )


def _time_limit(env: Any, vector: bool) -> int:
    """The limit that the object applies by itself, so that the C++ part knows of it and comes to the same end."""
    if vector:
        return int(getattr(getattr(env, "spec", None), "max_episode_steps", None) or 0)
    while hasattr(env, "env"):
        if type(env).__name__ == "TimeLimit":
            return int(env._max_episode_steps)
        env = env.env
    return 0


def _observations(space: Any, name: str) -> dict[str, Any]:
    kind = type(space).__name__
    if kind == "Discrete":
        count, start = _whole_numbers(space, name, "observation")
        return {
            "shape": (),
            "state_count": count,
            "state_start": start,
            "byte_observations": False,
            "observation_dtype": str(space.dtype),
        }
    if kind != "Box":
        raise Error(
            f"environment '{name}': its observation space is {kind}; allowed: Box, Discrete "
            "(gymnasium.wrappers.FlattenObservation turns others into a Box)"
        )
    if not np.issubdtype(space.dtype, np.number) and space.dtype != np.bool_:
        raise Error(f"environment '{name}': its observation space has the dtype {space.dtype}; allowed: real numbers")
    if math.prod(space.shape) < 1:
        raise Error(f"environment '{name}': its observation space has the shape {space.shape}; allowed: one number or more")
    return {
        "shape": tuple(int(size) for size in space.shape),
        "state_count": 0,
        "state_start": 0,
        "byte_observations": bool(space.dtype == np.uint8),
        "observation_dtype": str(space.dtype),
    }


def _actions(space: Any, name: str) -> dict[str, Any]:
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


def _autoreset_mode(env: Any, name: str) -> str:
    mode = (getattr(env, "metadata", None) or {}).get("autoreset_mode", "NextStep")
    mode = str(getattr(mode, "value", mode))
    allowed = ("NextStep", "SameStep", "Disabled")
    if mode not in allowed:
        raise Error(f"environment '{name}': metadata['autoreset_mode'] is {mode!r}; allowed: {', '.join(allowed)}")
    return mode
