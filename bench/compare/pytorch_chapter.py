"""The textbook chapter's DQN agent as a plain PyTorch program on Gymnasium CartPole-v1.

Written as a careful learner would write it, with the chapter's settings: 64-64 ReLU network, Adam 1e-3,
squared error, gamma .99, epsilon 1 -> .01 times .995 per training step, a deque of 10000 transitions sampled
without replacement, batch 64, target network copied every 100 training steps. It learns as soon as the buffer
holds one batch, once per environment step, and `done` is `terminated or truncated`, as in the chapter.

Sources: Mnih et al. 2015 (algorithm 1); the settings are row 9 of deepq's contract (preset `chapter`).
"""

import argparse
import json
import random
import time
from collections import deque

import gymnasium as gym
import numpy as np
import torch
from torch import nn

GAMMA = 0.99
LEARNING_RATE = 1e-3
EPSILON_START, EPSILON_END, EPSILON_DECAY = 1.0, 0.01, 0.995
BUFFER_CAPACITY = 10_000
BATCH_SIZE = 64
TARGET_UPDATE_EVERY = 100  # training steps
SOLVED_MEAN_RETURN = 195.0  # over the last 100 episodes


class QNetwork(nn.Module):
    """State in, the values of all actions out."""

    def __init__(self, state_size: int, action_count: int, hidden: int = 64) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(state_size, hidden), nn.ReLU(),
            nn.Linear(hidden, hidden), nn.ReLU(),
            nn.Linear(hidden, action_count),
        )  # fmt: skip

    def forward(self, state: torch.Tensor) -> torch.Tensor:
        return self.layers(state)


class ReplayBuffer:
    """The last `capacity` transitions; a batch is drawn without replacement."""

    def __init__(self, capacity: int) -> None:
        self.transitions: deque = deque(maxlen=capacity)

    def push(self, state: np.ndarray, action: int, reward: float, next_state: np.ndarray, done: bool) -> None:
        self.transitions.append((state, action, reward, next_state, done))

    def sample(self, batch_size: int) -> tuple[torch.Tensor, ...]:
        states, actions, rewards, next_states, dones = zip(*random.sample(self.transitions, batch_size))
        return (
            torch.from_numpy(np.array(states)),
            torch.tensor(actions),
            torch.tensor(rewards, dtype=torch.float32),
            torch.from_numpy(np.array(next_states)),
            torch.tensor(dones, dtype=torch.float32),
        )

    def __len__(self) -> int:
        return len(self.transitions)


class DQNAgent:
    def __init__(self, state_size: int, action_count: int) -> None:
        self.action_count = action_count
        self.q_network = QNetwork(state_size, action_count)
        self.target_network = QNetwork(state_size, action_count)
        self.target_network.load_state_dict(self.q_network.state_dict())
        self.optimizer = torch.optim.Adam(self.q_network.parameters(), lr=LEARNING_RATE)
        self.buffer = ReplayBuffer(BUFFER_CAPACITY)
        self.epsilon = EPSILON_START
        self.training_steps = 0

    def act(self, state: np.ndarray) -> int:
        if random.random() < self.epsilon:
            return random.randrange(self.action_count)
        with torch.no_grad():
            return int(self.q_network(torch.from_numpy(state).unsqueeze(0)).argmax(dim=1).item())

    def train_step(self) -> None:
        if len(self.buffer) < BATCH_SIZE:
            return
        states, actions, rewards, next_states, dones = self.buffer.sample(BATCH_SIZE)
        q = self.q_network(states).gather(1, actions.unsqueeze(1)).squeeze(1)
        with torch.no_grad():
            next_q = self.target_network(next_states).max(dim=1).values
            target = rewards + GAMMA * next_q * (1.0 - dones)
        loss = nn.functional.mse_loss(q, target)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

        self.training_steps += 1
        if self.training_steps % TARGET_UPDATE_EVERY == 0:
            self.target_network.load_state_dict(self.q_network.state_dict())
        self.epsilon = max(EPSILON_END, self.epsilon * EPSILON_DECAY)


def learning_figures(returns: list[float]) -> dict[str, float | int | None]:
    """What the run learnt, over windows of 100 whole episodes; episodes count from 1."""
    if len(returns) < 100:
        return {"first_episode_solved": None, "best_100_mean_return": None, "last_100_mean_return": None}
    means = np.convolve(returns, np.ones(100) / 100.0, mode="valid")
    solved = np.flatnonzero(means > SOLVED_MEAN_RETURN)
    return {
        "first_episode_solved": int(solved[0]) + 100 if len(solved) else None,
        "best_100_mean_return": round(float(means.max()), 3),
        "last_100_mean_return": round(float(means[-1]), 3),
    }


def train(seed: int, env_steps: int, episodes: int, warmup_steps: int, quiet: bool) -> dict:
    """Trains until `env_steps` or `episodes` (0 = no such limit) are reached and returns the JSON line's content."""
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    env = gym.make("CartPole-v1")
    agent = DQNAgent(env.observation_space.shape[0], int(env.action_space.n))

    returns: list[float] = []
    episode_return, step = 0.0, 0
    started = rate_started = time.perf_counter()
    state, _ = env.reset(seed=seed)
    while (not env_steps or step < env_steps) and (not episodes or len(returns) < episodes):
        action = agent.act(state)
        next_state, reward, terminated, truncated, _ = env.step(action)
        done = terminated or truncated
        agent.buffer.push(state, action, float(reward), next_state, done)
        agent.train_step()
        state = next_state
        episode_return += float(reward)
        step += 1
        if done:
            returns.append(episode_return)
            episode_return = 0.0
            state, _ = env.reset()
            if not quiet and len(returns) % 20 == 0:
                average = np.mean(returns[-20:])
                print(f"Episode {len(returns)}, mean return {average:.1f}, epsilon {agent.epsilon:.3f}")
        if step == warmup_steps:
            rate_started = time.perf_counter()
    ended = time.perf_counter()
    env.close()

    report = {
        "program": "pytorch_chapter",
        "seed": seed,
        "env_steps": step,
        "episodes": len(returns),
        "updates": agent.training_steps,
        "seconds": ended - started,
        "env_steps_per_second": (step - (warmup_steps if step > warmup_steps else 0)) / (ended - rate_started),
        "warmup_steps": warmup_steps,
    }
    return report | learning_figures(returns)


def main() -> None:
    parser = argparse.ArgumentParser(description="The chapter's DQN in plain PyTorch, timed.")
    parser.add_argument("--env-steps", type=int, default=0, help="stop after so many steps (5000 if --episodes is 0)")
    parser.add_argument("--episodes", type=int, default=0, help="stop after so many episodes (0: no such limit)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--warmup-steps", type=int, default=0, help="steps before the clock of the rate starts")
    parser.add_argument("--json", action="store_true", help="print one JSON line and nothing else")
    args = parser.parse_args()
    torch.set_num_threads(1)
    env_steps = args.env_steps if args.env_steps or args.episodes else 5000
    report = train(args.seed, env_steps, args.episodes, args.warmup_steps, quiet=args.json)
    if args.json:
        print(json.dumps(report))
    else:
        print("\n".join(f"{key}: {value}" for key, value in report.items()))


if __name__ == "__main__":
    main()
