"""Golden forward and backward passes of multilayer perceptrons in PyTorch, float32.

Run: python tools/golden/network.py   (writes tests/golden/network.safetensors)

The loss is the batch mean of (q[action] - target)^2 for `mse`, and of Huber with delta 1
(e^2 / 2 inside, |e| - 1/2 outside) for `huber`. Targets lie around q, some further away than 1.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch.nn.utils import get_total_norm

from common import Tensors, save
from mlp import (
    LOSSES,
    chosen_q,
    gradient_of,
    linear_layers,
    make_network,
    parameters_of,
    random_actions,
    random_normal,
    to_array,
)


class Case(NamedTuple):
    batch: int
    inputs: int
    outputs: int
    hidden: tuple[int, ...]


CASES = {
    "linear_tiny": Case(1, 1, 1, ()),
    "linear": Case(5, 7, 3, ()),
    "one_hidden": Case(3, 4, 2, (8,)),
    "one_hidden_odd": Case(17, 17, 9, (33,)),
    "chapter": Case(64, 4, 2, (64, 64)),
    "two_hidden_odd": Case(67, 13, 6, (31, 5)),
    "three_hidden": Case(32, 8, 4, (24, 16, 12)),
    "three_hidden_odd": Case(7, 3, 5, (9, 1, 6)),
}


def passes(name: str, case: Case, seed: int) -> Tensors:
    rng = np.random.default_rng(seed)
    network = make_network(rng, [case.inputs, *case.hidden, case.outputs])
    tensors = parameters_of(network, name)
    observations = random_normal(rng, case.batch, case.inputs)
    actions = random_actions(rng, case.outputs, case.batch)
    q_values = network(observations)
    errors = 1.5 * random_normal(rng, case.batch)
    inside = int((errors.abs() < 1).sum())
    if case.batch > 1 and inside in (0, case.batch):
        raise ValueError(f"{name}: only one branch of the Huber loss is met")
    targets = (chosen_q(q_values, actions) - errors).detach()
    tensors |= {
        f"{name}.meta": np.array([case.batch, case.inputs, case.outputs, *case.hidden], np.int64),
        f"{name}.input": to_array(observations),
        f"{name}.output": to_array(q_values),
        f"{name}.actions": to_array(actions.int()),
        f"{name}.targets": to_array(targets),
    }
    for loss_name, loss_function in LOSSES.items():
        network.zero_grad()
        loss = loss_function(chosen_q(network(observations), actions), targets)
        loss.backward()
        prefix = f"{name}.{loss_name}"
        tensors[f"{prefix}.value"] = to_array(loss)
        for i, layer in linear_layers(network):
            tensors[f"{prefix}.{i}.weight_grad"] = to_array(gradient_of(layer.weight))
            tensors[f"{prefix}.{i}.bias_grad"] = to_array(gradient_of(layer.bias))
        norm = get_total_norm([gradient_of(parameter) for parameter in network.parameters()])
        tensors[f"{prefix}.grad_norm"] = to_array(norm)
    return tensors


def main() -> None:
    torch.set_num_threads(1)
    tensors: Tensors = {}
    for seed, (name, case) in enumerate(CASES.items()):
        tensors |= passes(name, case, seed)
    save("network", tensors)


if __name__ == "__main__":
    main()
