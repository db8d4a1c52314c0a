"""The Nature network in PyTorch: one DQN update and the action values of one stack, in processor time.

Timed as one update: drawing 32 pairs of stacks (uint8, whole, in one tensor), the target from the target network, the
Huber loss, its gradient and the optimiser's step. Every combination of memory format and Adam is timed, so that the
best may count. The copy of the target network is not timed.
"""

import argparse
import itertools
import json
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

ACTION_COUNT, BATCH_SIZE, CAPACITY, GAMMA = 6, 32, 4_000, 0.99


class Scaled(nn.Module):
    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        return frames.float() / 255


def nature_network(action_count: int) -> nn.Sequential:
    return nn.Sequential(
        Scaled(),
        *(nn.Conv2d(4, 32, 8, stride=4), nn.ReLU()),
        *(nn.Conv2d(32, 64, 4, stride=2), nn.ReLU()),
        *(nn.Conv2d(64, 64, 3, stride=1), nn.ReLU()),
        nn.Flatten(),
        *(nn.Linear(3136, 512), nn.ReLU()),
        nn.Linear(512, action_count),
    )


def make_works(
    memory_format: torch.memory_format, fused: bool, **optimizer_options: bool
) -> Iterator[tuple[str, Callable[[], None]]]:
    """Live on PyTorch's default device."""
    q_network, target_network = (nature_network(ACTION_COUNT).to(memory_format=memory_format) for _ in range(2))
    target_network.load_state_dict(q_network.state_dict())
    optimizer = torch.optim.Adam(q_network.parameters(), lr=1e-4, fused=fused, **optimizer_options)
    stacks = torch.randint(256, (CAPACITY, 4, 84, 84), dtype=torch.uint8).to(memory_format=memory_format)
    actions = torch.randint(ACTION_COUNT, (CAPACITY, 1))
    rewards, dones = torch.ones(CAPACITY), (torch.rand(CAPACITY) < 0.002).float()
    one = stacks[:1].clone()

    def update() -> None:
        index = torch.randint(CAPACITY - 1, (BATCH_SIZE,))
        with torch.no_grad():
            following = target_network(stacks[index + 1]).max(dim=1).values
            target = rewards[index] + GAMMA * following * (1.0 - dones[index])
        q = q_network(stacks[index]).gather(1, actions[index]).squeeze(1)
        loss = nn.functional.huber_loss(q, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    def act() -> None:
        with torch.inference_mode():
            q_network(one)

    yield "update", update
    if not fused:
        yield "act", act


def time_work(work: Callable[[], None], seconds: float) -> dict[str, float]:
    for _ in range(5):
        work()
    times = []
    deadline = time.perf_counter() + seconds
    while len(times) < 10 or time.perf_counter() < deadline:
        started = time.process_time_ns()
        work()
        times.append((time.process_time_ns() - started) / 1000.0)
    return {"median_us": round(statistics.median(times), 1), "min_us": round(min(times), 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description="The Nature network's update and acting in PyTorch, timed.")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each work and combination")
    parser.add_argument("--json", action="store_true", help="print one JSON line")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows: list[dict[str, Any]] = []
    for memory_format, fused in itertools.product((torch.contiguous_format, torch.channels_last), (False, True)):
        for name, work in make_works(memory_format, fused):
            how = {"memory_format": str(memory_format), "optimizer": "fused Adam" if fused else "Adam"}
            rows.append({"work": name} | how | time_work(work, args.seconds))
            if not args.json:
                print(rows[-1])
    if args.json:
        print(json.dumps({"program": "pytorch_pixels", "pixels": rows}))


if __name__ == "__main__":
    main()
