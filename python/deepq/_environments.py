"""Gymnasium's environments, described for the C++ part: spaces as numbers, and the functions to call."""

import json
import re
import sys
import warnings
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

from . import _atari, _deepq, _masks, _spaces
from ._deepq import Error
from ._description import Description
from ._identity import copies, is_vector, name_of, parts, spec_of, time_limit
from ._vec_envs import adapted
from ._watchdog import Watchdog


def describe(
    env: Any, name: str | None = None, step_timeout: float | None = None, owned: bool = False, observation_keys: str = ""
) -> Description:
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
        reset = partial(reset_vector, reset)
        _require_own_copies(copies(env), f"environment '{name}' has the same object in several copies")
    threshold = getattr(spec_of(env), "reward_threshold", None)
    space = getattr(env, f"{prefix}observation_space")
    _note_raw_frames(space, spec_of(env))
    observation_space = _spaces.observation_space(space, name, observation_keys)
    return Description(
        id=name,
        observation_space=observation_space,
        parts=_spaces.parts_of(observation_space, space),
        **_spaces.actions(getattr(env, f"{prefix}action_space"), name),
        max_episode_steps=time_limit(env),
        solved_return=None if threshold is None else float(threshold),
        reset=reset,
        step=step,
        close=close,
        count=int(env.num_envs) if vector else 1,
        autoreset=autoreset_mode(env, name) if vector else "",
        world=env,
    )


def reset_vector(reset: Callable, seed: list[int] | None = None, **options: Any) -> Any:
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
    id: str,
    atari: Mapping[str, Any] = _atari.DEFAULTS,
    step_timeout: float | None = None,
    kwargs: str = "",
    action_masks: bool | None = False,
    observation_keys: str = "",
    draws: bool = False,
) -> Description | None:
    """Makes an environment by its id; None when nobody has registered it. The time limit is left to the C++ part.

    kwargs: what gymnasium.make is given beside the id, as the setting gymnasium.kwargs has it.
    action_masks: as _masks.add has it. observation_keys: as _spaces.observation_space has it. draws: whether render() is
    to give pictures.
    """
    if _atari.is_atari(id):
        return _atari.describe_game(id, atari)
    env, limit = _made_to_draw(id, read_kwargs(kwargs)) if draws else _make(id, read_kwargs(kwargs))
    if env is None:
        return None
    description = describe(env, id, step_timeout, owned=True, observation_keys=observation_keys)
    description.max_episode_steps = limit
    return _masks.add(description, action_masks)


def describe_vector_id(id: str, count: int, max_episode_steps: int, atari: Mapping[str, Any]) -> Description | None:
    """Copies that are stepped together; None where an environment has no such thing."""
    return _atari.describe_vector(id, count, max_episode_steps, atari) if _atari.is_atari(id) else None


def must_describe_id(
    id: str,
    atari: Mapping[str, Any],
    step_timeout: float | None = None,
    kwargs: str = "",
    of_a_run: bool = False,
    observation_keys: str = "",
) -> Description:
    """of_a_run: the id was not given now, but is what the run's environment was called."""
    description = describe_id(id, atari, step_timeout, kwargs, observation_keys=observation_keys)
    if description is None and (of_a_run or id.endswith(")")):
        raise Error(
            f"unknown environment '{id}': it was an object, which no id makes; "
            "give env= to load, or eval_env= to evaluate"
        )
    return _known(id, description)


def must_describe_vector_id(id: str, count: int, max_episode_steps: int, atari: Mapping[str, Any]) -> Description:
    return _known(id, describe_vector_id(id, count, max_episode_steps, atari))


def _known(id: str, description: Description | None) -> Description:
    if description is None:
        known = [*_deepq.native_ids(), *other_ids()]
        raise Error(f"unknown environment '{id}'" + _deepq.advice_on_env(id, known))
    return description


class Copies:
    """Makes the copies to train on; the first of them is made at once, to be looked at. Others say what it says of masks."""

    def __init__(self, make: Callable[[], Description], action_masks: bool | None, seed: int):
        self._make = make
        self.first = _masks.add(make(), action_masks, seed)
        self._made = [self.first.world]
        self._waiting = [self.first]

    def __call__(self) -> Description:
        if self._waiting:
            return self._waiting.pop()
        made = _masks.add(self._make(), self.first.action_masks is not None)
        self._made.append(made.world)
        _require_own_copies(self._made, f"environment '{made.id}': its function gave the same object twice")
        return made


def _require_own_copies(worlds: list[Any], what: str) -> None:
    """Copies that are stepped in turn are no parts of each other."""
    objects = [id(part) for world in worlds for part in parts(world)]
    if len(set(objects)) < len(objects):
        raise Error(f"{what}; allowed: a new one from each call (lambda: gymnasium.make(...))")


