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


def refuse_rounding(name: str, single: Tensors, double: Tensors, limit: float) -> None:
    """Compare a float32 run with the same one in float64, relative to values above 1.

    Too far apart, another engine's float32 could not be told from a wrong one.
    """
    rounding = 0.0
    for key, values in double.items():
        differences = np.abs(single[key] - values) / np.maximum(1, np.abs(values))
        rounding = max(rounding, float(differences.max()))
    print(f"{name}: float32 and float64 differ by at most {rounding:.1e}")
    if rounding > limit:
        raise ValueError(f"{name}: too sensitive to rounding; choose another seed")
