"""The library's own environments as Gymnasium's.

    import gymnasium
    import deepq.envs

    env = gymnasium.make("deepq/CartPole-v1")
    envs = gymnasium.make_vec("deepq/CartPole-v1", num_envs=16)  # all copies are stepped in C++

Importing this module registers them, each under its id with deepq/ in front (the games of MinAtar as
deepq/MinAtar-Breakout-v1). Their settings are keywords: gymnasium.make("deepq/FrozenLake-v1", is_slippery=False).
"""

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from gymnasium.vector.utils import batch_space

from . import _arguments, _deepq, _spaces
from ._deepq import Config, Error

RENDER_MODES = ["ansi", "rgb_array"]
_FPS = 30


def _config(game: str, options: dict[str, Any]) -> Config:
    config = Config()
    config.set(f"env.id={game}")
    settings = _arguments.env_kwargs(game, options)
    _arguments.apply(config, settings, [(key, "") for key in settings])
    return config


def _check_render_mode(mode: str | None) -> None:
    if mode is not None and mode not in RENDER_MODES:
        raise Error(f"render_mode is {mode!r}; allowed: None, {', '.join(map(repr, RENDER_MODES))}")


def _refuse_options(options: dict[str, Any] | None, known: tuple[str, ...] = ()) -> None:
    for name in options or ():
        if name not in known:
            raise Error(f"reset: options has '{name}'; allowed: {', '.join(known) or 'nothing'}")


class NativeEnv(gymnasium.Env):
    """One of the library's own, by its id there. options: its settings."""

    metadata = {"render_modes": RENDER_MODES, "render_fps": _FPS}

    def __init__(self, game: str, render_mode: str | None = None, **options: Any):
        _check_render_mode(render_mode)
        self.render_mode = render_mode
        self._native = _deepq.NativeEnv(_config(game, options))
        self._space = self._native.observation_space
        self.observation_space = _spaces.gymnasium_space(self._space)
        self.action_space = spaces.Discrete(self._native.action_count)
        self._seeded = False

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict]:
        _refuse_options(options)
        super().reset(seed=seed)
        if seed is None and not self._seeded:  # as everywhere in Gymnasium: from somewhere, and then it goes on
            seed = int(self.np_random.integers(2**63))
        self._seeded = True
        return _spaces.observation_of(self._native.reset(seed), self._space), self._info()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict]:
        observation, reward, terminated, truncated = self._native.step(int(action))
        return _spaces.observation_of(observation, self._space), reward, terminated, truncated, self._info()

    def action_masks(self) -> np.ndarray:
        """Which actions are legal now."""
        mask = self._native.action_mask()
        return np.ones(self._native.action_count, np.int8) if mask is None else mask

    def render(self) -> Any:
        if self.render_mode is None:
            gymnasium.logger.warn("render() was called without a render_mode; give one to gymnasium.make")
            return None
        return self._native.text() if self.render_mode == "ansi" else self._native.picture()

    def _info(self) -> dict[str, Any]:
        mask = self._native.action_mask()
        return {} if mask is None else {"action_mask": mask}


class NativeVectorEnv(gymnasium.vector.VectorEnv):
    """Copies of one of them, all stepped by one call into C++.

    autoreset_mode: what follows the end of an episode: AutoresetMode or its value, Gymnasium's default NEXT_STEP.
    """

    def __init__(
        self,
        game: str,
        num_envs: int = 1,
        max_episode_steps: int | None = None,
        render_mode: str | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        **options: Any,
    ):
        _check_render_mode(render_mode)
        self._mode = AutoresetMode(autoreset_mode)
        self.metadata = {"render_modes": RENDER_MODES, "render_fps": _FPS, "autoreset_mode": self._mode}
        self.num_envs, self.render_mode = num_envs, render_mode
        config = _config(game, options)
        native = _deepq.NativeEnv(config)
        limit = native.max_episode_steps if max_episode_steps is None else max(0, max_episode_steps)
        self._vector = _deepq.NativeVector(config, num_envs, limit, self._mode.value)
        self.single_observation_space = _spaces.gymnasium_space(native.observation_space)
        self.single_action_space = spaces.Discrete(native.action_count)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._all = np.ones(num_envs, bool)
        self._seeded = False

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """options["reset_mask"]: the copies that begin anew; without it all do."""
        _refuse_options(options, ("reset_mask",))
        super().reset(seed=seed if isinstance(seed, int) else None)
        if seed is None and not self._seeded:
            seed = int(self.np_random.integers(2**62))
        self._seeded = True
        seeds = [None if seed is None else seed + i for i in range(self.num_envs)] if seed is None or isinstance(seed, int) else list(seed)
        mask = (options or {}).get("reset_mask")
        observations, legal = self._vector.reset(seeds, None if mask is None else [bool(one) for one in mask])
        return observations, self._infos(legal)

    def step(self, actions: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        chosen = np.ascontiguousarray(actions, np.int64)
        observations, rewards, terminated, truncated, legal, final, final_legal = self._vector.step(chosen)
        infos = self._infos(legal)
        if final is not None:
            ended = terminated | truncated
            infos["final_obs"], infos["_final_obs"] = _where(ended, final), ended
            infos["final_info"], infos["_final_info"] = self._infos(final_legal), ended.copy()
        return observations, rewards, terminated, truncated, infos

    def render(self) -> tuple[Any, ...] | None:
        """A text or a picture of each copy."""
        if self.render_mode is None:
            return None
        show = self._vector.text if self.render_mode == "ansi" else self._vector.picture
        return tuple(show(copy) for copy in range(self.num_envs))

    def _infos(self, legal: np.ndarray | None) -> dict[str, Any]:
        return {} if legal is None else {"action_mask": legal, "_action_mask": self._all.copy()}


def _where(ended: np.ndarray, observations: np.ndarray) -> np.ndarray:
    """As Gymnasium's vectors have it: an array of objects, None where no episode ended."""
    found = np.full(len(ended), None, dtype=object)
    for copy in np.flatnonzero(ended):
        found[copy] = observations[copy]
    return found


def gymnasium_id(game: str) -> str:
    """As deepq/CartPole-v1: an id of Gymnasium's has one / only."""
    return "deepq/" + game.replace("/", "-")


def _register() -> None:
    for game in _deepq.native_ids():
        if gymnasium_id(game) in gymnasium.registry:
            continue
        # Gymnasium's Taxi always says which actions are legal.
        kwargs = {"game": game} | ({"action_mask": True} if game == "Taxi-v4" else {})
        native = _deepq.NativeEnv(_config(game, {}))
        gymnasium.register(
            gymnasium_id(game),
            entry_point="deepq.envs:NativeEnv",
            vector_entry_point="deepq.envs:NativeVectorEnv",
            max_episode_steps=native.max_episode_steps or None,
            reward_threshold=native.solved_return,
            kwargs=kwargs,
        )


_register()
