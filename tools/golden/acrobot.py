"""Golden trajectories of Gymnasium's Acrobot-v1, for the native environment.

Run: python tools/golden/acrobot.py   (writes tests/golden/acrobot.safetensors)

`<seed>`: two episodes that swing up to the goal; for every fourth seed the first is one of random torques instead, which
runs into the limit of 500 steps. `single`: single steps from states all over the space; both speed limits and angles
that must be wrapped are among them, and one in ten ends just below or above the goal. `resets`: first observations that
float64 cosines and sines, rounded, do not give: Gymnasium's state is float32 until the first step, and NumPy's float32
functions are others.
"""

import gymnasium
import numpy as np

from common import Tensors, save
from trajectories import random_policy, record, record_single_steps, with_prefix

SEEDS = range(20)
RANDOM_EVERY_SEEDS = 4
SINGLE_STEPS = 400
NEAR_GOAL_STEPS = 40
CANDIDATES = 20000
RESETS = 40


def swing_up(observation: np.ndarray) -> int:
    """Turn the joint the way it is turning, so that the torque adds energy."""
    return 2 if observation[5] > 0 else 0


def single_steps() -> Tensors:
    rng = np.random.default_rng(0)
    bound = np.array([np.pi, np.pi, 4 * np.pi, 9 * np.pi])
    before = rng.uniform(-bound, bound, (CANDIDATES, 4))
    case = record_single_steps("Acrobot-v1", before, rng.integers(0, 3, CANDIDATES))
    angle1, angle2, velocity1, velocity2 = case["states"].T
    from_goal = abs(-np.cos(angle1) - np.cos(angle1 + angle2) - 1)
    near_goal = np.argsort(from_goal, kind="stable")[:NEAR_GOAL_STEPS]
    chosen = np.concatenate([near_goal, np.arange(SINGLE_STEPS - NEAR_GOAL_STEPS)])
    below = int((case["terminated"][near_goal] == 0).sum())
    print(f"single: {below} of {NEAR_GOAL_STEPS} below the goal, all within {from_goal[near_goal].max():.4f} m, ", end="")
    capped = [int((abs(v) == limit)[chosen].sum()) for v, limit in ((velocity1, bound[2]), (velocity2, bound[3]))]
    print(f"{capped} of {SINGLE_STEPS} at the speed limits")
    return {key: column[chosen] for key, column in case.items()}


def telling_resets() -> Tensors:
    """The first seeds whose first observation tells NumPy's float32 functions from the float64 ones."""
    env = gymnasium.make("Acrobot-v1")
    seeds: list[int] = []
    observations: list[np.ndarray] = []
    seed = 0
    while len(seeds) < RESETS:
        observation, _ = env.reset(seed=seed)
        angles = np.array(env.unwrapped.state[:2], np.float64)
        rounded = np.array([np.cos(angles), np.sin(angles)]).T.ravel().astype(np.float32)
        if (observation[:4] != rounded).any():
            seeds.append(seed)
            observations.append(observation)
        seed += 1
    return {"seeds": np.array(seeds, np.int64), "observations": np.array(observations)}


def main() -> None:
    tensors: Tensors = {}
    for seed in SEEDS:
        truncated = seed % RANDOM_EVERY_SEEDS == 0
        first = random_policy(1000 + seed, 3) if truncated else swing_up
        case = record("Acrobot-v1", seed, [first, swing_up])
        if case["truncated"].sum() != truncated or case["terminated"].sum() != 2 - truncated:
            raise ValueError(f"seed {seed}: an episode ended in another way than was meant")
        tensors |= with_prefix(str(seed), case)
    save("acrobot", tensors | with_prefix("single", single_steps()) | with_prefix("resets", telling_resets()))


if __name__ == "__main__":
    main()
