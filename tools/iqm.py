"""Interquartile mean of final evaluations over the seeds of runs, with a 95% bootstrap interval.

python tools/iqm.py DIR...   (each DIR as written by `deepq train --seeds N --out DIR`)

The middle half of all scores, floor(N / 4) left out at each end; the interval resamples seeds 10,000 times, seeded.
"""

import json
import random
import sys
from pathlib import Path


def iqm(scores: list[float]) -> float:
    cut = len(scores) // 4
    middle = sorted(scores)[cut : len(scores) - cut]
    return sum(middle) / len(middle)


def main() -> None:
    for folder in sys.argv[1:]:
        runs = [json.loads(path.read_text()) for path in sorted(Path(folder).glob("seed-*/summary.json"))]
        if not runs:
            sys.exit(f"{folder} holds no finished run (seed-*/summary.json)")
        scores = [run["eval_mean_return"] for run in runs]
        rng = random.Random(0)
        means = sorted(iqm(rng.choices(scores, k=len(scores))) for _ in range(10_000))
        seconds = sorted(run["seconds"] for run in runs)
        print(
            f"{folder}: {len(scores)} seeds, IQM {iqm(scores):.1f} [{means[249]:.1f}, {means[9749]:.1f}], "
            f"mean {sum(scores) / len(scores):.1f}, {min(scores):.1f} to {max(scores):.1f}, "
            f"{runs[0]['env_steps']} steps, {seconds[len(seconds) // 2]:.1f} s (at most {seconds[-1]:.1f})"
        )


if __name__ == "__main__":
    main()
