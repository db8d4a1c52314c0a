"""The multilayer perceptrons of network.py and update.py: ReLU between layers, none at the end.

All random values come from NumPy, whose streams are the same on every processor; PyTorch's differ
in the last bit with the vector instructions found.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from common import Tensors

# Means over the batch, of (predicted, wanted).
LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mse": functional.mse_loss,
    "huber": functional.huber_loss,
}


def random_normal(rng: np.random.Generator, *shape: int) -> Tensor:
    return torch.from_numpy(rng.standard_normal(shape, np.float32))


def random_actions(rng: np.random.Generator, actions: int, batch: int) -> Tensor:
    return torch.from_numpy(rng.integers(0, actions, batch))


def make_network(rng: np.random.Generator, sizes: Sequence[int]) -> nn.Sequential:
    """`sizes` is input, hidden..., outputs. Initially uniform in +-1/sqrt(inputs), float32."""
    network = nn.Sequential()
    for i, (inputs, outputs) in enumerate(pairwise(sizes)):
        if i > 0:
            network.append(nn.ReLU())
        network.append(nn.Linear(inputs, outputs))
    for _, layer in linear_layers(network):
        bound = layer.in_features**-0.5
        for parameter in layer.parameters():
            values = rng.uniform(-bound, bound, tuple(parameter.shape))
            parameter.data.copy_(torch.from_numpy(values))
    return network


def linear_layers(network: nn.Sequential) -> Iterator[tuple[int, nn.Linear]]:
    return enumerate(layer for layer in network if isinstance(layer, nn.Linear))


def parameters_of(network: nn.Sequential, prefix: str) -> Tensors:
    tensors: Tensors = {}
    for i, layer in linear_layers(network):
        tensors[f"{prefix}.{i}.weight"] = to_array(layer.weight)
        tensors[f"{prefix}.{i}.bias"] = to_array(layer.bias)
    return tensors


def gradient_of(parameter: Tensor) -> Tensor:
    if parameter.grad is None or not parameter.grad.any():
        raise ValueError("no gradient reaches a parameter; choose another seed")
    return parameter.grad


def to_array(tensor: Tensor) -> np.ndarray:
    """A copy, since the tensor may change; a scalar becomes an array of shape [1]."""
    return np.atleast_1d(tensor.detach().numpy().copy())


def chosen_q(q_values: Tensor, actions: Tensor) -> Tensor:
    """q_values [batch, actions], actions int64 [batch] -> [batch]."""
    return q_values.gather(1, actions.unsqueeze(1)).squeeze(1)
