"""Golden DQN updates: ten whole ones in PyTorch, float32, for three sets of choices.

Run: python tools/golden/update.py   (writes tests/golden/update.safetensors)

One update: q of the next state from the target network (with double DQN at the online network's
argmax), target = reward + discount * q, loss, backward, clip, optimiser step, target sync. Updates
count from 1 for the hard sync, which comes after the step of every update that the period divides.

Each case is run in float64 as well, and refused if any result comes out further apart than
ROUNDING: another engine's float32 could then not be told from a wrong one. (Adam and RMSProp
enlarge the rounding of gradients near 0; another seed helps.) The case `double` learns at 1e-2, so
that the two networks often differ in their argmax.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from common import Tensors, refuse_rounding, save
from mlp import (
    LOSSES,
    chosen_q,
    make_network,
    parameters_of,
    random_actions,
    random_normal,
    to_array,
)

UPDATES = 10
KEPT_UPDATES = (0, 4, 9)
GAMMA = 0.99
ROUNDING = 2e-7
SMALLEST_ARGMAX_GAP = 1e-4  # a closer choice could fall differently in other arithmetic


@dataclass(frozen=True)
class Case:
    seed: int
    sizes: list[int]
    batch: int
    loss: str
    make_optimizer: Callable[[nn.Module], torch.optim.Optimizer]
    double: bool = False
    sync_every_updates: int | None = None  # hard copy
    tau: float | None = None  # soft blend after every update
    max_grad_norm: float = float("inf")


CASES = {
    "chapter": Case(
        2,
        [4, 64, 64, 2],
        64,
        "mse",
        lambda network: torch.optim.Adam(network.parameters(), lr=1e-3),
        sync_every_updates=3,
    ),
    "soft_huber_clip": Case(
        3,
        [6, 32, 16, 3],
        32,
        "huber",
        lambda network: torch.optim.RMSprop(network.parameters(), lr=1e-3, alpha=0.99, eps=1e-8),
        tau=0.05,
        max_grad_norm=0.1,
    ),
    "double": Case(
        1,
        [5, 24, 24, 4],
        16,
        "mse",
        lambda network: torch.optim.Adam(network.parameters(), lr=1e-2),
        double=True,
        sync_every_updates=4,
    ),
}


def make_batch(case: Case, rng: np.random.Generator) -> dict[str, Tensor]:
    inputs, outputs = case.sizes[0], case.sizes[-1]
    return {
        "observations": random_normal(rng, case.batch, inputs),
        "actions": random_actions(rng, outputs, case.batch).int(),
        "rewards": random_normal(rng, case.batch),
        "discounts": GAMMA * torch.from_numpy(rng.random(case.batch) > 0.15).float(),
        "next_observations": random_normal(rng, case.batch, inputs),
    }


@torch.no_grad()
def targets_of(
    case: Case, online: nn.Module, target: nn.Module, batch: dict[str, Tensor]
) -> Tensor:
    next_q = target(batch["next_observations"])
    if case.double:
        online_q = online(batch["next_observations"])
        best = online_q.topk(2, dim=1).values
        if (best[:, 0] - best[:, 1]).min() < SMALLEST_ARGMAX_GAP:
            raise ValueError("an argmax is too close to call; choose another seed")
        next_value = chosen_q(next_q, online_q.argmax(dim=1))
    else:
        next_value = next_q.max(dim=1).values
    return batch["rewards"] + batch["discounts"] * next_value


@torch.no_grad()
def sync_target(case: Case, update: int, online: nn.Module, target: nn.Module) -> None:
    if case.tau is not None:
        for old, new in zip(target.parameters(), online.parameters(), strict=True):
            old.copy_((1 - case.tau) * old + case.tau * new)
    elif case.sync_every_updates is not None and (update + 1) % case.sync_every_updates == 0:
        target.load_state_dict(online.state_dict())


def run(name: str, case: Case, dtype: torch.dtype) -> Tensors:
    rng = np.random.default_rng(case.seed)
    online = make_network(rng, case.sizes).to(dtype)
    target = copy.deepcopy(online)
    optimizer = case.make_optimizer(online)
    tensors = parameters_of(online, f"{name}.initial")
    for update in range(UPDATES):
        prefix = f"{name}.{update}"
        batch = make_batch(case, rng)
        tensors |= {f"{prefix}.{key}": to_array(tensor) for key, tensor in batch.items()}
        actions = batch.pop("actions").long()
        batch = {key: tensor.to(dtype) for key, tensor in batch.items()}
        targets = targets_of(case, online, target, batch)
        q = chosen_q(online(batch["observations"]), actions)
        loss = LOSSES[case.loss](q, targets)
        optimizer.zero_grad()
        loss.backward()
        grad_norm = clip_grad_norm_(online.parameters(), case.max_grad_norm)
        optimizer.step()
        sync_target(case, update, online, target)
        tensors[f"{prefix}.loss"] = to_array(loss)
        tensors[f"{prefix}.mean_q"] = to_array(q.mean())
        tensors[f"{prefix}.grad_norm"] = to_array(grad_norm)
        if update in KEPT_UPDATES:
            tensors |= parameters_of(online, f"{prefix}.online")
    return tensors | parameters_of(target, f"{name}.{UPDATES - 1}.target")


def main() -> None:
    torch.set_num_threads(1)
    tensors: Tensors = {}
    for name, case in CASES.items():
        single = run(name, case, torch.float32)
        double = run(name, case, torch.float64)
        refuse_rounding(name, single, double, ROUNDING)
        tensors |= single
    save("update", tensors)


if __name__ == "__main__":
    main()
