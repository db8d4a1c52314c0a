"""What a model trains and evaluates in, found from what deepq.DQN was given."""

import ast
import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from . import _atari, _environments, _masks
from ._deepq import Config, Error, ObservationSpace, world_seed
from ._description import Description
from ._environments import Copies
from ._evaluation import EvaluationWorld
from ._identity import is_native, is_vector, is_world, kwargs_of
from ._vec_envs import adapted


@dataclass
class Worlds:
    """All of it left out: the library's own, by the configuration's env.id."""

    make: Copies | None = None
    vector: Description | None = None
    evaluation: EvaluationWorld | str | None = None  # the id of one of the library's own

    @property
    def first(self) -> Description | None:
        return self.vector or (self.make.first if self.make else None)


@dataclass(frozen=True)
class Given:
    """What was said of environments. What the C++ part calls must not refer to the model that holds this."""

    env: Any
    eval_env: Any
    step_timeout: float | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "env", adapted(self.env))
        object.__setattr__(self, "eval_env", adapted(self.eval_env))
        for name, value in (("the environment", self.env), ("eval_env", self.eval_env)):
            if not (value is None or isinstance(value, str) or is_world(value) or callable(value)):
                raise Error(f"{name} is a {type(value).__name__}; allowed: an id, an environment, or what makes one")

    def timeout(self, config: Config) -> float:
        return self.step_timeout or float(config.value("gymnasium.step_timeout"))

    def atari(self, config: Config) -> dict[str, Any]:
        options = {name: ast.literal_eval(config.value(f"atari.{name}")) for name in _atari.DEFAULTS}
        return options if self.step_timeout is None else options | {"step_timeout": self.step_timeout}


def find_worlds(given: Given, config: Config, action_masks: bool | None = None) -> Worlds:
    """Of the environment that was given, or of the configuration's. The configuration says afterwards which it is.

    action_masks: whether a loaded agent chooses among legal actions; None: wherever the environment says them.
    """
    env = _text(config, "env.id") if given.env is None else given.env
    if config.value("gymnasium.action_masks") == "false":
        action_masks = False
    make = _worlds_of_id if isinstance(env, str) else _worlds_of_object
    worlds = make(env, given, config, action_masks)
    first = worlds.first
    config.set("env.id=" + json.dumps(first.id if first else env))
    if first and not isinstance(env, str):
        kwargs = kwargs_of(first.world)
        config.set("gymnasium.kwargs=" + json.dumps(json.dumps(kwargs) if kwargs else ""))
    masked = first.action_masks is not None if first else False
    worlds.evaluation = evaluation_of(given, config, first and first.world, action_masks=masked)
    return worlds


def evaluation_of(
    given: Given,
    config: Config,
    training: Any = None,
    trained: ObservationSpace | None = None,
    action_masks: bool = False,
) -> EvaluationWorld | str | None:
    """training: the object that is trained on, where it is Python's. trained: the space of a loaded agent."""
    env = _text(config, "env.id") if given.env is None else given.env
    source = env if given.eval_env is None else given.eval_env
    if isinstance(source, str) and is_native(source):
        return None if source == env else source
    same_id = isinstance(source, str) and isinstance(env, str) and source == env
    describe_id = partial(
        _environments.must_describe_id,
        atari=given.atari(config),
        step_timeout=given.timeout(config),
        kwargs=_text(config, "gymnasium.kwargs") if same_id else "",
        observation_keys=_text(config, "gymnasium.observation_keys"),
        of_a_run=given.env is None and given.eval_env is None,
    )
    keys = _text(config, "gymnasium.observation_keys")
    masked = action_masks or (trained is not None and trained.legal_actions > 0)
    return EvaluationWorld(source, describe_id, given.timeout(config), training, trained, masked, keys)


def _text(config: Config, key: str) -> str:
    return config.value(key)[1:-1]  # without the quotes


def _seed(config: Config, copy: int = 0) -> int:
    return world_seed(int(config.value("train.seed")), copy)


def _worlds_of_id(id: str, given: Given, config: Config, action_masks: bool | None) -> Worlds:
    if _atari.is_atari(id):
        size = (int(config.value(key)) for key in ("env.count", "env.max_episode_steps"))
        return Worlds(vector=_environments.must_describe_vector_id(id, *size, given.atari(config)))
    if is_native(id):
        return Worlds()
    kwargs = _text(config, "gymnasium.kwargs")
    keys = _text(config, "gymnasium.observation_keys")
    describe = partial(
        _environments.must_describe_id, id, _atari.DEFAULTS, given.timeout(config), kwargs, observation_keys=keys
    )
    return Worlds(make=Copies(partial(describe, of_a_run=given.env is None), action_masks, _seed(config)))


def _worlds_of_object(env: Any, given: Given, config: Config, action_masks: bool | None) -> Worlds:
    timeout, count = given.timeout(config), config.value("env.count")
    keys = _text(config, "gymnasium.observation_keys")
    describe = partial(_environments.describe, env, step_timeout=timeout, observation_keys=keys)
    if is_vector(env):
        vector = describe()
        if count not in ("1", str(vector.count)):
            raise Error(f"env.count is {count}, but the vector environment has {vector.count}")
        config.set(f"env.count={vector.count}")
        if config.value("env.max_episode_steps") != "0":
            raise Error("env.max_episode_steps is set; a vector environment has its own limit")
        return Worlds(vector=_masks.add(vector, action_masks, [_seed(config, i) for i in range(vector.count)]))
    if is_world(env):
        if count != "1":
            raise Error(
                f"n_envs (env.count) is {count}, and one environment object is one world; allowed: a function that makes one, "
                f"as in DQN(lambda: gymnasium.make('CartPole-v1'), n_envs={count}), or a vector environment"
            )
        return Worlds(make=Copies(describe, action_masks, _seed(config)))
    return Worlds(make=Copies(partial(_environments.describe_made, env, timeout, keys), action_masks, _seed(config)))
