"""DQN from pixels with CleanRL's settings (dqn_atari.py) in plain PyTorch on ale-py's vector environment, timed.

Adam with a step size of 1e-4, batch 32, an update for every fourth step, the target copied every 1,000 steps, one
game, rewards clipped, a lost life is an end. It differs from CleanRL in this, all of it faster:
  1. ale-py's AtariVectorEnv, in C++, steps the game, in place of Gym's and Stable-Baselines3's wrappers;
  2. the replay holds whole stacks as uint8 in one array, drawn from with replacement, and nothing is logged;
  3. learning begins after --warmup-steps, where the clock starts, with epsilon at its end (0.01) from then on.
"""

import argparse
import json
import time
from typing import Any

import numpy as np
import torch
from ale_py.vector_env import AtariVectorEnv
from pytorch_pixels import nature_network
from torch import nn

BATCH_SIZE, GAMMA, TRAIN_EVERY, COPY_EVERY, EPSILON = 32, 0.99, 4, 1_000, 0.01


class Replay:
    """The newest `capacity` transitions, as arrays."""

    def __init__(self, capacity: int) -> None:
        self.observations = np.zeros((capacity, 4, 84, 84), np.uint8)
        self.next_observations = np.zeros_like(self.observations)
        self.actions = np.zeros(capacity, np.int64)
        self.rewards = np.zeros(capacity, np.float32)
        self.dones = np.zeros(capacity, np.float32)
        self.capacity, self.count = capacity, 0

    def add(self, *transition: Any) -> None:
        at = self.count % self.capacity
        self.observations[at], self.next_observations[at], self.actions[at], self.rewards[at], self.dones[at] = transition
        self.count += 1

    def sample(self, rng: np.random.Generator) -> tuple[torch.Tensor, ...]:
        index = rng.integers(min(self.count, self.capacity), size=BATCH_SIZE)
        fields = (self.observations, self.next_observations, self.actions, self.rewards, self.dones)
        return tuple(torch.from_numpy(field[index]) for field in fields)


def train(game: str, env_steps: int, warmup_steps: int, seed: int) -> dict[str, Any]:
    env = AtariVectorEnv(game, 1, reward_clipping=True, use_fire_reset=False, episodic_life=True)
    rng = np.random.default_rng(seed)
    action_count = int(env.single_action_space.n)
    q_network, target_network = nature_network(action_count), nature_network(action_count)
    target_network.load_state_dict(q_network.state_dict())
    optimizer = torch.optim.Adam(q_network.parameters(), lr=1e-4)
    replay = Replay(10_000)
    updates, started = 0, 0.0
    observation, _ = env.reset(seed=seed)
    for step in range(env_steps):
        if step == warmup_steps:
            started = time.perf_counter()
        if step < warmup_steps or rng.random() < EPSILON:
            action = rng.integers(action_count, size=1)
        else:
            with torch.no_grad():
                action = q_network(torch.from_numpy(observation)).argmax(dim=1).numpy()
        following, reward, terminated, truncated, _ = env.step(action)
        replay.add(observation[0], following[0], action[0], reward[0], float(terminated[0]))
        observation = following
        if step >= warmup_steps and step % TRAIN_EVERY == 0:
            states, next_states, actions, rewards, dones = replay.sample(rng)
            with torch.no_grad():
                target = rewards + GAMMA * target_network(next_states).max(dim=1).values * (1 - dones)
            q = q_network(states).gather(1, actions[:, None]).squeeze(1)
            loss = nn.functional.mse_loss(q, target)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            updates += 1
        if step % COPY_EVERY == 0:
            target_network.load_state_dict(q_network.state_dict())
    seconds = time.perf_counter() - started
    return {
        "program": "pytorch_atari",
        "env_steps": env_steps,
        "updates": updates,
        "seconds": seconds,
        "warmup_steps": warmup_steps,
        "env_steps_per_second": (env_steps - warmup_steps) / seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="DQN on an Atari game with CleanRL's settings in PyTorch, timed.")
    parser.add_argument("--game", default="pong", help="ale-py's name")
    parser.add_argument("--env-steps", type=int, default=5000)
    parser.add_argument("--warmup-steps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print one JSON line")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    report = train(args.game, args.env_steps, args.warmup_steps, args.seed)
    print(json.dumps(report) if args.json else "\n".join(f"{key}: {value}" for key, value in report.items()))


if __name__ == "__main__":
    main()
