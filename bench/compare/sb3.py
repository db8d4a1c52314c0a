"""Stable-Baselines3's DQN on Gymnasium CartPole-v1, timed on one thread.

`--preset chapter` is the textbook chapter's settings as far as Stable-Baselines3's public arguments reach.
It differs from pytorch_chapter.py in this:
  1. epsilon falls linearly, reaching .01 where the chapter's .995^k does (919 training steps after the first batch);
  2. the loss is Huber's (smooth L1), which has no argument;
  3. gradients are clipped: the bound is infinite here, but their norm is still computed;
  4. batches are drawn with replacement.
`done` is `terminated or truncated`, as in the chapter (handle_timeout_termination=False). Learning, updates and
target copies come at the same steps.

`--preset zoo` is RL Baselines3 Zoo's published settings for CartPole-v1: 128 updates after every 256 steps; the
target network is copied every 10 environment steps, so only while steps are collected. The loop always ends on a
multiple of 256 steps.
"""

import argparse
import json
import time
from typing import Any

import torch
from stable_baselines3 import DQN
from stable_baselines3.common.callbacks import BaseCallback

CHAPTER: dict[str, Any] = {
    "learning_rate": 1e-3,
    "buffer_size": 10_000,
    "learning_starts": 63,  # "more than": the first update comes with 64 transitions stored
    "batch_size": 64,
    "gamma": 0.99,
    "train_freq": 1,
    "gradient_steps": 1,
    "target_update_interval": 100,
    "exploration_initial_eps": 1.0,
    "exploration_final_eps": 0.01,
    "max_grad_norm": float("inf"),
    "policy_kwargs": {"net_arch": [64, 64]},
    "replay_buffer_kwargs": {"handle_timeout_termination": False},
}
CHAPTER_EXPLORATION_STEPS = 63 + 919  # .995^919 < .01

ZOO: dict[str, Any] = {
    "learning_rate": 2.3e-3,
    "buffer_size": 100_000,
    "learning_starts": 1000,
    "batch_size": 64,
    "gamma": 0.99,
    "train_freq": 256,
    "gradient_steps": 128,
    "target_update_interval": 10,
    "exploration_fraction": 0.16,
    "exploration_final_eps": 0.04,
    "policy_kwargs": {"net_arch": [256, 256]},
}


class RateClock(BaseCallback):
    """Notes the time at which the warm-up ends."""

    def __init__(self, warmup_steps: int) -> None:
        super().__init__()
        self.warmup_steps = warmup_steps
        self.steps_before, self.started = 0, 0.0

    def _on_training_start(self) -> None:
        self.started = time.perf_counter()

    def _on_step(self) -> bool:
        if self.num_timesteps == self.warmup_steps:
            self.steps_before, self.started = self.warmup_steps, time.perf_counter()
        return True


def settings(preset: str, env_steps: int) -> dict[str, Any]:
    if preset == "zoo":
        return ZOO
    return CHAPTER | {"exploration_fraction": min(1.0, CHAPTER_EXPLORATION_STEPS / env_steps)}


def train(preset: str, env_steps: int, seed: int, warmup_steps: int) -> dict[str, Any]:
    model = DQN("MlpPolicy", "CartPole-v1", seed=seed, device="cpu", verbose=0, **settings(preset, env_steps))
    clock = RateClock(warmup_steps)
    started = time.perf_counter()
    model.learn(env_steps, callback=clock)
    ended = time.perf_counter()
    returns = [episode["r"] for episode in model.ep_info_buffer or []]
    return {
        "program": "sb3",
        "preset": preset,
        "seed": seed,
        "env_steps": model.num_timesteps,
        "episodes": model._episode_num,
        "updates": model._n_updates,
        "seconds": ended - started,
        "env_steps_per_second": (model.num_timesteps - clock.steps_before) / (ended - clock.started),
        "warmup_steps": clock.steps_before,
        "last_100_mean_return": sum(returns) / len(returns) if len(returns) == 100 else None,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Stable-Baselines3's DQN on CartPole-v1, timed.")
    parser.add_argument("--preset", choices=("chapter", "zoo"), default="chapter")
    parser.add_argument("--env-steps", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--warmup-steps", type=int, default=0, help="steps before the clock of the rate starts")
    parser.add_argument("--json", action="store_true", help="print one JSON line")
    args = parser.parse_args()
    torch.set_num_threads(1)
    report = train(args.preset, args.env_steps, args.seed, args.warmup_steps)
    print(json.dumps(report) if args.json else "\n".join(f"{key}: {value}" for key, value in report.items()))


if __name__ == "__main__":
    main()
