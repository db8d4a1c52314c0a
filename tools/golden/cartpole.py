"""Golden trajectories of Gymnasium's CartPole-v1, for the native environment.

Run: python tools/golden/cartpole.py   (writes tests/golden/cartpole.safetensors)

`random.<seed>`: reset(seed=seed), then whole episodes with reset() in between, so that the later
starts continue the environment's random stream. `balance.<seed>`: one episode under a hand-made
policy that holds the pole until the limit of 500 steps, so that truncation is met.
"""

import numpy as np

from common import Tensors, save
from trajectories import random_policy, record, with_prefix

SEEDS = range(20)
RANDOM_EPISODES = 3
STEP_LIMIT = 500


def balance(observation: np.ndarray) -> int:
    """Push the cart under the falling pole, leaning a little towards the middle of the track."""
    x, x_dot, theta, theta_dot = (float(value) for value in observation)
    return int(theta + 0.5 * theta_dot + 0.02 * x + 0.04 * x_dot > 0)


def main() -> None:
    tensors: Tensors = {}
    truncated_episodes = 0
    for seed in SEEDS:
        pushes = random_policy(1000 + seed, 2)
        balanced = record("CartPole-v1", seed, [balance])
        truncated_episodes += len(balanced["actions"]) == STEP_LIMIT
        tensors |= with_prefix(f"random.{seed}", record("CartPole-v1", seed, [pushes] * RANDOM_EPISODES))
        tensors |= with_prefix(f"balance.{seed}", balanced)
    print(f"balance: {truncated_episodes} of {len(SEEDS)} episodes reached {STEP_LIMIT} steps")
    save("cartpole", tensors)


if __name__ == "__main__":
    main()
