"""Write one golden file into tests/golden, and refuse values that no test could compare."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

Tensors = dict[str, NDArray]

GOLDEN_FOLDER = Path(__file__).resolve().parents[2] / "tests" / "golden"


def save(name: str, tensors: Tensors) -> None:
    """Write tests/golden/NAME.safetensors. No metadata, so equal tensors give equal bytes."""
    for key, tensor in tensors.items():
        if tensor.size == 0 or not np.isfinite(tensor).all():
            raise ValueError(f"{name}: tensor '{key}' is empty or not finite")
    GOLDEN_FOLDER.mkdir(parents=True, exist_ok=True)
    path = GOLDEN_FOLDER / f"{name}.safetensors"
    save_file({key: np.ascontiguousarray(tensor) for key, tensor in tensors.items()}, path)
    print(f"{path.name}: {len(tensors)} tensors, {path.stat().st_size} bytes")
