"""Golden forward and backward passes of convolutional networks on stacks of frames, float32.

Run: python tools/golden/pixels.py   (writes tests/golden/pixels.safetensors)

The Nature network (Mnih et al. 2015) has 1.7 million parameters, too many for a golden file. They
and the frames come from a stream that the tests can draw too, NumPy's PCG64; of each gradient only
some entries are kept, and its norm. The loss is sum(output * coefficients).
"""

import math
from typing import NamedTuple

import numpy as np
import torch

from common import Tensors, refuse_rounding, save
from mlp import to_array
from qnetwork import QNetwork, Shape, gradients_of

ROUNDING = 5e-7
KEPT = 150  # about so many entries of each gradient

NATURE = ((32, 8, 4), (64, 4, 2), (64, 3, 1))


class Case(NamedTuple):
    batch: int
    shape: Shape  # inputs: rows, columns, frames in a stack


CASES = {
    "nature": Case(2, Shape((84, 84, 4), (512,), 6, convolutions=NATURE)),
    "dueling": Case(3, Shape((13, 11, 3), (20,), 4, convolutions=((6, 3, 2), (5, 2, 1)), dueling=True)),
}


def draw(rng: np.random.Generator, shape: Shape) -> QNetwork:
    """Weights, then biases, layer by layer, uniform in +-1/sqrt(inputs)."""
    network = QNetwork(shape)
    for layer in network.layers.values():
        bound = 1 / math.sqrt(layer.weight.shape[1])
        for parameter in (layer.weight, layer.bias):
            values = rng.uniform(-bound, bound, tuple(parameter.shape))
            parameter.data.copy_(torch.from_numpy(values))
    return network


def passes(name: str, case: Case, seed: int, dtype: torch.dtype) -> Tensors:
    rng = np.random.default_rng(seed)
    network = draw(rng, case.shape).to(dtype)
    height, width, stack = case.shape.inputs
    frames = rng.integers(0, 256, (case.batch, stack, height, width))
    observations = torch.from_numpy(frames).to(dtype) / 255
    output = network(observations.permute(0, 2, 3, 1))
    coefficients = torch.from_numpy(rng.uniform(-1, 1, tuple(output.shape))).float().to(dtype)
    (output * coefficients).sum().backward()
    tensors = {
        f"{name}.meta": np.array([seed, case.batch, stack, height, width, case.shape.actions], np.int64),
        f"{name}.convolutions": np.array(case.shape.convolutions, np.int64),
        f"{name}.hidden": np.array(case.shape.hidden, np.int64),
        f"{name}.dueling": np.array([case.shape.dueling], np.int64),
        f"{name}.coefficients": to_array(coefficients),
        f"{name}.output": to_array(output),
    }
    for key, gradient in gradients_of(network, name).items():
        flat = gradient.ravel()
        tensors[key] = flat[:: max(1, flat.size // KEPT)]
        tensors[f"{key}_norm"] = np.array([np.linalg.norm(flat.astype(np.float64))], flat.dtype)
    return tensors


def main() -> None:
    torch.set_num_threads(1)
    tensors: Tensors = {}
    for seed, (name, case) in enumerate(CASES.items()):
        single, double = (passes(name, case, seed, d) for d in (torch.float32, torch.float64))
        refuse_rounding(name, single, double, ROUNDING)
        tensors |= single
    save("pixels", tensors)


if __name__ == "__main__":
    main()
