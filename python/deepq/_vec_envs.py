"""Vector environments in the manner of Stable-Baselines3: reset() -> observations, step() -> observations, rewards, dones, infos."""

from contextlib import suppress
from typing import Any

import numpy as np

from ._deepq import Error
from ._identity import is_world


def is_vec_env(env: Any) -> bool:
    """Gymnasium's vectors say what one copy's spaces are; those of this manner have no other."""
    own = is_world(env) and all(hasattr(env, name) for name in ("num_envs", "step_async", "step_wait", "observation_space"))
    return own and not hasattr(env, "single_observation_space")


def adapted(env: Any) -> Any:
    """The same in Gymnasium's manner; what is none of these stays as it is."""
    return AsGymnasium(env) if is_vec_env(env) else env


class AsGymnasium:
    """One as a vector environment of Gymnasium's, in autoreset mode SameStep."""

    metadata = {"autoreset_mode": "SameStep"}
    unseen = True  # in the environment's name

    def __init__(self, env: Any):
        self.env = env
        self.envs = vars(env).get("envs")  # of a plain one
        self.num_envs = int(env.num_envs)
        self.single_observation_space, self.single_action_space = env.observation_space, env.action_space
        self.spec = None
        with suppress(Exception):  # also of copies in other processes
            self.spec = env.get_attr("spec")[0]

    def reset(self, *, seed: int | None = None) -> tuple[Any, dict]:
        """A seed is the first copy's; the others count on from it."""
        if seed is not None:
            if not isinstance(seed, int):
                raise TypeError("seed is one number")
            self.env.seed(seed)
        observations = self.env.reset()
        return observations, _masks_in(self._reset_infos())

    def step(self, actions: np.ndarray) -> tuple:
        observations, rewards, dones, infos = self.env.step(actions)
        dones = np.asarray(dones, bool)
        cut = np.array([bool(info.get("TimeLimit.truncated", False)) for info in infos])
        final = [_final(info) if done else None for info, done in zip(infos, dones)]
        told: dict[str, Any] = {"final_obs": final}
        begun = self._reset_infos()
        if any("action_mask" in info for info in (*infos, *begun)):  # an ended episode's last; the next one's is the reset's
            told |= _masks_in([begun[i] if done else info for i, (info, done) in enumerate(zip(infos, dones))])
            told["final_info"] = _masks_in([info if done else {} for info, done in zip(infos, dones)])
        return observations, rewards, dones & ~cut, dones & cut, told

    def _reset_infos(self) -> list[dict]:
        return list(getattr(self.env, "reset_infos", None) or [{}] * self.num_envs)


def _masks_in(infos: list[dict]) -> dict[str, Any]:
    masks = [info.get("action_mask") for info in infos]
    return {} if all(mask is None for mask in masks) else {"action_mask": masks}


def _final(info: dict) -> Any:
    if "terminal_observation" not in info:
        raise Error("an episode ended, and its info has no 'terminal_observation', which Stable-Baselines3's vectors give")
    return info["terminal_observation"]
