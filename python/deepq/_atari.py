"""The Atari games of ale-py, ALE/NAME-v5, as Description of a vector environment and of a single game.

Of the published protocols (atari.protocol):

- nature (Mnih et al. 2015): 1 to 30 no-ops at the start, no sticky actions, a lost life is an end for learning while
  the game goes on, the game's own actions.
- machado (Machado et al. 2018): actions stick with probability 0.25, only the end of the game is one, all 18 actions.

Of both: an action is repeated for 4 frames, the pixel-wise maximum of the last two is made grey and 84 x 84 (ale-py
does this with OpenCV's area interpolation), the last 4 of these are the observation, and a game is cut off after
108,000 frames, half an hour. Rewards are the game's own: agent.reward_clip clips them for learning. No fire button is
pressed at the start.
"""

import os
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from . import _spaces
from ._deepq import Error
from ._description import Description
from ._watchdog import Watchdog

FRAMES_PER_STEP = 4
MOST_STEPS = 108_000 // FRAMES_PER_STEP
PROTOCOLS: dict[str, dict[str, Any]] = {
    "nature": {"repeat_action_probability": 0.0, "noop_max": 30, "full_action_space": False},
    "machado": {"repeat_action_probability": 0.25, "noop_max": 0, "full_action_space": True},
}
GAME_BYTES = 1_600_000  # of ale-py's memory for each game, with what its threads hold: about 200 MB for 128 games
DEFAULTS: Mapping[str, Any] = {"protocol": "nature", "actions": "protocol", "threads": 1, "step_timeout": 60.0}


def is_atari(id: str) -> bool:
    return id.startswith("ALE/")


def game_ids() -> list[str]:
    """Of all games; none where ale-py is not installed."""
    try:
        return sorted(_games())
    except ImportError:
        return []


def describe_vector(
    id: str, count: int, max_episode_steps: int = 0, options: Mapping[str, Any] = DEFAULTS
) -> Description | None:
    """`count` copies, stepped in ale-py's own threads. None for an unknown game."""
    env = _make(id, count, max_episode_steps, options)
    if env is None:
        return None
    watchdog = Watchdog(options["step_timeout"])
    description = _describe(id, env, max_episode_steps, watchdog)
    description.count, description.autoreset = count, "SameStep"
    description.lives_count = options["protocol"] == "nature"
    description.send, description.receive = _in_its_process(env.send), watchdog.guard(env.recv, "step")
    weakref.finalize(description.receive, watchdog.stop)
    return description


def describe_game(id: str, options: Mapping[str, Any] = DEFAULTS) -> Description | None:
    """One copy, to evaluate on: whole games, a lost life is nothing special. None for an unknown game."""
    env = _make(id, 1, 0, options)
    if env is None:
        return None
    watchdog = Watchdog(options["step_timeout"])
    description = _describe(id, env, 0, watchdog)
    game = _Game(env, description.reset, watchdog.guard(env.recv, "step"))
    description.reset, description.step = game.reset, game.step
    weakref.finalize(game, watchdog.stop)
    return description


class _Game:
    """A vector of one that begins the next episode by itself, as an environment that waits to be reset."""

    def __init__(self, env: Any, reset: Callable, receive: Callable):
        self._send, self._reset, self._receive = _in_its_process(env.send), reset, receive
        self._begun: np.ndarray | None = None  # the first observation of an episode that began by itself

    def reset(self, seed: int | None = None) -> tuple[np.ndarray, dict]:
        begun, self._begun = self._begun, None
        return (self._reset(seed=seed)[0][0] if begun is None or seed is not None else begun), {}

    def step(self, action: int) -> tuple:
        self._send(np.array([action]))
        observations, rewards, terminated, truncated, infos = self._receive()
        observation = observations[0]
        if terminated[0] or truncated[0]:
            self._begun, observation = observation, infos["final_obs"][0]
        return observation, rewards[0], terminated[0], truncated[0], {}


def _in_its_process(function: Callable) -> Callable:
    """ale-py's threads do not come along into a forked process, where it would wait for them for ever."""
    process = os.getpid()

    def call(*arguments: Any, **keywords: Any) -> Any:
        if os.getpid() != process:
            raise Error("Atari games do not run on in a forked process; allowed: to make or load the model there")
        return function(*arguments, **keywords)

    return call


def _games() -> dict[str, str]:
    """ROM names by ids: {"ALE/SpaceInvaders-v5": "space_invaders"}."""
    import ale_py
    import gymnasium

    gymnasium.register_envs(ale_py)
    return {
        id: spec.kwargs["game"]
        for id, spec in gymnasium.registry.items()
        if is_atari(id) and id.endswith("-v5") and spec.kwargs.get("obs_type") != "ram"
    }


def _make(id: str, count: int, max_episode_steps: int, options: Mapping[str, Any]) -> Any:
    try:
        game = _games().get(id)
        from ale_py.vector_env import AtariVectorEnv
    except ImportError as cause:
        raise Error(f"environment '{id}' needs ale-py, which is not installed: pip install ale-py") from cause
    if game is None:
        return None
    if max_episode_steps > MOST_STEPS:
        raise Error(f"env.max_episode_steps is {max_episode_steps}; allowed for Atari: up to {MOST_STEPS}, 108,000 frames")
    settings = dict(PROTOCOLS[options["protocol"]])
    if options["actions"] != "protocol":
        settings["full_action_space"] = options["actions"] == "full"
    try:
        return AtariVectorEnv(
            game,
            count,
            num_threads=min(options["threads"], count),
            autoreset_mode="SameStep",
            max_num_frames_per_episode=FRAMES_PER_STEP * (max_episode_steps or MOST_STEPS),
            reward_clipping=False,
            use_fire_reset=False,
            episodic_life=False,
            frameskip=FRAMES_PER_STEP,
            **settings,
        )
    except Exception as cause:
        raise Error(f"environment '{id}' cannot be made: {type(cause).__name__}: {' '.join(str(cause).split())}") from cause


def _reset(env: Any, seed: int | list[int] | None = None) -> tuple[np.ndarray, dict]:
    """ale-py takes seeds of 31 bits, of one game as a number, of several as an array."""
    return env.reset(seed=np.array(seed) if isinstance(seed, list) else seed)


def _describe(id: str, env: Any, max_episode_steps: int, watchdog: Watchdog) -> Description:
    return Description(
        id=id,
        observation_space=_spaces.frames(tuple(env.single_observation_space.shape)),
        parts=None,
        action_count=int(env.single_action_space.n),
        action_start=0,
        action_dtype="int64",
        max_episode_steps=max_episode_steps or MOST_STEPS,
        solved_return=None,
        reset=_in_its_process(watchdog.guard(partial(_reset, env), "reset")),
        step=env.step,
        memory_bytes=GAME_BYTES,
    )
