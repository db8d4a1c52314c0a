"""Golden optimiser steps: PyTorch's Adam, RAdam and RMSProp, and the RMSProp of Nature's DQN.

Run: python tools/golden/optimizer.py   (writes tests/golden/optimizer.safetensors)

PyTorch's RMSProp adds epsilon outside the square root: p -= lr g / (sqrt(n - m^2) + eps), with
m = 0 when not centred. The DQN of Nature (Mnih et al. 2015) has it inside, p -= lr g /
sqrt(n - m^2 + eps): `rmsprop_nature`, computed here in float64 and stored as float32.
PyTorch's RAdam adds epsilon to the root of the uncorrected second moment, and leaves the root out
for the first five steps here.
Cases named `*_clip` first clip the gradient with torch.nn.utils.clip_grad_norm_, which multiplies
it by min(1, max_norm / (norm + 1e-6)).
"""

from collections.abc import Callable

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_, get_total_norm

from common import Tensors, save

SIZE = 333
STEPS = 10
MAX_NORM = 0.5
GRADIENT_NORMS = (0.3, 2.0, 0.05, 10.0, 0.49, 0.51, 1e-3, 0.7, 0.2, 100.0)

MakeOptimizer = Callable[[list[torch.Tensor]], torch.optim.Optimizer]

OPTIMIZERS: dict[str, MakeOptimizer] = {
    "adam": lambda p: torch.optim.Adam(p, lr=1e-3, betas=(0.9, 0.999), eps=1e-8),
    "adam_atari": lambda p: torch.optim.Adam(p, lr=6.25e-5, betas=(0.9, 0.999), eps=1.5e-4),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=2.5e-4, alpha=0.95, eps=0.01),
    "rmsprop_centered": lambda p: torch.optim.RMSprop(
        p, lr=2.5e-4, alpha=0.95, eps=0.01, centered=True
    ),
    "radam": lambda p: torch.optim.RAdam(p, lr=1e-3, betas=(0.9, 0.999), eps=1e-8),
    "radam_eps": lambda p: torch.optim.RAdam(p, lr=1e-3, betas=(0.9, 0.999), eps=1e-4),
}


def make_gradients(rng: np.random.Generator) -> np.ndarray:
    """[STEPS, SIZE] of very different sizes; a tenth is exactly 0, some elements in every step."""
    gradients = rng.standard_normal((STEPS, SIZE)) * 10.0 ** rng.uniform(-3, 0, SIZE)
    gradients[rng.random((STEPS, SIZE)) < 0.1] = 0
    gradients[:, ::37] = 0
    norms = np.linalg.norm(gradients, axis=1, keepdims=True)
    return (gradients * np.array(GRADIENT_NORMS)[:, None] / norms).astype(np.float32)


def torch_steps(
    make: MakeOptimizer, initial: np.ndarray, gradients: np.ndarray, clip: bool
) -> np.ndarray:
    parameter = torch.from_numpy(initial.copy()).requires_grad_()
    optimizer = make([parameter])
    after = []
    for gradient in gradients:
        parameter.grad = torch.from_numpy(gradient.copy())
        if clip:
            clip_grad_norm_([parameter], MAX_NORM)
        optimizer.step()
        after.append(parameter.detach().numpy().copy())
    return np.array(after)


def nature_steps(initial: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    lr, decay, epsilon = 2.5e-4, 0.95, 0.01
    parameter = initial.astype(np.float64)
    mean = np.zeros(SIZE)
    mean_square = np.zeros(SIZE)
    after = []
    for gradient in gradients.astype(np.float64):
        mean = decay * mean + (1 - decay) * gradient
        mean_square = decay * mean_square + (1 - decay) * gradient**2
        parameter = parameter - lr * gradient / np.sqrt(mean_square - mean**2 + epsilon)
        after.append(parameter)
    return np.array(after).astype(np.float32)


def main() -> None:
    torch.set_num_threads(1)
    rng = np.random.default_rng(7)
    initial = rng.normal(0, 0.1, SIZE).astype(np.float32)
    gradients = make_gradients(rng)
    after = {"rmsprop_nature": nature_steps(initial, gradients)}
    for name, make in OPTIMIZERS.items():
        after[name] = torch_steps(make, initial, gradients, clip=False)
        after[f"{name}_clip"] = torch_steps(make, initial, gradients, clip=True)
    norms = np.array([get_total_norm([torch.from_numpy(row)]).item() for row in gradients])
    tensors: Tensors = {}
    for case, parameters in after.items():
        tensors[f"{case}.initial"] = initial
        tensors[f"{case}.gradients"] = gradients
        tensors[f"{case}.grad_norms"] = norms.astype(np.float32)
        tensors[f"{case}.parameters"] = parameters
    save("optimizer", tensors)


if __name__ == "__main__":
    main()
