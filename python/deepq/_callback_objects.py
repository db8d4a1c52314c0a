"""Stable-Baselines3's objects as callbacks: EvalCallback, CheckpointCallback and one's own, called after each step."""

import sys
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from . import _identity, _playing
from ._deepq import Error
from ._hooks import Callback, has_steps
from ._vec_envs import AsGymnasium


def is_one(value: Any) -> bool:
    return all(hasattr(value, name) for name in ("init_callback", "on_training_start", "on_step", "on_training_end"))


def refuse_what_asks_for_more(callback: Any) -> None:
    """What it is never told of here."""
    for one in _all_in(callback):
        name = type(one).__name__
        if name == "StopTrainingOnMaxEpisodes":
            raise Error(f"callback is an object of {name}; here it is a function: record['episode'] < most for the kind 'episode'")
        for kind in type(one).__mro__:
            hooks = [hook for hook in ("_on_rollout_start", "_on_rollout_end") if hook in vars(kind)]
            if hooks and not kind.__module__.startswith("stable_baselines3."):
                raise Error(f"callback is an object of {name}, whose {hooks[0]} is called by nobody; allowed: _on_step")


def _all_in(callback: Any) -> Iterable[Any]:
    yield callback
    held = [getattr(callback, name, None) for name in ("callback", "callback_on_new_best")]
    for one in [*held, *(getattr(callback, "callbacks", None) or [])]:
        if is_one(one):
            yield from _all_in(one)


class Objects:
    """Those of one learn()."""

    def __init__(self, callbacks: list[Any], model: Any, total_timesteps: int, tb_log_name: str):
        self._own = [one for one in callbacks if isinstance(one, Callback)]
        self._callbacks = [one for one in callbacks if not isinstance(one, Callback)]
        self._stepping = [one for one in self._own if has_steps(one)]
        self.began = all([not is_false(_begin(one, model)) for one in self._own])
        seen = SeenModel(model)
        told = Locals(self=seen, total_timesteps=model.num_timesteps + total_timesteps, tb_log_name=tb_log_name)
        for callback in self._callbacks:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Training and eval env are not of the same type")
                callback.init_callback(seen)
            callback.on_training_start(told, {})

    @property
    def has_steps(self) -> bool:
        return bool(self._stepping or self._callbacks) or not self.began

    def step(self) -> bool:
        own = [not is_false(callback.on_step()) for callback in self._stepping]
        return all([self.began, *own, *(bool(callback.on_step()) for callback in self._callbacks)])  # None ends theirs, too, as it does there

    def end(self) -> None:
        for callback in [*self._own, *self._callbacks]:
            callback.on_training_end()


def _begin(callback: Callback, model: Any) -> Any:
    callback.model = model
    return callback.on_training_start()


def is_false(value: Any) -> bool:
    """As the library takes it: False, or NumPy's."""
    return getattr(value, "ndim", 0) == 0 and str(getattr(value, "dtype", type(value).__name__)) == "bool" and not value


def begin(callbacks: list[Any], model: Any, total_timesteps: int, tb_log_name: str) -> "tuple[Callable | None, Callable]":
    """What is to be called after each step, and at the end."""
    if not callbacks:
        return None, lambda: None
    objects = Objects(callbacks, model, total_timesteps, tb_log_name)
    return objects.step if objects.has_steps else None, objects.end


class SeenModel:
    """The model, with what those objects ask of it beside."""

    def __init__(self, model: Any):
        self._model, self._env = model, None
        self.logger = Logger()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def get_env(self) -> Any:
        """As that library has it: the vector that is learnt in, where it is one of its kind."""
        given = self._model._worlds.env
        if isinstance(given, AsGymnasium):
            return given.env
        if self._env is None:
            self._env = _playing.worlds_to_play(self._model._worlds, self._model._config)
        return self._env

    def get_vec_normalize_env(self) -> Any:
        module = sys.modules.get("stable_baselines3.common.vec_env")
        found = [layer for layer in _identity.layers(self._model._worlds.env) if module and isinstance(layer, module.VecNormalize)]
        return found[0] if found else None

    def dump_logs(self) -> None:
        pass


class Locals(dict):
    def __missing__(self, name: str) -> Any:
        raise Error(
            f"callback.locals has no '{name}'; allowed: {', '.join(self)} (what an episode came to is told to a function "
            "of (kind, record))"
        )


class Logger:
    """Takes what is recorded, and says once that it is written nowhere."""

    def __init__(self) -> None:
        self.name_to_value: dict[str, Any] = {}

    def record(self, key: str, value: Any, exclude: Any = None) -> None:
        if not self.name_to_value and not key.startswith(("eval/", "time/")):
            warnings.warn(f"'{key}' and what else a callback records by its logger are written nowhere", stacklevel=2)
        self.name_to_value[key] = value

    record_mean = record

    def dump(self, step: int = 0) -> None:
        pass

    def get_dir(self) -> None:
        return None
