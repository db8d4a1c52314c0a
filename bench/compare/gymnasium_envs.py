"""Steps per second of Gymnasium's environments, as gymnasium.make gives them, on one thread.

Random actions, drawn beforehand so that drawing is not timed; resets included. MinAtar's games take part where its
package is installed (pip install MinAtar==1.0.15). `deepq bench --envs` is the same in deepq.
"""

import argparse
import importlib.util
import json
import logging
import statistics
import time

import gymnasium
import numpy as np

ENVS = ("CartPole-v1", "MountainCar-v0", "Acrobot-v1", "FrozenLake-v1", "CliffWalking-v1", "Taxi-v4")
GAMES = ("Asterix", "Breakout", "Freeway", "Seaquest", "SpaceInvaders")
STEPS_PER_READING = 100  # a few milliseconds, so that the median reading is one that nothing interrupted


def env_ids() -> tuple[str, ...]:
    if importlib.util.find_spec("minatar") is None:
        return ENVS
    logging.disable()  # it warns of what only its pictures need
    from minatar.gym import register_envs

    register_envs()
    return ENVS + tuple(f"MinAtar/{game}-v1" for game in GAMES)


def time_env(env_id: str, seconds: float) -> tuple[float, float]:
    """Median and largest rate of the readings, in steps per second."""
    env = gymnasium.make(env_id)
    env.reset(seed=1)
    rng = np.random.default_rng(1)
    rates = []
    deadline = time.perf_counter() + seconds
    while not rates or time.perf_counter() < deadline:
        actions = rng.integers(env.action_space.n, size=STEPS_PER_READING).tolist()
        started = time.perf_counter()
        for action in actions:
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                env.reset()
        rates.append(STEPS_PER_READING / (time.perf_counter() - started))
    env.close()
    return statistics.median(rates), max(rates)


def main() -> None:
    parser = argparse.ArgumentParser(description="Steps per second of Gymnasium's environments.")
    parser.add_argument("--seconds", type=float, default=1.0, help="for each environment")
    parser.add_argument("--json", action="store_true", help="print one JSON line")
    args = parser.parse_args()
    rows = []
    for env_id in env_ids():
        median, largest = (round(rate, 1) for rate in time_env(env_id, args.seconds))
        rows.append({"id": env_id, "median_steps_per_second": median, "max_steps_per_second": largest})
        if not args.json:
            print(f"{env_id}: median {median:,.0f} steps/s, largest {largest:,.0f}", flush=True)
    if args.json:
        print(json.dumps({"program": "gymnasium_envs", "envs": rows}))


if __name__ == "__main__":
    main()
