"""Transitions in files that replay.demonstrations names: recorded here, or taken from a dataset of Minari's.

A file is NumPy's .npz, uncompressed; docs/algorithms/demonstrations.md lists its arrays.
"""

import copy
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from . import _checks, _environments, _masks, _spaces
from ._deepq import Error, ObservationSpace
from ._history import has_history
from .dqn import DQN


def record(env: Any, policy: Any, episodes: int, path: str | os.PathLike, seed: int | None = None) -> dict[str, float]:
    """Plays whole episodes and keeps their transitions in a new .npz file; returns how many, and their mean return.

    env: the id of an environment of Gymnasium's, or an environment.
    policy: a function from observations to actions, or an agent with predict(), which acts greedily.
    seed: of the first episode; the others go on from there.
    """
    to = _file(path)
    episodes = _checks.whole_number("episodes", episodes, 1, _checks.MOST)
    world = _made(env) if isinstance(env, str) else env
    description = _masks.add(_environments.describe(world), None, seed)
    acting = _Agent(policy) if hasattr(policy, "predict") else _Function(policy)
    steps: dict[str, list] = {name: [] for name in ("from", "to", "actions", "rewards", "terminations", "truncations", "legal", "next_legal")}
    returns = []
    for episode in range(episodes):
        observation, info = description.reset(seed=seed if episode == 0 else None)
        acting.begin()
        returns.append(0.0)
        over = False
        while not over:
            action = acting.action(observation, info)
            # As they are now: environments may write what comes next into the same arrays.
            steps["from"].append(copy.deepcopy(observation))
            steps["legal"].append(_legal(description, info))
            steps["actions"].append(np.array(action))
            observation, reward, terminated, truncated, info = description.step(action)
            steps["to"].append(copy.deepcopy(observation))
            steps["next_legal"].append(_legal(description, info))
            for name, value in zip(("rewards", "terminations", "truncations"), (reward, terminated, truncated)):
                steps[name].append(value)
            returns[-1] += float(reward)
            over = bool(terminated or truncated)
    if isinstance(env, str):
        world.close()
    space = description.observation_space
    arrays = _observations("", space, description.parts, _spaces.batch_of(steps["from"]))
    arrays |= _observations("next_", space, description.parts, _spaces.batch_of(steps["to"]))
    if description.action_masks is not None:
        arrays |= {"legal_actions": np.array(steps["legal"], bool), "next_legal_actions": np.array(steps["next_legal"], bool)}
    _write(to, arrays, steps)
    return {"episodes": episodes, "steps": len(steps["rewards"]), "mean_return": float(np.mean(returns))}


def from_minari(dataset: Any, path: str | os.PathLike) -> dict[str, float]:
    """Puts a dataset of Minari's (minari.load_dataset(...), or its id) into a new .npz file, as record() does."""
    to = _file(path)
    if isinstance(dataset, str):
        try:
            import minari
        except ImportError as cause:
            raise Error("the package minari is not installed; allowed: pip install minari") from cause
        dataset = minari.load_dataset(dataset)
    if not hasattr(dataset, "iterate_episodes"):
        raise Error(f"dataset is a {type(dataset).__name__}; allowed: a MinariDataset, or the id of one")
    space = _spaces.observation_space(dataset.observation_space, str(dataset.id))
    _spaces.actions(dataset.action_space, str(dataset.id))  # refuses those that are no choices
    parts = _spaces.parts_of(space, dataset.observation_space)
    arrays: dict[str, list] = {}
    steps: dict[str, list] = {name: [] for name in ("actions", "rewards", "terminations", "truncations")}
    returns = []
    for episode in _episodes(dataset):
        for name, part in _observations("", space, parts, episode.observations).items():
            arrays.setdefault(name, []).append(part[:-1])
            arrays.setdefault("next_" + name, []).append(part[1:])
        masks = episode.infos.get(_masks.KEY) if isinstance(episode.infos, Mapping) else None
        if masks is not None:
            arrays.setdefault("legal_actions", []).append(np.asarray(masks[:-1], bool))
            arrays.setdefault("next_legal_actions", []).append(np.asarray(masks[1:], bool))
        for name in steps:
            steps[name].extend(getattr(episode, name))
        if not (steps["terminations"][-1] or steps["truncations"][-1]):  # it was given up here
            steps["truncations"][-1] = True
        returns.append(float(np.sum(episode.rewards)))
    if not returns:
        raise Error(f"the dataset '{dataset.id}' holds no step")
    _write(to, {name: np.concatenate(one) for name, one in arrays.items()}, steps)
    return {"episodes": len(returns), "steps": len(steps["rewards"]), "mean_return": float(np.mean(returns))}


