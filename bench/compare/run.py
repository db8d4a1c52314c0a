"""Times the same work in deepq, PyTorch, Stable-Baselines3, JAX and Gymnasium, in turn, on one core.

    python bench/compare/run.py --deepq build/release/cli/deepq [--rounds 3] [--quick] [--markdown FILE] [--json]

Every program is a subprocess on the same core with one thread. A round runs each program once, one after the other,
and the rounds follow each other, so that a machine that is slow for a while is slow for all. The ratios are taken
within a round; their median and range over the rounds are what to quote. A program whose number of updates shows
that it did other work, or whose rate its own clock contradicts, stops the comparison.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from table import Figure, as_json, as_markdown, number

HERE = Path(__file__).resolve().parent
PACKAGES = ("torch", "gymnasium", "stable_baselines3", "jax", "numpy")
WORKS = ("chapter", "zoo", "update", "variants", "env")
TIMEOUT_SECONDS = 1800
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "JAX_PLATFORMS": "cpu",
    "CUDA_VISIBLE_DEVICES": "",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
CHAPTER = "chapter's settings, CartPole-v1: 64-64, batch 64, one update a step"
ZOO = "RL Zoo's settings, CartPole-v1: 256-256, batch 64, 128 updates every 256 steps"
JAX = "JAX, whole loop compiled by XLA"
VARIANT_BATCH_SIZE = 64
UPDATE_SHAPES: list[tuple[list[int], int]] = [([64, 64], 64), ([120, 84], 128), ([256, 256], 64)]


@dataclass(frozen=True)
class Sizes:
    """How much each program does in one round. Rates are compared, so the programs' steps may differ."""

    slow_steps: int  # PyTorch and Stable-Baselines3, after the warm-up
    warmup_steps: int  # until the replay memory is in use and epsilon is at its end
    fast_steps: int  # deepq and JAX
    zoo_steps: int
    repetitions: int  # of PyTorch's update
    variant_seconds: float  # of each variant's update in PyTorch, for each size and optimiser
    env_seconds: float  # of each of Gymnasium's environments

    @staticmethod
    def of(quick: bool) -> "Sizes":
        if quick:
            return Sizes(1000, 1000, 20_000, 5000, 300, 0.1, 0.2)
        return Sizes(4000, 1000, 100_000, 50_000, 2000, 0.7, 1.0)


@dataclass(frozen=True)
class Run:
    """One subprocess of a round, and what its JSON says."""

    name: str
    command: list[str]
    read: Callable[[dict[str, Any]], list[Figure]]


def fail(message: str, status: int = 1) -> NoReturn:
    print(f"compare: {message}", file=sys.stderr)
    sys.exit(status)


def rate_reader(
    work: str, program: str, asked_steps: int, expected_updates: Callable[[int], float]
) -> Callable[[dict[str, Any]], list[Figure]]:
    """Reads a training program's JSON, refusing one that did other work than the others."""

    def read(report: dict[str, Any]) -> list[Figure]:
        steps, updates, seconds = report["env_steps"], report["updates"], report["seconds"]
        rate = report["env_steps_per_second"]
        if steps < asked_steps:
            raise ValueError(f"stopped after {steps} of {asked_steps} environment steps")
        expected = expected_updates(steps)
        if abs(updates - expected) > max(256.0, 0.02 * expected):
            raise ValueError(f"made {updates} updates in {steps} steps where {expected:.0f} are the same work")
        if seconds > 1.02 * report["wall_seconds"]:
            raise ValueError(f"says {seconds:.3f} s, but ended after {report['wall_seconds']:.3f} s")
        if not report.get("warmup_steps") and abs(rate * seconds / steps - 1.0) > 0.02:
            raise ValueError(f"says {rate:.0f} steps/s, but {steps} steps in {seconds:.3f} s")
        return [Figure(work, program, "env steps/s", rate)]

    return read


def read_updates(report: dict[str, Any], program: str) -> list[Figure]:
    figures = []
    for hidden_sizes, batch_size in UPDATE_SHAPES:
        shape = "-".join(map(str, hidden_sizes))
        rows = [r for r in report["updates"] if r["hidden_sizes"] == hidden_sizes and r["batch_size"] == batch_size]
        if not rows:
            raise ValueError(f"its JSON has no update for {shape}, batch {batch_size}")
        for row in rows:
            name = f"{program}, {row['optimizer']}" if program == "PyTorch" else program
            figures.append(Figure(f"one update, {shape}, batch {batch_size}", name, "us", row["median_us"]))
    return figures


