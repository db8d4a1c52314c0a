"""One DQN update in PyTorch on one thread: median and least time, with Adam and with fused Adam.

Timed together, as one update: drawing a batch with replacement from 10000 stored transitions of 4 numbers (held as
tensors, the fast way), the target from the target network, the squared error, its gradient, and the Adam step.
`--fixed-batch` leaves the drawing out. Copying the target network is not timed (it comes once in 100 updates).
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable

import torch
from torch import nn

SHAPES: list[tuple[list[int], int]] = [([64, 64], 64), ([120, 84], 128), ([256, 256], 64)]
STATE_SIZE, ACTION_COUNT, CAPACITY, GAMMA = 4, 2, 10_000, 0.99


def network(hidden_sizes: list[int]) -> nn.Sequential:
    sizes = [STATE_SIZE, *hidden_sizes]
    layers: list[nn.Module] = []
    for inputs, outputs in zip(sizes[:-1], sizes[1:]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], ACTION_COUNT))


def make_update(
    hidden_sizes: list[int], batch_size: int, fused: bool, fixed_batch: bool, **optimizer_options: bool
) -> Callable[[], None]:
    """Lives on PyTorch's default device."""
    q_network, target_network = network(hidden_sizes), network(hidden_sizes)
    target_network.load_state_dict(q_network.state_dict())
    optimizer = torch.optim.Adam(q_network.parameters(), lr=1e-3, fused=fused, **optimizer_options)
    states, next_states = torch.randn(CAPACITY, STATE_SIZE), torch.randn(CAPACITY, STATE_SIZE)
    actions = torch.randint(ACTION_COUNT, (CAPACITY, 1))
    rewards, dones = torch.ones(CAPACITY), (torch.rand(CAPACITY) < 0.02).float()

    def draw() -> tuple[torch.Tensor, ...]:
        index = torch.randint(CAPACITY, (batch_size,))
        return states[index], actions[index], rewards[index], next_states[index], dones[index]

    one_batch = draw()

    def update() -> None:
        state, action, reward, next_state, done = one_batch if fixed_batch else draw()
        with torch.no_grad():
            target = reward + GAMMA * target_network(next_state).max(dim=1).values * (1.0 - done)
        q = q_network(state).gather(1, action).squeeze(1)
        loss = nn.functional.mse_loss(q, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return update


def time_update(update: Callable[[], None], repetitions: int) -> tuple[float, float]:
    """Median and least microseconds of one update, after a tenth as many to warm up."""
    for _ in range(max(10, repetitions // 10)):
        update()
    times = []
    for _ in range(repetitions):
        started = time.perf_counter_ns()
        update()
        times.append((time.perf_counter_ns() - started) / 1000.0)
    return statistics.median(times), min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description="One DQN update in PyTorch, timed.")
    parser.add_argument("--repetitions", type=int, default=2000)
    parser.add_argument("--fixed-batch", action="store_true", help="time the same batch again and again")
    parser.add_argument("--json", action="store_true", help="print one JSON line")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows = []
    for hidden_sizes, batch_size in SHAPES:
        for fused in (False, True):
            update = make_update(hidden_sizes, batch_size, fused, args.fixed_batch)
            median_us, min_us = time_update(update, args.repetitions)
            optimizer = "fused Adam" if fused else "Adam"
            rows.append({"hidden_sizes": hidden_sizes, "batch_size": batch_size, "optimizer": optimizer,
                         "median_us": round(median_us, 2), "min_us": round(min_us, 2)})  # fmt: skip
            if not args.json:
                times = f"median {median_us:.1f} us, least {min_us:.1f} us"
                print(f"{hidden_sizes} batch {batch_size} {optimizer}: {times}")
    if args.json:
        print(json.dumps({"program": "pytorch_update", "fixed_batch": args.fixed_batch, "updates": rows}))


if __name__ == "__main__":
    main()
