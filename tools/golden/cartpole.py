"""Golden trajectories of Gymnasium's CartPole-v1, for the native environment.

Run: python tools/golden/cartpole.py   (writes tests/golden/cartpole.safetensors)

`random.<seed>`: reset(seed=seed), then whole episodes with reset() in between, so that the later
starts continue the environment's random stream. `balance.<seed>`: one episode under a hand-made
policy that holds the pole until the limit of 500 steps, so that truncation is met.
"""

from collections.abc import Callable

import gymnasium
import numpy as np
from gymnasium.envs.classic_control.cartpole import CartPoleEnv

from common import Tensors, save

SEEDS = range(20)
RANDOM_EPISODES = 3
STEP_LIMIT = 500

Policy = Callable[[np.ndarray], int]


def balance(observation: np.ndarray) -> int:
    """Push the cart under the falling pole, leaning a little towards the middle of the track."""
    x, x_dot, theta, theta_dot = (float(value) for value in observation)
    return int(theta + 0.5 * theta_dot + 0.02 * x + 0.04 * x_dot > 0)


def random_policy(seed: int) -> Policy:
    rng = np.random.default_rng(seed)
    return lambda _: int(rng.integers(0, 2))


def record(seed: int, policy: Policy, episodes: int) -> Tensors:
    env = gymnasium.make("CartPole-v1")
    inner = env.unwrapped
    assert isinstance(inner, CartPoleEnv)
    actions: list[int] = []
    observations: list[np.ndarray] = []
    reset_states: list[np.ndarray] = []
    states: list[np.ndarray] = []
    outcomes: list[tuple[float, bool, bool]] = []
    for episode in range(episodes):
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
    rewards, terminations, truncations = zip(*outcomes, strict=True)
    return {
        "actions": np.array(actions, np.int32),
        "observations": np.array(observations, np.float32),
        "reset_states": np.array(reset_states),
        "states": np.array(states),
        "rewards": np.array(rewards, np.float32),
        "terminated": np.array(terminations, np.uint8),
        "truncated": np.array(truncations, np.uint8),
    }


def main() -> None:
    tensors: Tensors = {}
    truncated_episodes = 0
    for seed in SEEDS:
        cases = {
            "random": record(seed, random_policy(1000 + seed), RANDOM_EPISODES),
            "balance": record(seed, balance, 1),
        }
        truncated_episodes += len(cases["balance"]["actions"]) == STEP_LIMIT
        for policy, case in cases.items():
            tensors |= {f"{policy}.{seed}.{key}": tensor for key, tensor in case.items()}
    print(f"balance: {truncated_episodes} of {len(SEEDS)} episodes reached {STEP_LIMIT} steps")
    save("cartpole", tensors)


if __name__ == "__main__":
    main()