def read_variants(report: dict[str, Any], program: str) -> list[Figure]:
    """Of PyTorch's optimisers the best in this round."""
    best: dict[str, float] = {}
    for row in report["updates"]:
        if row["batch_size"] != VARIANT_BATCH_SIZE:
            raise ValueError(f"timed {row['variant']} with batch {row['batch_size']}, not {VARIANT_BATCH_SIZE}")
        work = f"{row['variant']}, {'-'.join(map(str, row['hidden_sizes']))}"
        best[work] = min(row["median_us"], best.get(work, float("inf")))
    return [Figure(f"one update, {work}, batch {VARIANT_BATCH_SIZE}", program, "us", us) for work, us in best.items()]


def read_envs(report: dict[str, Any], program: str) -> list[Figure]:
    return [
        Figure(f"{row['id']}, random actions", program, "steps/s", row["median_steps_per_second"])
        for row in report["envs"]
    ]


def runs(deepq: Path, sizes: Sizes, seed: int, out: Path, works: list[str]) -> list[Run]:
    """The programs of one round, in order."""

    def python(script: str, *arguments: str) -> list[str]:
        return [sys.executable, str(HERE / script), *arguments, "--json"]

    def train(preset: str, steps: int) -> list[str]:
        folder = str(out / f"{preset}-{seed}")
        return [str(deepq), "train", "--preset", preset, "--steps", str(steps), "--seed", str(seed),
                "--out", folder, "--json", "--quiet"]  # fmt: skip

    seeded, zoo_steps, fast_steps = ("--seed", str(seed)), sizes.zoo_steps, sizes.fast_steps
    slow_total = sizes.slow_steps + sizes.warmup_steps
    slow = (*seeded, "--env-steps", str(slow_total), "--warmup-steps", str(sizes.warmup_steps))
    fast = (*seeded, "--env-steps", str(fast_steps))
    zoo = (*seeded, "--env-steps", str(zoo_steps), "--preset", "zoo")

    def chapter_reader(program: str, steps: int) -> Callable[[dict[str, Any]], list[Figure]]:
        return rate_reader(CHAPTER, program, steps, lambda done: done - 63)

    def zoo_reader(program: str) -> Callable[[dict[str, Any]], list[Figure]]:
        return rate_reader(ZOO, program, zoo_steps, lambda done: (done - 1000) / 2)

    by_work = {
        "chapter": [
            Run("PyTorch", python("pytorch_chapter.py", *slow), chapter_reader("PyTorch", slow_total)),
            Run("SB3", python("sb3.py", *slow), chapter_reader("Stable-Baselines3", slow_total)),
            Run("JAX", python("jax_loop.py", *fast), chapter_reader(JAX, fast_steps)),
            Run("deepq", train("chapter", fast_steps), chapter_reader("deepq", fast_steps)),
        ],
        "zoo": [
            Run("SB3", python("sb3.py", *zoo), zoo_reader("Stable-Baselines3")),
            Run("deepq", train("zoo-cartpole", zoo_steps), zoo_reader("deepq")),
        ],
        "update": [
            Run(
                "PyTorch",
                python("pytorch_update.py", "--repetitions", str(sizes.repetitions)),
                lambda report: read_updates(report, "PyTorch"),
            ),
            Run("deepq", [str(deepq), "bench", "--json"], lambda report: read_updates(report, "deepq")),
        ],
        "variants": [
            Run(
                "PyTorch",
                python("pytorch_variants.py", "--seconds", str(sizes.variant_seconds)),
                lambda report: read_variants(report, "PyTorch"),
            ),
            Run("deepq", [str(deepq), "bench", "--variants", "--json"], lambda report: read_variants(report, "deepq")),
        ],
        "env": [
            Run(
                "Gymnasium",
                python("gymnasium_envs.py", "--seconds", str(sizes.env_seconds)),
                lambda report: read_envs(report, "Gymnasium"),
            ),
            Run("deepq", [str(deepq), "bench", "--envs", "--json"], lambda report: read_envs(report, "deepq")),
        ],
    }
    return [run for work in works for run in by_work[work]]


