"""What DQN.get_env() gives: worlds to play in, in the manner of Stable-Baselines3's vector environments."""

import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import _deepq, _identity, _spaces
from ._deepq import Config, Error
from ._evaluation import copy_of
from ._history import History, has_history
from ._vec_envs import AsGymnasium
from ._worlds import Given, evaluation_of


@dataclass
class Copy:
    """One world, between Gymnasium's manner and the other one."""

    world: Any
    reset: Callable
    step: Callable
    limit: int  # steps of an episode; 0: none
    length: int = 0
    total: float = 0.0
    reset_info: dict = field(default_factory=dict)  # of the episode's begin
    space: Any = None  # of what the agent sees, where that is more than the world's observations


def worlds_to_play(given: Given, config: Config) -> Any:
    """As those that are trained in are now, and apart from them."""
    if isinstance(given.env, AsGymnasium) and has_history(config):
        raise Error("worlds to play in with frame_stack=, last_action= or last_reward= are none of Stable-Baselines3's; allowed: history()")
    if isinstance(given.env, AsGymnasium):
        again = copy_of(given.env.env)
        if again is None:
            raise Error("the vector environment cannot be copied to play in; play in it itself, or in another one like it")
        return again
    return _known(PlayedWorlds([_one(given, config) for _ in range(int(config.value("env.count")))]))


def _one(given: Given, config: Config) -> Copy:
    copy, kind = _world(given, config)
    if not has_history(config):
        return copy
    history, reset, step = History(config, kind, getattr(kind, "parts", None)), copy.reset, copy.step

    def begin(**seed: Any) -> tuple[Any, dict]:
        observation, info = reset(**seed)
        return history.reset(observation), info

    def go_on(action: Any) -> tuple:
        observation, reward, *rest = step(action)
        return history.step(observation, action, reward), reward, *rest

    copy.reset, copy.step, copy.space = begin, go_on, _spaces.gymnasium_space(history.observation_space)
    return copy


def _world(given: Given, config: Config) -> tuple[Copy, Any]:
    """And what says what it is."""
    training = given.env if _identity.is_world(given.env) else None
    make = evaluation_of(Given(given.env, None, given.step_timeout), config, training)
    limit = int(config.value("env.max_episode_steps"))
    if make is None:
        native = _deepq.NativeEnv(config)
        world = NativeWorld(native)
        return Copy(world, world.reset, world.step, limit or native.max_episode_steps), native
    made = make()
    world = PlainWorld(made, made.reset, made.step) if made.world is None else made.world
    return Copy(world, made.reset, made.step, limit or made.max_episode_steps), made


def _known(worlds: "PlayedWorlds") -> "PlayedWorlds":
    """Where that library is in use, its functions ask whether these are its vector environments."""
    module = sys.modules.get("stable_baselines3.common.vec_env")
    if module is not None:
        module.VecEnv.register(PlayedWorlds)
    return worlds


class PlainWorld:
    """What is no object of Gymnasium's, in its manner: one of the library's own, or an Atari game."""

    spec = None
    render_mode: str | None = None

    def __init__(self, kind: Any, reset: Callable, step: Callable):
        self._kind, self.reset, self.step = kind, reset, step

    @property
    def observation_space(self) -> Any:
        return _spaces.gymnasium_space(self._kind.observation_space)

    @property
    def action_space(self) -> Any:
        from gymnasium import spaces

        return spaces.Discrete(self._kind.action_count)

    def close(self) -> None:
        pass


class NativeWorld(PlainWorld):
    render_mode = "ansi"

    def __init__(self, native: _deepq.NativeEnv):
        super().__init__(native, self._reset, self._step)

    def render(self) -> str:
        return self._kind.text()

    def _reset(self, seed: int | None = None) -> tuple[Any, dict]:
        observation = self._kind.reset(seed)
        return _spaces.observation_of(observation, self._kind.observation_space), self._info()

    def _step(self, action: Any) -> tuple:
        observation, reward, terminated, truncated = self._kind.step(int(action))
        return _spaces.observation_of(observation, self._kind.observation_space), reward, terminated, truncated, self._info()

    def action_masks(self) -> Any:
        """As sb3-contrib asks for them: env_method("action_masks"). None: all actions are legal."""
        return self._kind.action_mask()

    def _info(self) -> dict:
        mask = self._kind.action_mask()
        return {} if mask is None else {"action_mask": mask}


