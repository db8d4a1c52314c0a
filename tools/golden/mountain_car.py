"""Golden trajectories of Gymnasium's MountainCar-v0, for the native environment.

Run: python tools/golden/mountain_car.py   (writes tests/golden/mountain_car.safetensors)

`<seed>`: an episode of random pushes, which runs into the limit of 200 steps, then one that climbs to the goal.
`single`: single steps from states all over the plane; the wall, the speed limit and the goal are among them.
"""

import numpy as np

from common import Tensors, save
from trajectories import random_policy, record, record_single_steps, with_prefix

SEEDS = range(20)
SINGLE_STEPS = 500


def climb(observation: np.ndarray) -> int:
    """Push the way the car is moving, so that every push adds energy."""
    return 2 if observation[1] >= 0 else 0


def main() -> None:
    tensors: Tensors = {}
    for seed in SEEDS:
        case = record("MountainCar-v0", seed, [random_policy(1000 + seed, 3), climb])
        if case["terminated"].sum() != 1 or case["truncated"].sum() != 1:
            raise ValueError(f"seed {seed}: one episode should have ended by each cause")
        tensors |= with_prefix(str(seed), case)
    rng = np.random.default_rng(0)
    before = rng.uniform([-1.2, -0.07], [0.6, 0.07], (SINGLE_STEPS, 2))
    single = record_single_steps("MountainCar-v0", before, rng.integers(0, 3, SINGLE_STEPS))
    position, velocity = single["states"].T
    at_wall = int(((position == -1.2) & (velocity == 0)).sum())
    print(f"single: {at_wall} at the wall, {int((abs(velocity) == 0.07).sum())} at full speed, ", end="")
    print(f"{int((position == 0.6).sum())} at the right end, {int(single['terminated'].sum())} at the goal")
    save("mountain_car", tensors | with_prefix("single", single))


if __name__ == "__main__":
    main()
