"""Golden trajectories of Gymnasium's FrozenLake, CliffWalking and Taxi, for the native environments.

Run: python tools/golden/toy_text.py   (writes frozen_lake, cliff_walking and taxi into tests/golden)

Each case is one environment with its keyword arguments. `<case>.<seed>`: reset(seed=seed), then whole
episodes with reset() in between. The policy mixes random actions with the best ones, found by value
iteration over the environment's own table, so that every kind of end is met; in `random` it does
not. `<case>.table`: the whole table, so that what no policy tries is compared too.
"""

from dataclasses import dataclass, field

import gymnasium
import numpy as np
from numpy.typing import NDArray

from common import Tensors, save

SEEDS = range(20)
GAMMA = 0.99
SWEEPS = 300


@dataclass(frozen=True)
class Case:
    env_id: str
    arguments: dict = field(default_factory=dict)
    episodes: int = 3
    epsilon: float = 0.3
    with_table: bool = True


FILES = {
    "frozen_lake": {
        "default": Case("FrozenLake-v1", episodes=6),
        "firm": Case("FrozenLake-v1", {"is_slippery": False}, episodes=6),
        "tuned": Case(
            "FrozenLake-v1", {"success_rate": 0.75, "reward_schedule": (2, -1, -0.25)}, episodes=6
        ),
        "map8x8": Case("FrozenLake-v1", {"map_name": "8x8"}, episodes=2, epsilon=0.1),
        "8x8": Case("FrozenLake8x8-v1", episodes=3, epsilon=0.2),
    },
    "cliff_walking": {
        "default": Case("CliffWalking-v1", epsilon=0.4),
        "slippery": Case("CliffWalkingSlippery-v1"),
        "argument": Case("CliffWalking-v1", {"is_slippery": True}, episodes=1),
    },
    "taxi": {
        "default": Case("Taxi-v4"),
        "random": Case("Taxi-v4", episodes=1, epsilon=1, with_table=False),
        "rainy": Case("Taxi-v4", {"is_rainy": True}),
        "fickle": Case(
            "Taxi-v4", {"fickle_passenger": True, "fickle_probability": 0.7}, with_table=False
        ),
        "both": Case(
            "Taxi-v4",
            {"is_rainy": True, "rainy_probability": 0.6, "fickle_passenger": True},
            with_table=False,
        ),
    },
}


def best_actions(env: gymnasium.Env) -> NDArray[np.int64]:
    """One action for each state."""
    table = env.unwrapped.P  # type: ignore[attr-defined]
    values = np.zeros(len(table))
    q = np.zeros((len(table), len(table[0])))
    width = max(len(outcomes) for actions in table.values() for outcomes in actions.values())
    probability, reward, onward = (np.zeros((*q.shape, width)) for _ in range(3))
    following = np.zeros(probability.shape, np.int64)
    for state, actions in table.items():
        for action, outcomes in actions.items():
            for i, (chance, next_state, gain, ended) in enumerate(outcomes):
                probability[state, action, i] = chance
                reward[state, action, i] = gain
                onward[state, action, i] = 0 if ended else GAMMA
                following[state, action, i] = next_state
    for _ in range(SWEEPS):
        q = (probability * (reward + onward * values[following])).sum(-1)
        values = q.max(-1)
    return q.argmax(-1)


def whole_table(env: gymnasium.Env) -> Tensors:
    """Every outcome by state, then action, then Gymnasium's order."""
    table = env.unwrapped.P  # type: ignore[attr-defined]
    pairs = [outcomes for state in sorted(table) for _, outcomes in sorted(table[state].items())]
    probabilities, states, rewards, ends = zip(*(one for pair in pairs for one in pair), strict=True)
    world = env.unwrapped
    mask = {"action_mask": np.array([world.action_mask(s) for s in sorted(table)], np.uint8)} if hasattr(world, "action_mask") else {}
    return mask | {
        "table.counts": np.array([len(pair) for pair in pairs], np.uint8),
        "table.probabilities": np.array(probabilities, np.float32),
        "table.next_states": np.array(states, np.int32),
        "table.rewards": np.array(rewards, np.float32),
        "table.terminated": np.array(ends, np.uint8),
    }


def record(env: gymnasium.Env, case: Case, seed: int) -> Tensors:
    rng = np.random.default_rng(1000 + seed)
    best = best_actions(env)
    actions: list[int] = []
    observations: list[int] = []
    outcomes: list[tuple[float, bool, bool]] = []
    for episode in range(case.episodes):
        observation, _ = env.reset(seed=seed if episode == 0 else None)
        observations.append(observation)
        done = False
        while not done:
            explores = rng.random() < case.epsilon
            action = rng.integers(0, env.action_space.n) if explores else best[observation]
            actions.append(int(action))
            observation, reward, terminated, truncated, _ = env.step(actions[-1])
            observations.append(observation)
            outcomes.append((float(reward), terminated, truncated))
            done = terminated or truncated
    rewards, terminations, truncations = zip(*outcomes, strict=True)
    return {
        "actions": np.array(actions, np.uint8),
        "observations": np.array(observations, np.int32),
        "rewards": np.array(rewards, np.float32),
        "terminated": np.array(terminations, np.uint8),
        "truncated": np.array(truncations, np.uint8),
    }


def main() -> None:
    for file_name, cases in FILES.items():
        tensors: Tensors = {}
        for name, case in cases.items():
            env = gymnasium.make(case.env_id, **case.arguments)
            recorded = [record(env, case, seed) for seed in SEEDS]
            env.close()
            if case.with_table:
                tensors |= {f"{name}.{key}": tensor for key, tensor in whole_table(env).items()}
            for seed, one in zip(SEEDS, recorded, strict=True):
                tensors |= {f"{name}.{seed}.{key}": tensor for key, tensor in one.items()}
            played = {
                key: np.concatenate([one[key] for one in recorded])
                for key in ("rewards", "terminated", "truncated")
            }
            print(
                f"{file_name} {name}: {len(played['rewards'])} steps, "
                f"{played['terminated'].sum()} episodes terminated, "
                f"{played['truncated'].sum()} truncated, rewards {np.unique(played['rewards'])}"
            )
        save(file_name, tensors)


if __name__ == "__main__":
    main()
