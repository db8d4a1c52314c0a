"""Golden forward and backward passes of the networks beyond the plain perceptron, float32.

Run: python tools/golden/heads.py   (writes tests/golden/heads.safetensors)

The loss is the sum of output * coefficients: random ones, the gradient at the output. They are
divided by the rows of output, like the gradient of a mean.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from common import Tensors, refuse_rounding, save
from mlp import random_normal, to_array
from qnetwork import NoiseStream, Shape, gradients_of, make_qnetwork, parameters_of

ROUNDING = 5e-7


class Case(NamedTuple):
    batch: int
    shape: Shape
    samples: int = 0  # taus for each row; implicit only


TWO = ((5, 3, 2), (6, 2, 1))
STAGE, STAGES = ((6, 3, 1),), ((4, 3, 1), (6, 3, 1))  # residual: only the channels count

CASES = {
    "dueling": Case(16, Shape((5,), (24, 16), 3, dueling=True)),
    "dueling_wide": Case(16, Shape((5,), (24, 16), 3, width=5, dueling=True)),
    "dueling_one_hidden": Case(8, Shape((4,), (16,), 2, dueling=True)),
    "dueling_odd": Case(7, Shape((3,), (13, 9), 5, width=3, dueling=True)),
    "norm": Case(16, Shape((5,), (24, 16), 3, layer_norm=True)),
    "norm_odd": Case(7, Shape((3,), (13, 9), 5, layer_norm=True)),
    "norm_dueling": Case(16, Shape((5,), (24, 16), 3, layer_norm=True, dueling=True)),
    "norm_dueling_odd": Case(7, Shape((3,), (13, 9), 5, layer_norm=True, dueling=True)),
    "noisy": Case(16, Shape((5,), (24, 16), 3, noisy=True)),
    "noisy_odd": Case(7, Shape((3,), (13, 9), 5, noisy=True)),
    "noisy_dueling": Case(16, Shape((5,), (24, 16), 3, noisy=True, dueling=True)),
    "noisy_dueling_odd": Case(7, Shape((3,), (13, 9), 5, width=3, noisy=True, dueling=True)),
    "noisy_norm_dueling": Case(
        16, Shape((5,), (24, 16), 3, layer_norm=True, noisy=True, dueling=True)
    ),
    "implicit": Case(16, Shape((5,), (24, 16), 3, implicit=True), 8),
    "implicit_odd": Case(7, Shape((3,), (13, 9), 5, implicit=True), 5),
    "implicit_one_hidden": Case(8, Shape((4,), (16,), 2, implicit=True), 3),
    "implicit_dueling": Case(16, Shape((5,), (24, 16), 3, implicit=True, dueling=True), 8),
    "implicit_everything": Case(
        7,
        Shape((3,), (13, 9), 5, implicit=True, dueling=True, layer_norm=True, noisy=True),
        5,
    ),
    "convolution": Case(8, Shape((10, 10, 4), (32,), 3, convolutions=((16, 3, 1),))),
    "two_convolutions": Case(7, Shape((9, 7, 3), (20,), 5, convolutions=TWO)),
    "convolution_dueling": Case(8, Shape((9, 7, 3), (16,), 4, convolutions=TWO, dueling=True)),
    "convolution_noisy_wide": Case(
        8, Shape((9, 7, 3), (16,), 4, 3, convolutions=TWO, dueling=True, noisy=True)
    ),
    "convolution_implicit": Case(4, Shape((9, 7, 3), (16,), 4, convolutions=TWO, implicit=True), 6),
    "residual": Case(3, Shape((8, 8, 4), (16,), 3, convolutions=STAGES, residual=True)),
    "residual_odd": Case(
        2, Shape((9, 7, 3), (12,), 5, convolutions=((5, 3, 1), (17, 3, 1)), residual=True)
    ),
    "residual_smallest": Case(2, Shape((3, 3, 1), (8,), 2, convolutions=STAGE, residual=True)),
    "residual_noisy_dueling_wide": Case(
        3,
        Shape((7, 10, 3), (8,), 4, 3, convolutions=STAGES, dueling=True, noisy=True, residual=True),
    ),
    "residual_implicit_norm": Case(
        3,
        Shape((9, 7, 3), (8,), 4, convolutions=STAGE, implicit=True, layer_norm=True, residual=True),
        5,
    ),
}


def passes(name: str, case: Case, seed: int, dtype: torch.dtype) -> Tensors:
    rng = np.random.default_rng(seed)
    shape = case.shape
    network = make_qnetwork(rng, shape).to(dtype)
    tensors = parameters_of(network, name)
    noise = NoiseStream(seed)
    network.draw_noise(noise)
    taus: Tensor | None = None
    if shape.implicit:
        taus = noise.taus(case.batch, case.samples)
        tensors[f"{name}.taus"] = to_array(taus)
    observations = random_normal(rng, case.batch, *shape.inputs).to(dtype)
    output = network(observations, taus)
    rows = case.batch * max(1, case.samples)
    coefficients = (random_normal(rng, *output.shape) / rows).to(dtype)
    (output * coefficients).sum().backward()
    flags = [shape.dueling, shape.layer_norm, shape.noisy, shape.implicit]
    sizes = [case.batch, shape.actions, shape.width, case.samples, seed]
    tensors |= {
        f"{name}.meta": np.array([*sizes, *flags], np.int64),
        f"{name}.hidden": np.array(shape.hidden, np.int64),
        f"{name}.input": to_array(observations),
        f"{name}.output": to_array(output),
        f"{name}.coefficients": to_array(coefficients),
    }
    if shape.convolutions:
        tensors[f"{name}.convolutions"] = np.array(shape.convolutions, np.int64)
    if shape.residual:
        tensors[f"{name}.residual"] = np.array([1], np.int64)
    return tensors | gradients_of(network, name)


def stream(name: str, seed: int) -> Tensors:
    """Alternately 3 factors and 2 taus, 4 times: with one normal kept over the taus or not."""
    noise = NoiseStream(seed)
    drawn = [(noise.factors(3), noise.taus(2)) for _ in range(4)]
    factors, taus = zip(*drawn, strict=True)
    return {
        f"{name}.seed": np.array([seed], np.int64),
        f"{name}.factors": to_array(torch.stack(factors)),
        f"{name}.taus": to_array(torch.stack(taus)),
    }


def main() -> None:
    torch.set_num_threads(1)
    tensors = stream("stream", 42)
    for seed, (name, case) in enumerate(CASES.items()):
        single, double = (passes(name, case, seed, d) for d in (torch.float32, torch.float64))
        refuse_rounding(name, single, double, ROUNDING)
        tensors |= single
    save("heads", tensors)


if __name__ == "__main__":
    main()