class PlayedWorlds:
    """reset() -> observations; step(actions) -> observations, rewards, dones, infos; an ended episode begins anew by itself."""

    def __init__(self, copies: list[Copy]):
        self._copies, self._actions = copies, None
        self._seeds: list[int | None] = [None] * len(copies)
        self.envs, self.num_envs = [copy.world for copy in copies], len(copies)
        self.render_mode = getattr(self.envs[0], "render_mode", None)
        self.metadata = {"render_modes": [self.render_mode] if self.render_mode else []}

    @property
    def observation_space(self) -> Any:
        space = self._copies[0].space
        return self.envs[0].observation_space if space is None else space

    @property
    def action_space(self) -> Any:
        return self.envs[0].action_space

    @property
    def unwrapped(self) -> "PlayedWorlds":
        return self

    def seed(self, seed: int | None = None) -> list[int | None]:
        """Of the next reset(); the copies count on from it."""
        self._seeds = [None if seed is None else seed + i for i in range(self.num_envs)]
        return self._seeds

    def reset(self) -> Any:
        seeds, self._seeds = self._seeds, [None] * self.num_envs
        return _spaces.batch_of([_begin(copy, seed)[0] for copy, seed in zip(self._copies, seeds)])

    @property
    def reset_infos(self) -> list[dict]:
        return [copy.reset_info for copy in self._copies]

    def step(self, actions: Any) -> tuple[Any, np.ndarray, np.ndarray, list[dict]]:
        self.step_async(actions)
        return self.step_wait()

    def step_async(self, actions: Any) -> None:
        self._actions = np.asarray(actions).reshape(-1)
        if len(self._actions) != self.num_envs:
            raise Error(f"there are {len(self._actions)} actions for {self.num_envs} worlds; allowed: one for each")

    def step_wait(self) -> tuple[Any, np.ndarray, np.ndarray, list[dict]]:
        results = [_step(copy, action) for copy, action in zip(self._copies, self._actions)]
        observations, rewards, dones, infos = zip(*results)
        return _spaces.batch_of(list(observations)), np.array(rewards, np.float32), np.array(dones, bool), list(infos)

    def render(self, mode: str | None = None) -> Any:
        if self.render_mode is None:
            warnings.warn("there is nothing to see: the environment was made without render_mode", stacklevel=2)
            return None
        shown = [world.render() for world in self.envs]
        return shown[0] if self.num_envs == 1 else shown

    def get_images(self) -> list:
        return [world.render() for world in self.envs]

    def close(self) -> None:
        for world in self.envs:
            world.close()

    def has_attr(self, name: str) -> bool:
        return all(_find(world, name) is not None for world in self.envs)

    def get_attr(self, name: str, indices: Any = None) -> list:
        return [getattr(_find(world, name) or world, name) for world in self._chosen(indices)]

    def set_attr(self, name: str, value: Any, indices: Any = None) -> None:
        for world in self._chosen(indices):
            setattr(_find(world, name) or world, name, value)

    def env_method(self, name: str, *arguments: Any, indices: Any = None, **keywords: Any) -> list:
        return [getattr(_find(world, name) or world, name)(*arguments, **keywords) for world in self._chosen(indices)]

    def env_is_wrapped(self, wrapper_class: type, indices: Any = None) -> list[bool]:
        """As in a Monitor they are: infos have the whole episodes."""
        name = wrapper_class.__name__
        return [
            name == "Monitor" or any(isinstance(one, wrapper_class) for one in _identity.layers(world))
            for world in self._chosen(indices)
        ]

    def _chosen(self, indices: Any) -> list:
        return [self.envs[i] for i in (range(self.num_envs) if indices is None else np.atleast_1d(indices))]


def _find(world: Any, name: str) -> Any:
    """The layer that has the attribute."""
    return next((layer for layer in _identity.layers(world) if hasattr(layer, name)), None)


def _begin(copy: Copy, seed: int | None = None) -> tuple[Any, dict]:
    copy.length, copy.total = 0, 0.0
    observation, copy.reset_info = copy.reset() if seed is None else copy.reset(seed=seed)
    return observation, copy.reset_info


def _step(copy: Copy, action: Any) -> tuple[Any, float, bool, dict]:
    observation, reward, terminated, truncated, info = copy.step(action)
    copy.length, copy.total = copy.length + 1, copy.total + float(reward)
    truncated = bool(truncated) or (copy.limit > 0 and copy.length >= copy.limit)
    info = dict(info) | {"TimeLimit.truncated": truncated and not terminated}
    if not (terminated or truncated):
        return observation, float(reward), False, info
    info |= {"terminal_observation": observation, "episode": {"r": copy.total, "l": copy.length}}
    observation, _ = _begin(copy)
    return observation, float(reward), True, info