def describe_made(make: Callable[[], Any], step_timeout: float | None, observation_keys: str) -> Description:
    env = make()
    if is_vector(adapted(env)):
        raise Error("a function made the vector environment; allowed: the vector itself, or a function that makes one copy")
    return describe(env, step_timeout=step_timeout, owned=True, observation_keys=observation_keys)


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


def read_kwargs(text: str) -> dict[str, Any]:
    """Of the setting gymnasium.kwargs: a JSON object, or name=value, name=value."""
    try:
        read = json.loads(text or "{}")
    except ValueError:
        pairs = [pair.partition("=") for pair in text.split(",")]
        read = {name.strip(): _json_or_text(value.strip()) for name, equals, value in pairs if equals}
        read = read if len(read) == len(pairs) else None
    if not isinstance(read, dict):
        raise Error(f'gymnasium.kwargs is {text!r}; allowed: {{"is_slippery": false}}, or is_slippery=false')
    return read


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _made_to_draw(id: str, kwargs: dict[str, Any]) -> tuple[Any, int]:
    try:
        return _make(id, kwargs | {"render_mode": "rgb_array"})
    except Error:  # it knows no such thing
        return _make(id, kwargs)


def _make(id: str, kwargs: dict[str, Any]) -> tuple[Any, int]:
    """The environment and its time limit, which is not applied."""
    if id.endswith(")"):  # of no form that ids have
        return None, 0
    try:
        import gymnasium
    except ImportError:
        near = _deepq.advice_on_env(id, _deepq.native_ids())
        raise Error(f"unknown environment '{id}'{near}; Gymnasium, which may know it, is not installed") from None
    from gymnasium import error

    _refuse_raw_frames(gymnasium.registry.get(id.rpartition(":")[2]))
    try:
        _register_games(id)
        env = gymnasium.make(id, **{"disable_env_checker": True} | kwargs | {"max_episode_steps": -1})
        limit = kwargs.get("max_episode_steps") or gymnasium.spec(id.rpartition(":")[2]).max_episode_steps
    except (error.NameNotFound, error.NamespaceNotFound, error.VersionNotFound):
        return None, 0
    except Exception as cause:
        if isinstance(cause, error.Error) and id.rpartition(":")[2] not in gymnasium.registry:
            return None, 0  # a name without its version
        text = " ".join(str(cause).split())
        raise Error(f"environment '{id}' cannot be made: {type(cause).__name__}: {text}") from cause
    return env, max(0, int(limit or 0))


def _refuse_raw_frames(spec: Any) -> None:
    """The games by their ids of before ALE/NAME-v5, which importing ale_py brings, are not as any preset plays them."""
    if spec is None or not str(spec.entry_point).startswith("ale_py") or spec.kwargs.get("obs_type") == "ram":
        return
    raise Error(
        f"environment '{spec.id}' gives raw frames of 210 x 160 x 3"
        + _deepq.advice_on_env(spec.id, _atari.game_ids())
        + " (one's own wrapping: gymnasium.make() in gymnasium.wrappers.AtariPreprocessing, given as the environment)"
    )


def _note_raw_frames(space: Any, spec: Any) -> None:
    """An object may be meant as it is; said once, as no published agent sees these frames."""
    raw = getattr(space, "shape", None) == (210, 160, 3)
    if raw and spec is not None and str(spec.entry_point).startswith("ale_py"):
        by_id = f"; deepq.DQN('{spec.id}'), by its id, plays it as published"
        advice = by_id if _atari.is_atari(spec.id) else _deepq.advice_on_env(spec.id, _atari.game_ids())
        warnings.warn(
            f"environment '{spec.id}' gives raw frames of 210 x 160 x 3, and no preset is meant for them" + advice,
            stacklevel=2,
        )


def _register_games(id: str) -> None:
    """ale-py's, which nobody else does where a run is gone on with."""
    if "ALE/" in id:
        with suppress(ImportError):
            _atari.game_ids()


def _metadata(env: Any) -> Mapping[str, Any]:
    """Nothing where it is the one dictionary that all vectors without their own share: ale-py writes its mode there."""
    vector = sys.modules.get("gymnasium.vector")
    own = getattr(env, "metadata", None) or {}
    return {} if vector and own is vector.VectorEnv.metadata else own


def autoreset_mode(env: Any, name: str) -> str:
    of_object = getattr(getattr(env, "unwrapped", env), "autoreset_mode", "NextStep")
    mode = _metadata(env).get("autoreset_mode", of_object)
    mode = str(getattr(mode, "value", mode))
    allowed = ("NextStep", "SameStep", "Disabled")
    if mode not in allowed:
        raise Error(f"environment '{name}': metadata['autoreset_mode'] is {mode!r}; allowed: {', '.join(allowed)}")
    return mode
