"""Values for deepq/stats/permutation_test.cc: permutation, sign-flip and binomial tests and Holm's adjustment.

Run: python tools/golden/permutation.py   (prints the table; SciPy 1.17.1, see requirements-rliable.txt)
"""

from itertools import combinations, product
from math import comb

import numpy as np
from scipy import stats

X = (31.0, 12.5, 44.0, 27.0, 40.0)
Y = (11.0, 27.0, 9.5, 18.0, 12.5, 20.0)
DIFFERENCES = (3.0, -1.0, 2.5, 4.0, 0.0, 6.0, -2.0)
X2, Y2 = ((5.0, 1.0, 4.0), (30.0, 50.0)), ((2.0, 0.0, 1.0), (20.0, 30.0, 10.0))
FAMILY = (0.01, 0.04, 0.03, 0.005, 0.2)


def iqm(values: tuple[float, ...]) -> float:
    return float(stats.trim_mean(values, 0.25))


def two_sided(less: float, greater: float) -> float:
    return min(1.0, 2 * min(less, greater))


def tails(observed: tuple[float, ...], others: list[tuple[float, ...]]) -> tuple[float, float]:
    """Shares of `others` (the observed one among them) that are at most and at least the observed one, in order."""
    rounded = tuple(np.round(observed, 9))
    all_of = [tuple(np.round(other, 9)) for other in others]
    return np.mean([other <= rounded for other in all_of]), np.mean([other >= rounded for other in all_of])


def arrangements(x, y):
    """All ways to give the runs of each task to the two groups."""
    ways = []
    for runs_x, runs_y in zip(x, y, strict=True):
        pooled = runs_x + runs_y
        ways.append(
            [
                (tuple(pooled[i] for i in chosen), tuple(v for i, v in enumerate(pooled) if i not in chosen))
                for chosen in combinations(range(len(pooled)), len(runs_x))
            ]
        )
    for choice in product(*ways):
        yield tuple(task[0] for task in choice), tuple(task[1] for task in choice)


def order(x, y) -> tuple[float, float]:
    """The difference of the IQM over all runs, then of the tasks' means."""

    def mean(groups):
        return float(np.mean([np.mean(runs) for runs in groups]))

    return iqm(sum(x, ())) - iqm(sum(y, ())), mean(x) - mean(y)


def main() -> None:
    for alternative in ("two-sided", "greater", "less"):
        test = stats.permutation_test(
            (X, Y), lambda x, y: np.mean(x) - np.mean(y), n_resamples=np.inf, alternative=alternative
        )
        print(f"mean {alternative}: {test.statistic:.15g} {test.pvalue * comb(11, 5):.9g} of {comb(11, 5)}")
    for name, x, y in (("IQM", (X,), (Y,)), ("4 and 4", ((1, 2, 3, 4),), ((5, 6, 7, 8),))):
        less, greater = tails(order(x, y), [order(*way) for way in arrangements(x, y)])
        print(f"{name}: {order(x, y)[0]:.15g} less {less:.15g} greater {greater:.15g} two {two_sided(less, greater):.15g}")

    def two_tasks(x, y) -> tuple[float, float]:  # of the tasks' means only: the numbers of runs differ
        return (float(np.mean([np.mean(r) for r in x]) - np.mean([np.mean(r) for r in y])),) * 2

    less, greater = tails(two_tasks(X2, Y2), [two_tasks(*way) for way in arrangements(X2, Y2)])
    print(f"two tasks: {two_tasks(X2, Y2)[0]:.15g} less {less * 200:.9g} greater {greater * 200:.9g} of 200")
    for alternative in ("two-sided", "greater", "less"):
        test = stats.permutation_test(
            (DIFFERENCES,), np.mean, permutation_type="samples", n_resamples=np.inf, alternative=alternative
        )
        print(f"paired {alternative}: {test.statistic:.15g} {test.pvalue * 128:.9g} of 128")
    for successes, trials, chance in ((9, 10, 0.5), (3, 17, 0.4), (0, 5, 0.1), (900, 1000, 0.88)):
        less, greater = (
            stats.binomtest(successes, trials, chance, alternative=side).pvalue for side in ("less", "greater")
        )
        print(f"binomial {successes} of {trials}, {chance}: less {less:.12g} greater {greater:.12g}")
    ordered = np.argsort(FAMILY)
    stepped = np.maximum.accumulate(np.array(FAMILY)[ordered] * np.arange(len(FAMILY), 0, -1))
    adjusted = np.empty(len(FAMILY))
    adjusted[ordered] = np.minimum(stepped, 1)
    print(f"Holm: {adjusted.tolist()}")


if __name__ == "__main__":
    main()
