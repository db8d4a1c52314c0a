"""Golden values of NumPy's SeedSequence, PCG64 and Generator, for the native random numbers.

Run: python tools/golden/numpy_random.py   (writes tests/golden/numpy_random.safetensors)

Each tensor comes from a fresh generator, so that each can be tested alone. `mixed_<seed>` is one
sequence of different draws: small integers take 32 bits, of which PCG64 keeps the upper half of
its 64-bit output for the next 32-bit draw, while random() takes a whole new 64-bit output and
leaves the kept half in place.
"""

import numpy as np

from common import Tensors, save

SEEDS = (0, 1, 2, 42, 12345, 2**32 - 1, 2**32, 2**63)
BOUNDS = (2, 3, 7, 500, 2**31)
DRAWS = 16


def fresh(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def mixed(seed: int) -> list[float]:
    rng = fresh(seed)
    return [
        float(rng.integers(0, 3)),
        rng.random(),
        float(rng.integers(0, 7)),
        float(rng.integers(0, 7)),
        rng.random(),
    ]


def seed_state(seed: int, spawn_key: tuple[int, ...] = ()) -> np.ndarray:
    return np.random.SeedSequence(seed, spawn_key=spawn_key).generate_state(8)


def main() -> None:
    tensors: Tensors = {}
    for seed in SEEDS:
        tensors[f"seq_{seed}"] = seed_state(seed)
        tensors[f"spawn3_{seed}"] = seed_state(seed, (3,))
        tensors[f"spawn17_{seed}"] = seed_state(seed, (1, 7))
        tensors[f"raw_{seed}"] = np.random.PCG64(seed).random_raw(DRAWS)
        tensors[f"random_{seed}"] = fresh(seed).random(DRAWS)
        tensors[f"uniform_{seed}"] = fresh(seed).uniform(-0.05, 0.05, DRAWS)
        for bound in BOUNDS:
            tensors[f"integers_{seed}_{bound}"] = fresh(seed).integers(0, bound, DRAWS)
        tensors[f"mixed_{seed}"] = np.array(mixed(seed))
    save("numpy_random", tensors)


if __name__ == "__main__":
    main()
