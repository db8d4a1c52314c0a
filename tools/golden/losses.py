"""Golden categorical projections and losses, and quantile Huber losses, with gradients, float32.

Run: python tools/golden/losses.py   (writes tests/golden/losses.safetensors)

Gradients are of the sum over the batch.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from common import Tensors, refuse_rounding, save
from mlp import gradient_of, random_normal, to_array
from values import categorical_loss, midpoints, project, quantile_loss, support

ROUNDING = 3e-6  # `random`: positions up to 50, in bins


class Projection(NamedTuple):
    batch: int
    v_min: float
    v_max: float
    atoms: int
    rewards: tuple[float, ...]  # drawn among these, or normal with this standard deviation
    discounts: tuple[float, ...]  # drawn among these


class Quantile(NamedTuple):
    batch: int
    predicted: int
    wanted: int
    fixed_taus: bool


PROJECTIONS = {
    "random": Projection(16, -10, 10, 51, (3.0,), (0.99, 0.9801, 0.0)),
    "random_odd": Projection(7, -1, 3, 6, (0.5,), (0.9,)),
    "two_atoms": Projection(5, 0, 1, 2, (0.3,), (0.5, 0.0)),
    # Every number is exact in float32, so that atoms lie exactly on bins (or midway, by the .5).
    "on_bins": Projection(16, -2, 2, 9, (-1.0, -0.5, 0.0, 0.5, 1.0), (1.0, 0.5)),
    "clamped": Projection(9, -2, 2, 11, (-5.0, -2.0, 1.9, 2.0, 7.0), (0.99,)),
    "end": Projection(9, -2, 2, 11, (-3.0, -2.0, -0.1, 0.0, 0.77, 2.0, 2.5), (0.0,)),
}
QUANTILES = {
    "one": Quantile(3, 1, 1, True),
    "square": Quantile(16, 7, 7, True),
    "oblong": Quantile(16, 5, 6, False),
    "odd": Quantile(3, 33, 9, False),
    "large": Quantile(4, 64, 64, False),
}


def projection(
    name: str, case: Projection, rng: np.random.Generator, dtype: torch.dtype
) -> Tensors:
    def drawn(values: tuple[float, ...]) -> Tensor:
        return torch.from_numpy(rng.choice(np.array(values, np.float32), case.batch))

    probabilities = random_normal(rng, case.batch, case.atoms).softmax(dim=1).to(dtype)
    rewards = drawn(case.rewards)
    if len(case.rewards) == 1:
        rewards *= random_normal(rng, case.batch)
    rewards, discounts = rewards.to(dtype), drawn(case.discounts).to(dtype)
    atoms = support(case.v_min, case.v_max, case.atoms).to(dtype)
    wanted_atoms = rewards.unsqueeze(1) + discounts.unsqueeze(1) * atoms
    projected = project(wanted_atoms, probabilities, case.v_min, case.v_max, case.atoms)
    logits = random_normal(rng, case.batch, case.atoms).to(dtype).requires_grad_()
    loss = categorical_loss(logits, projected)
    loss.sum().backward()
    return {
        f"{name}.range": np.array([case.v_min, case.v_max], np.float32),
        f"{name}.probabilities": to_array(probabilities),
        f"{name}.rewards": to_array(rewards),
        f"{name}.discounts": to_array(discounts),
        f"{name}.projected": to_array(projected),
        f"{name}.logits": to_array(logits),
        f"{name}.loss": to_array(loss),
        f"{name}.logits_grad": to_array(gradient_of(logits)),
    }


def quantile(name: str, case: Quantile, rng: np.random.Generator, dtype: torch.dtype) -> Tensors:
    taus = torch.from_numpy(rng.random((case.batch, case.predicted))).float()
    if case.fixed_taus:
        taus = midpoints(case.predicted).float().expand(case.batch, -1)
    predicted = random_normal(rng, case.batch, case.predicted).to(dtype).requires_grad_()
    wanted = 1.5 * random_normal(rng, case.batch, case.wanted).to(dtype)
    loss = quantile_loss(predicted, taus.to(dtype), wanted)
    loss.sum().backward()
    return {
        f"{name}.taus": to_array(taus),
        f"{name}.predicted": to_array(predicted),
        f"{name}.wanted": to_array(wanted),
        f"{name}.loss": to_array(loss),
        f"{name}.predicted_grad": to_array(gradient_of(predicted)),
    }


def main() -> None:
    torch.set_num_threads(1)
    tensors: Tensors = {}
    groups = (("projection", PROJECTIONS, projection), ("quantile", QUANTILES, quantile))
    for group, cases, make in groups:
        for seed, (case_name, case) in enumerate(cases.items()):
            name = f"{group}.{case_name}"
            single, double = (
                make(name, case, np.random.default_rng(seed), dtype)
                for dtype in (torch.float32, torch.float64)
            )
            refuse_rounding(name, single, double, ROUNDING)
            tensors |= single
    save("losses", tensors)


if __name__ == "__main__":
    main()