def execute(run: Run) -> tuple[list[Figure], dict[str, Any]]:
    """Runs one program to its end; gives its figures and its JSON with `wall_seconds` added."""
    started = time.perf_counter()
    try:
        done = subprocess.run(
            run.command, env=os.environ | ONE_THREAD, capture_output=True, text=True, timeout=TIMEOUT_SECONDS
        )
    except subprocess.TimeoutExpired:
        fail(f"{run.name} ({run.command[1]}) had not ended after {TIMEOUT_SECONDS} s")
    except OSError as error:
        fail(f"{run.name} does not start: {error.strerror}: {run.command[0]}", 2)
    wall_seconds = time.perf_counter() - started
    shown = " ".join([Path(run.command[0]).name, Path(run.command[1]).name, *run.command[2:4]])
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        fail(f"{run.name} ({shown} ...) ended with status {done.returncode}: {last}")
    try:
        report: dict[str, Any] = json.loads(done.stdout) | {"wall_seconds": wall_seconds}
        return run.read(report), report
    except json.JSONDecodeError:
        fail(f"{run.name} ({shown} ...) printed something else than one JSON object")
    except (ValueError, KeyError, TypeError) as error:
        what = f"its JSON lacks {error}" if isinstance(error, KeyError) else str(error)
        fail(f"{run.name} ({shown} ...): {what}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="deepq beside other programs at the same work, in turn on one core")
    parser.add_argument("--deepq", type=Path, required=True, help="the deepq program, built for release")
    parser.add_argument("--rounds", type=int, default=None, help="default 3, or 1 with --quick")
    parser.add_argument("--quick", action="store_true", help="fewer steps: shows that it runs; not to be quoted")
    parser.add_argument("--only", choices=WORKS, action="append", help="this work only; may be given again")
    parser.add_argument("--core", type=int, help="the core to run on (default: the last allowed)")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="also write the Markdown table there")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    return parser.parse_args()


def check(arguments: argparse.Namespace) -> None:
    """Ends with one line if something that the comparison needs is not there."""
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        how = "python -m pip install -r bench/compare/requirements.txt"
        fail(f"this Python lacks {', '.join(missing)}: {how}", 2)
    if not os.access(arguments.deepq, os.X_OK) or arguments.deepq.is_dir():
        fail(f"--deepq {arguments.deepq}: no such program; build it first (cmake --build --preset release)", 2)
    if arguments.rounds is not None and arguments.rounds < 1:
        fail(f"--rounds {arguments.rounds}: must be at least 1", 2)
    if arguments.core is not None and arguments.core not in os.sched_getaffinity(0):
        fail(f"--core {arguments.core}: allowed are {sorted(os.sched_getaffinity(0))}", 2)


def main() -> None:
    arguments = parse_arguments()
    check(arguments)
    core_count = len(os.sched_getaffinity(0))
    # Children inherit this, so every program has the same single core.
    os.sched_setaffinity(0, {arguments.core if arguments.core is not None else max(os.sched_getaffinity(0))})
    rounds = arguments.rounds or (1 if arguments.quick else 3)
    works = [work for work in WORKS if not arguments.only or work in arguments.only]
    load_before = os.getloadavg()[0]
    figures: list[list[Figure]] = []
    reports: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for round_index in range(rounds):
            figures.append([])
            for run in runs(arguments.deepq.resolve(), Sizes.of(arguments.quick), round_index, Path(folder), works):
                measured, report = execute(run)
                figures[-1] += measured
                reports.append({"round": round_index + 1, "name": run.name} | report)
                line = ", ".join(f"{number(f.value)} {f.unit}" for f in measured)
                print(f"round {round_index + 1}/{rounds}  {run.name}: {line}", file=sys.stderr, flush=True)
    markdown = as_markdown(figures, arguments.deepq, core_count, load_before, sys.argv)
    if arguments.markdown:
        arguments.markdown.write_text(markdown)
    print(as_json(figures, reports, markdown) if arguments.json else markdown)


if __name__ == "__main__":
    main()
