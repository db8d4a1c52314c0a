"""Golden aggregates over runs, from rliable: mean, median, IQM, gap, profile, probability of improvement; float64.

Run: python tools/golden/aggregates.py   (writes tests/golden/aggregates.safetensors)
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rliable import library, metrics

from common import Tensors, save


class Case(NamedTuple):
    runs_x: int
    runs_y: int
    tasks: int
    scale: float = 1.0
    shift: float = 0.0
    levels: int = 0  # above 0: scores are this many whole numbers, so that most are tied


CASES = {
    "one": Case(1, 1, 1),
    "two": Case(2, 3, 1),
    "three": Case(3, 2, 1),
    "seven": Case(7, 5, 1),
    "twenty": Case(20, 20, 1, scale=50, shift=400),
    "negative": Case(10, 10, 1, scale=20, shift=-120),
    "matrix": Case(4, 6, 3),
    "even_tasks": Case(5, 5, 4, shift=0.5),
    "atari": Case(5, 3, 57, scale=2, shift=1),
    "long": Case(100, 9, 2),
    "tied": Case(9, 6, 5, levels=3),
    "tied_one": Case(10, 11, 1, levels=2),
    "same": Case(6, 6, 2),  # y is x
}
GAMMAS = (-1.0, 0.0, 0.5, 1.0, 300.0)


def scores(rng: np.random.Generator, case: Case, runs: int) -> NDArray:
    if case.levels:
        return rng.integers(0, case.levels, (runs, case.tasks)).astype(np.float64)
    return case.shift + case.scale * rng.standard_normal((runs, case.tasks))


def make(name: str, case: Case, seed: int) -> Tensors:
    rng = np.random.default_rng(seed)
    x, y = (scores(rng, case, runs) for runs in (case.runs_x, case.runs_y))
    if name == "same":
        y = x.copy()
    # Between, below, above and exactly at scores.
    taus = np.sort(np.concatenate([np.linspace(x.min() - 1, x.max() + 1, 41), x.ravel()[:10]]))
    numbers = {
        "mean": [metrics.aggregate_mean(x)],
        "median": [metrics.aggregate_median(x)],
        "iqm": [metrics.aggregate_iqm(x)],
        "gaps": [metrics.aggregate_optimality_gap(x, gamma) for gamma in GAMMAS],
        "profile": library.score_distributions(x, taus),
        "improvement": [metrics.probability_of_improvement(x, y), metrics.probability_of_improvement(y, x)],
    }
    arrays = {"x": x, "y": y, "taus": taus} | {key: np.array(value, np.float64) for key, value in numbers.items()}
    return {f"{name}.{key}": value for key, value in arrays.items()}


def main() -> None:
    tensors: Tensors = {"gammas": np.array(GAMMAS)}
    for seed, (name, case) in enumerate(CASES.items()):
        tensors |= make(name, case, seed)
    save("aggregates", tensors)


if __name__ == "__main__":
    main()
