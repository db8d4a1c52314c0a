"""Trajectories of Gymnasium's environments as tensors: whole episodes, and single steps from states of our choice."""

from collections.abc import Callable, Sequence
from typing import Any

import gymnasium
import numpy as np

from common import Tensors

Policy = Callable[[np.ndarray], int]


def random_policy(seed: int, actions: int) -> Policy:
    rng = np.random.default_rng(seed)
    return lambda _: int(rng.integers(0, actions))


def outcome_columns(outcomes: Sequence[tuple[float, bool, bool]]) -> Tensors:
    rewards, terminations, truncations = zip(*outcomes, strict=True)
    return {
        "rewards": np.array(rewards, np.float32),
        "terminated": np.array(terminations, np.uint8),
        "truncated": np.array(truncations, np.uint8),
    }


def record(env_id: str, seed: int, policies: Sequence[Policy]) -> Tensors:
    """One whole episode for each policy; only the first reset is seeded, so later starts continue the random stream."""
    env = gymnasium.make(env_id)
    inner: Any = env.unwrapped
    actions: list[int] = []
    observations: list[np.ndarray] = []
    reset_states: list[np.ndarray] = []
    states: list[np.ndarray] = []
    outcomes: list[tuple[float, bool, bool]] = []
    for episode, policy in enumerate(policies):
        observation, _ = env.reset(seed=seed if episode == 0 else None)
        observations.append(observation)
        reset_states.append(np.array(inner.state, np.float64))
        done = False
        while not done:
            actions.append(policy(observation))
            observation, reward, terminated, truncated, _ = env.step(actions[-1])
            observations.append(observation)
            states.append(np.array(inner.state, np.float64))
            outcomes.append((float(reward), terminated, truncated))
            done = terminated or truncated
    env.close()
    return {
        "actions": np.array(actions, np.int32),
        "observations": np.array(observations, np.float32),
        "reset_states": np.array(reset_states),
        "states": np.array(states),
    } | outcome_columns(outcomes)


def record_single_steps(env_id: str, before: np.ndarray, actions: np.ndarray) -> Tensors:
    """One step from each row of `before`, so that bounds are met which episodes seldom reach."""
    env = gymnasium.make(env_id)
    env.reset(seed=0)
    inner: Any = env.unwrapped
    observations: list[np.ndarray] = []
    states: list[np.ndarray] = []
    outcomes: list[tuple[float, bool, bool]] = []
    for state, action in zip(before, actions, strict=True):
        inner.state = state.copy()
        observation, reward, terminated, truncated, _ = inner.step(int(action))
        observations.append(observation)
        states.append(np.array(inner.state, np.float64))
        outcomes.append((float(reward), terminated, truncated))
    env.close()
    return {
        "before": before,
        "actions": actions.astype(np.int32),
        "observations": np.array(observations, np.float32),
        "states": np.array(states),
    } | outcome_columns(outcomes)


def with_prefix(prefix: str, case: Tensors) -> Tensors:
    return {f"{prefix}.{key}": tensor for key, tensor in case.items()}