def _episodes(dataset: Any) -> Iterable:
    return (episode for episode in dataset.iterate_episodes() if len(episode.rewards) > 0)


def _made(id: str) -> Any:
    import gymnasium

    return gymnasium.make(id.removeprefix("gymnasium:"))


class _Agent:
    """What has predict(), and remembers of an episode what that hands back."""

    def __init__(self, agent: Any):
        if isinstance(agent, DQN) and has_history(agent._config):
            raise Error(
                "the agent sees what came before (env.frame_stack, env.last_action, env.last_reward), and here observations are played as they are; "
                "allowed: `deepq record` of its run"
            )
        self._agent = agent

    def begin(self) -> None:
        self._state: Any = None

    def action(self, observation: Any, info: Any) -> Any:
        masks = {"action_masks": info[_masks.KEY]} if isinstance(info, Mapping) and _masks.KEY in info else {}
        remembered = {} if self._state is None else {"state": self._state}
        action, self._state = self._agent.predict(observation, deterministic=True, **remembered, **masks)
        return action


class _Function:
    def __init__(self, function: Any):
        if not callable(function):
            raise Error(f"policy is a {type(function).__name__}; allowed: a function from observations to actions, or an agent with predict()")
        self._function = function

    def begin(self) -> None:
        pass

    def action(self, observation: Any, info: Any) -> Any:
        return self._function(observation)


def _legal(description: Any, info: Any) -> Any:
    return None if description.action_masks is None else np.array(description.action_masks(info), bool)


def _observations(before: str, space: ObservationSpace, parts: Callable | None, batch: Any) -> dict[str, np.ndarray]:
    """An array for each leaf, by the names that the file has for them."""
    if parts is None:
        return {before + "observations": _plain(batch)}
    return {f"{before}observations/{leaf.name}": _plain(part) for leaf, part in zip(space.seen, parts(batch))}


def _plain(array: Any) -> np.ndarray:
    """In a type that the file's reader knows: of other widths the next larger one."""
    array = np.asarray(array)
    wide = {"f": np.float32 if array.dtype.itemsize < 4 else np.float64, "i": np.int64, "u": np.uint64, "b": np.bool_}
    kept = ("float32", "float64", "uint8", "int32", "int64", "uint32", "uint64", "bool")
    known = array if array.dtype.name in kept else array.astype(wide.get(array.dtype.kind, np.float64))
    return np.ascontiguousarray(known)


def _file(path: str | os.PathLike) -> str:
    to = _checks.path("path", path)
    if not to.endswith(".npz"):
        raise Error(f"path is '{to}'; allowed: a name that ends in .npz")
    if os.path.exists(to):
        raise Error(f"{to} is there already; allowed: a new file")
    return to


def _write(to: str, arrays: dict[str, np.ndarray], steps: Mapping[str, list]) -> None:
    temporary = f"{to[:-4]}.part.npz"
    np.savez(
        temporary,
        **arrays,
        actions=_plain(np.array(steps["actions"])),
        rewards=np.array(steps["rewards"], np.float64),
        terminations=np.array(steps["terminations"], bool),
        truncations=np.array(steps["truncations"], bool),
    )
    os.replace(temporary, to)
