"""The worlds of evaluations: like the one that is trained on, as it is now, and apart from it."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from . import _environments, _masks, _spaces
from ._deepq import Error, ObservationKind, ObservationSpace
from ._description import Description
from ._identity import (
    copies,
    is_gymnasiums,
    is_monitor,
    is_stable_baselines,
    is_vector,
    is_world,
    kwargs_of,
    layers,
    name_of,
    parts,
    share_a_part,
    spec_of,
)
from ._vec_envs import adapted


class EvaluationWorld:
    """Describes the world of the next evaluation.

    An object is copied for each of them, so that its settings and statistics are those of now. What cannot be copied is
    made once: by its spec, its id, its function, or as eval_env= gives it; what training has changed is set in it.

    source: an id, an object, or what makes one.
    training: the object that is trained on, or the first of them; None where there is none.
    trained: the space of the observations then, where that alone is known.
    action_masks: whether the agent chooses among legal actions, which the world then must say.
    """

    def __init__(
        self,
        source: Any,
        describe_id: Callable[[str], Description],
        step_timeout: float | None,
        training: Any,
        trained: ObservationSpace | None = None,
        action_masks: bool = False,
        observation_keys: str = "",
    ):
        self._action_masks, self._observation_keys = action_masks, observation_keys
        self._source, self._training, self._trained = source, training, trained
        self._describe_id, self._step_timeout = describe_id, step_timeout
        self._kept: Description | None = None
        self._mirrors = False  # what is kept was made in the place of a copy

    def __call__(self) -> Description:
        training = self._training
        if self._kept is None:
            world = self._given_world()
            if world is not None and training is not None and share_a_part(world, training):
                world = _one_of(training)
                copied = copy_of(world)
                if copied is not None:
                    follow(copied, world, settings_too=True)  # Gymnasium's EzPickle copies what __init__ was given
                    rest(copied)
                    return self._describe(copied)
                world, self._mirrors = made_again(training), True
            made = self._masked(self._describe_id(self._source)) if world is None else self._describe(world)
            made.close = None  # it is used again
            if training is not None:
                _require_same_scale(made.world, training)
            elif fresh := unseen_statistics(made.world):
                raise Error(fresh)
            elif self._trained is not None:
                _require_bytes_as_then(made.world, self._trained)
            self._kept = made
        if training is not None:
            follow(self._kept.world, _one_of(training), settings_too=self._mirrors)
        rest(self._kept.world)
        return self._kept

    def _given_world(self) -> Any:
        if isinstance(self._source, str):
            return None
        return self._source if is_world(self._source) else adapted(self._source())

    def _describe(self, world: Any) -> Description:
        single = FirstCopy(world) if is_vector(world) else world
        keys = self._observation_keys
        return self._masked(_environments.describe(single, name_of(world), self._step_timeout, observation_keys=keys))

    def _masked(self, made: Description) -> Description:
        return _masks.add(made, self._action_masks)


class FirstCopy:
    """The first copy of a vector, to evaluate in; the others begin and act as it does."""

    def __init__(self, vector: Any):
        self.env = vector
        self.spec = spec_of(vector)
        self.observation_space, self.action_space = vector.single_observation_space, vector.single_action_space
        self._count = int(vector.num_envs)
        if (masks := _masks.vector_method_of(vector)) is not None:
            self.action_masks = lambda: masks()[0]
        self._mode = _environments.autoreset_mode(vector, name_of(vector))

    def reset(self, seed: int | None = None) -> tuple[Any, dict]:
        seeds = {} if seed is None else {"seed": [seed] * self._count}
        observations, infos = _environments.reset_vector(self.env.reset, **seeds)
        return _spaces.first_of(observations), _masks.of_first(infos)

    def step(self, action: int) -> tuple:
        observations, rewards, terminated, truncated, infos = self.env.step(np.full(self._count, action))
        observation, ended = _spaces.first_of(observations), np.logical_or(terminated, truncated)
        if ended[0] and self._mode == "SameStep":
            observation, infos = infos["final_obs"][0], infos.get("final_info", {})
        elif not ended[0] and ended.any() and self._mode == "Disabled":
            self.env.reset(options={"reset_mask": ended})
        return observation, rewards[0], terminated[0], truncated[0], _masks.of_first(infos)


def _require_same_scale(world: Any, training: Any) -> None:
    """Bytes and fractions look alike but for their range."""
    ours, theirs = (_spaces.boxes(getattr(env, "single_observation_space", None) or env.observation_space) for env in (world, training))
    for name in ours.keys() & theirs.keys():
        (dtype, most), (trained_dtype, trained_most) = ((space.dtype, np.max(space.high)) for space in (ours[name], theirs[name]))
        if (dtype == np.uint8) != (trained_dtype == np.uint8) and most != trained_most:
            raise Error(
                f"the environment to evaluate on, {name_of(world)}, has observations{name and f' {name!r}'} up to {most:g} ({dtype}); "
                f"allowed: as in training, up to {trained_most:g} ({trained_dtype})"
            )


def _require_bytes_as_then(world: Any, trained: ObservationSpace) -> None:
    """The same where only the dtype is known: bytes go up to 255, and fractions up to 1."""
    ours = _spaces.boxes(getattr(world, "observation_space", None))
    for leaf in trained.seen:
        space, bytes_then = ours.get(leaf.name), leaf.dtype == "uint8"
        if space is None or leaf.kind == ObservationKind.DISCRETE:
            continue
        most = np.max(space.high)
        if (space.dtype == np.uint8) != bytes_then and most != (255 if bytes_then else 1):
            raise Error(
                f"the environment to evaluate on, {name_of(world)}, has observations{leaf.name and f' {leaf.name!r}'} up to {most:g} "
                f"({space.dtype}); allowed: as in training, of {leaf.dtype}"
            )


def _one_of(env: Any) -> Any:
    """Of a plain vector of objects the first; what is wrapped as a whole, or says itself what is legal, stays whole."""
    return env if _masks.is_said_by_the_vector(env) else next(iter(copies(env)), env)


def copy_of(env: Any) -> Any:
    """Another object like `env`, or None where that cannot be had: a handle into C, an open file, other processes.

    What records videos is left out, and Stable-Baselines3's Monitor has no file: they would write into those of training.
    """
    if any("processes" in vars(part) for part in parts(env) if hasattr(part, "__dict__")):
        return None
    known: dict[int, Any] = {}
    try:
        for part in reversed(parts(env)):
            if is_gymnasiums(part, "RecordVideo"):
                known[id(part)] = copy.deepcopy(part.env, known)
            elif is_monitor(part):
                known[id(part)] = _copy_of(part, known, results_writer=None)
            elif "venv" in getattr(part, "__dict__", {}):  # a new wrapper looks for every unknown name in what it has not yet
                known[id(part)] = _copy_of(part, known, class_attributes=vars(part).get("class_attributes"))
        return copy.deepcopy(env, known)
    except Exception:
        return None


def _copy_of(part: Any, known: dict[int, Any], **as_given: Any) -> Any:
    """Attribute by attribute, but for some."""
    twin = type(part).__new__(type(part))
    for name, value in vars(part).items():
        vars(twin)[name] = as_given[name] if name in as_given else copy.deepcopy(value, known)
    return twin


def made_again(env: Any) -> Any:
    """Another like `env` by what it was made with."""
    functions = vars(env).get("env_fns") if is_vector(env) else None
    if functions:
        return functions[0]()
    spec = spec_of(env)
    if spec is not None and "(" not in name_of(env) and is_vector(env):
        import gymnasium

        return gymnasium.make(spec.id, disable_env_checker=True, **kwargs_of(env))
    if spec is not None and not is_vector(env):
        again = _of_spec(spec)
        if again is not None and _kinds(again) == _kinds(env):
            return again
    raise Error(
        f"environment '{name_of(env)}' cannot be copied for evaluation; give eval_env=, or a function that makes it as "
        "the environment"
    )


def _of_spec(spec: Any) -> Any:
    import gymnasium

    try:
        spec = copy.deepcopy(spec)
        left_out = ("RecordVideo", "Monitor")
        spec.additional_wrappers = tuple(one for one in spec.additional_wrappers if one.name not in left_out)
        return gymnasium.make(spec, disable_env_checker=True)
    except Exception:  # a wrapper that does not say how it was made, among others
        return None


def _kinds(env: Any) -> list[type]:
    return [type(part) for part in _lasting(env)]


def _lasting(env: Any) -> list[Any]:
    """The layers that are there again when the environment is made again."""
    left_out = ("PassiveEnvChecker", "RecordVideo")
    found = [part for part in layers(env) if not is_monitor(part)]
    return [part for part in found if not any(is_gymnasiums(part, name) for name in left_out)]


def follow(world: Any, training: Any, settings_too: bool) -> None:
    """Sets the running statistics of `world` to those of `training`, layer by layer."""
    ours = [part for part in layers(world) if _statistics(part)]
    theirs = [_statistics(part) for part in layers(training)]
    if hasattr(training, "processes"):  # where the first copy is another process's
        theirs = [{name: training.get_attr(name)[0] for name in _statistics(part)} for part in ours]
    for part, given in zip(ours, filter(None, theirs)):
        for name, own in _statistics(part).items():
            if name in given and _shapes(own) == _shapes(given[name]):
                setattr(part, name, copy.deepcopy(given[name]))
    if settings_too:
        for part, like in zip(_lasting(world), _lasting(training)):
            _follow_settings(part, like)


def _follow_settings(part: Any, like: Any) -> None:
    """Numbers and texts are settings; those that belong to an episode are set by its reset()."""
    for name, value in vars(like).items() if type(part) is type(like) else ():
        if isinstance(value, (bool, int, float, str, np.generic, np.ndarray)):
            setattr(part, name, copy.copy(value))


def _statistics(part: Any) -> dict[str, Any]:
    """Means and variances that go on with every step, as Gymnasium's normalising wrappers have them."""
    found = vars(part) if hasattr(part, "__dict__") else {}
    return {name: value for name, value in found.items() if (one := _each(value)) and all(map(_is_statistic, one))}


def _each(value: Any) -> list:
    """Of an observation of several parts there is one for each, in a dictionary."""
    return list(value.values()) if isinstance(value, dict) else [value]


def _is_statistic(value: Any) -> bool:
    return all(hasattr(value, word) and not callable(getattr(value, word)) for word in ("mean", "var", "count"))


def _shapes(value: Any) -> list:
    return [np.shape(one.mean) for one in _each(value)]


def unseen_statistics(env: Any) -> str:
    """Why an agent that was loaded is not evaluated in `env`: it knew other observations. "": it may be."""
    for part in layers(env) if env is not None else ():
        for name, value in _statistics(part).items():
            if any(one.count < 1 for one in _each(value)):
                return (
                    f"{type(part).__name__} has seen nothing yet, and what it knew is in no checkpoint; "
                    f"set its {name} to what that was, or learn on first"
                )
    return ""


def rest(env: Any) -> None:
    """Running statistics stay as they are, and rewards what they are."""
    for part in parts(env) if env is not None else ():
        if is_stable_baselines(part) and type(part).__name__ == "VecNormalize":
            part.training = part.norm_reward = False
        if hasattr(type(part), "update_running_mean") or "update_running_mean" in vars(part):
            part.update_running_mean = False
