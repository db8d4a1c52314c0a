"""Golden pass of a network that sees two pictures and other numbers, float32: a branch for each picture, joined in the order of the parts.

Run: python tools/golden/joined.py   (writes tests/golden/joined.safetensors)

The input's parts: a picture [6, 5, 3] of bytes, five numbers, a picture [2, 7, 6] of bytes with its channels first, three bytes. Bytes
are divided by 255. The loss is the sum of output * coefficients, divided by the rows.
"""

import numpy as np
import torch
from torch import Tensor, nn

from common import Tensors, refuse_rounding, save

ROWS, CHANNELS, KERNEL, STRIDE, HIDDEN, ACTIONS = 6, 4, 3, 2, 16, 3
SHAPES = ((6, 5, 3), (5,), (2, 7, 6), (3,))
BYTES = (0, 2, 3)


def inputs(random: np.random.Generator) -> list[np.ndarray]:
    return [
        random.integers(0, 256, (ROWS, *shape)).astype(np.float32) if i in BYTES else random.normal(size=(ROWS, *shape)).astype(np.float32)
        for i, shape in enumerate(SHAPES)
    ]


def features(layer: nn.Conv2d, image: Tensor) -> Tensor:
    """With the channels last, as the library keeps them: image is [rows, channels, height, width]."""
    return layer(image).relu().permute(0, 2, 3, 1).flatten(1)


def run(parts: list[np.ndarray], coefficients: np.ndarray, dtype: torch.dtype) -> Tensors:
    torch.manual_seed(7)
    first, second = nn.Conv2d(3, CHANNELS, KERNEL, STRIDE), nn.Conv2d(2, CHANNELS, KERNEL, STRIDE)
    hidden, head = nn.Linear(4 * (2 * 2) + 5 + 4 * (3 * 2) + 3, HIDDEN), nn.Linear(HIDDEN, ACTIONS)
    layers = [layer.to(dtype) for layer in (first, second, hidden, head)]
    a, numbers, b, few = (torch.tensor(part, dtype=dtype) for part in parts)
    joined = torch.cat(
        [features(first, a.permute(0, 3, 1, 2) / 255), numbers, features(second, b / 255), few / 255], dim=1
    )
    output = head(hidden(joined).relu())
    (output * torch.tensor(coefficients, dtype=dtype)).sum().div(ROWS).backward()

    def ours(tensor: Tensor) -> np.ndarray:
        """Kernels are [out, rows * columns * channels]."""
        tensor = tensor.permute(0, 2, 3, 1).flatten(1) if tensor.ndim == 4 else tensor
        return tensor.detach().numpy().copy()

    result: Tensors = {"output": output.detach().numpy()}
    for i, layer in enumerate(layers):
        for name in ("weight", "bias"):
            tensor = getattr(layer, name)
            result[f"{i}.{name}"], result[f"{i}.{name}_grad"] = ours(tensor), ours(tensor.grad)
    return result


def main() -> None:
    random = np.random.default_rng(3)
    parts, coefficients = inputs(random), random.normal(size=(ROWS, ACTIONS)).astype(np.float32)
    single, double = (run(parts, coefficients, dtype) for dtype in (torch.float32, torch.float64))
    refuse_rounding("joined", single, double, 5e-7)
    rows = np.concatenate([part.reshape(ROWS, -1) for part in parts], axis=1)
    # The gradient at the output is divided by the rows, like that of a mean.
    save("joined", single | {"input": rows, "coefficients": coefficients / np.float32(ROWS)})


if __name__ == "__main__":
    main()
