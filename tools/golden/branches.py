"""Golden updates with actions on several axes (branching), float32: ten whole ones in PyTorch for each of CASES.

Run: python tools/golden/branches.py   (writes tests/golden/branches.safetensors)

The target is the mean over the axes of the next state's value there, the loss the mean over the axes of each one's, and the
advantages' mean is taken over each axis by itself. Actions are numbers of combinations, the last axis fastest. Each case is
run in float64 as well, as in variants.py.
"""

import dataclasses
import math

import numpy as np
import torch
import variants
from torch import Tensor

from common import Tensors, refuse_rounding, save
from mlp import random_actions
from qnetwork import NoiseStream, QNetwork, Shape, make_qnetwork
from values import scalar_loss
from variants import BATCH, SMALLEST_ARGMAX_GAP, Case

AXES = (3, 4, 2)

CASES = {
    "branches": Case(2),
    "branches_double": Case(15, double=True, learning_rate=1e-2),
    "branches_dueling_noisy": Case(0, dueling=True, noisy=True),
    "branches_all": Case(0, loss="huber", dueling=True, double=True, weighted=True, n_step=True, max_grad_norm=0.1),
}


def by_axis(values: Tensor) -> tuple[Tensor, ...]:
    return values.split(AXES, dim=1)


def choices(actions: Tensor) -> list[Tensor]:
    return [torch.from_numpy(one) for one in np.unravel_index(actions.numpy(), AXES)]


class Branches(QNetwork):
    def forward(self, x: Tensor, taus: Tensor | None = None) -> Tensor:
        output = super().forward(x, taus)
        if not self.shape.dueling:
            return output
        # The mean over all actions is taken out of what the other class returns, and each axis' own put in.
        features = x
        for i in range(len(self.shape.hidden)):
            features = self.layers[str(i)](features).relu()
        value, advantage = features.chunk(2, dim=-1)
        value, advantage = self.layers["value"](value), self.layers["advantage"](advantage)
        return torch.cat([value + one - one.mean(dim=1, keepdim=True) for one in by_axis(advantage)], dim=1).unsqueeze(2)


class Learner(variants.Learner):
    @torch.no_grad()
    def wanted(self, batch: dict[str, Tensor], actions: Tensor) -> Tensor:
        online, target = (network(batch["next_observations"]).squeeze(2) for network in (self.online, self.target))
        values = []
        for chosen_by, of_target in zip(by_axis(online if self.case.double else target), by_axis(target), strict=True):
            best = chosen_by.topk(2, dim=1).values
            if (best[:, 0] - best[:, 1]).min() < SMALLEST_ARGMAX_GAP:
                raise ValueError("an argmax is too close to call; choose another seed")
            if (chosen_by.argmax(dim=1) != of_target.argmax(dim=1)).any():
                self.met["online and target choose differently"] = True
            values.append(of_target.gather(1, chosen_by.argmax(dim=1, keepdim=True)))
        mean = torch.cat(values, dim=1).mean(dim=1)
        return (batch["rewards"] + batch["discounts"] * mean).unsqueeze(1)

    def update(self, batch: dict[str, Tensor], actions: Tensor) -> dict[str, Tensor]:
        for network in (self.online, self.target):
            network.draw_noise(self.noise)
        wanted = self.wanted(batch, actions)
        rows = torch.arange(BATCH)
        output = by_axis(self.online(batch["observations"]).squeeze(2))
        taken = torch.stack([one[rows, choice] for one, choice in zip(output, choices(actions), strict=True)], dim=1)
        losses = torch.stack([scalar_loss(one.unsqueeze(1), wanted, self.case.loss).squeeze(1) for one in taken.unbind(1)], dim=1).mean(dim=1)
        loss = (batch["weights"] * losses).mean() if self.case.weighted else losses.mean()
        self.optimizer.zero_grad()
        loss.backward()
        grad_norm = torch.nn.utils.clip_grad_norm_(self.online.parameters(), self.case.max_grad_norm)
        self.optimizer.step()
        errors = (taken - wanted).abs().mean(dim=1)
        return {"loss": loss, "mean_q": taken.mean(), "grad_norm": grad_norm, "errors": errors}


def make_network(rng: np.random.Generator, shape: Shape) -> QNetwork:
    network = make_qnetwork(rng, dataclasses.replace(shape, actions=sum(AXES)))
    network.__class__ = Branches
    return network


def main() -> None:
    torch.set_num_threads(1)
    # The functions of variants.py, with this module's network, learner and actions.
    variants.Learner, variants.make_qnetwork = Learner, make_network
    variants.random_actions = lambda rng, actions, batch: random_actions(rng, math.prod(AXES), batch)
    tensors: Tensors = {}
    for name, case in CASES.items():
        single, double = (variants.run(name, case, dtype) for dtype in (torch.float32, torch.float64))
        refuse_rounding(name, single, double, variants.ROUNDING)
        tensors |= single
    save("branches", tensors)


if __name__ == "__main__":
    main()
