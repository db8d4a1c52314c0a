"""What each program of the comparison does, and how its JSON is read."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from table import Figure

HERE = Path(__file__).resolve().parent
WORKS = ("chapter", "zoo", "update", "variants", "env", "pixels", "atari", "python")
LOOP_CORES = 2  # of the Atari loop; all else has one
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
    pixel_seconds: float  # of each of PyTorch's ways with the Nature network
    atari_steps: int  # after the warm-up
    python_steps: int

    @staticmethod
    def of(quick: bool) -> "Sizes":
        if quick:
            return Sizes(1000, 1000, 20_000, 5000, 300, 0.1, 0.2, 0.5, 400, 20_000)
        return Sizes(4000, 1000, 100_000, 50_000, 2000, 0.7, 1.0, 3.0, 3000, 100_000)


@dataclass(frozen=True)
class Run:
    """One subprocess of a round, and what its JSON says."""

    name: str
    command: list[str]
    read: Callable[[dict[str, Any]], list[Figure]]
    cores: int = 1


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


def read_pixels(report: dict[str, Any], program: str) -> list[Figure]:
    """PyTorch as it is mostly written, and the best of all memory formats and optimisers in this round."""
    works = {"update": "one update, Nature network, batch 32", "act": "action values of one stack, Nature network"}
    figures: list[Figure] = []
    for name, work in works.items():
        times = [row["median_us"] for row in report["pixels"] if row["work"] == name]
        if program == "PyTorch":
            figures.append(Figure(work, "PyTorch, channels first, Adam", "us", times[0]))
        figures.append(Figure(work, "PyTorch, its best" if program == "PyTorch" else program, "us", min(times)))
    return figures


def read_envs(report: dict[str, Any], program: str) -> list[Figure]:
    return [
        Figure(f"{row['id']}, random actions", program, "steps/s", row["median_steps_per_second"])
        for row in report["envs"]
    ]


def runs(deepq: Path, sizes: Sizes, seed: int, out: Path, works: list[str]) -> list[Run]:
    """The programs of one round, in order."""

    def python(script: str, *arguments: str) -> list[str]:
        return [sys.executable, str(HERE / script), *arguments, "--json"]

    def train(work: str, preset: str, steps: int) -> list[str]:
        folder = str(out / f"{work}-{seed}")
        return [str(deepq), "train", "--preset", preset, "--steps", str(steps), "--seed", str(seed),
                "--out", folder, "--json", "--quiet"]  # fmt: skip

    seeded, zoo_steps, fast_steps = ("--seed", str(seed)), sizes.zoo_steps, sizes.fast_steps
    slow_total = sizes.slow_steps + sizes.warmup_steps
    slow = (*seeded, "--env-steps", str(slow_total), "--warmup-steps", str(sizes.warmup_steps))
    fast = (*seeded, "--env-steps", str(fast_steps))
    zoo = (*seeded, "--env-steps", str(zoo_steps), "--preset", "zoo")

    def chapter_reader(program: str, steps: int, where: str = "") -> Callable[[dict[str, Any]], list[Figure]]:
        return rate_reader(CHAPTER + where, program, steps, lambda done: done - 63)

    def zoo_reader(program: str) -> Callable[[dict[str, Any]], list[Figure]]:
        return rate_reader(ZOO, program, zoo_steps, lambda done: (done - 1000) / 2)

    def timed(
        name: str, command: list[str], bench: list[str], read: Callable[[dict[str, Any], str], list[Figure]]
    ) -> list[Run]:
        """One piece of work by itself, in the other program and in `deepq bench`."""
        ours = [str(deepq), "bench", *bench, "--json"]
        return [
            Run(name, command, lambda report: read(report, name)),
            Run("deepq", ours, lambda report: read(report, "deepq")),
        ]

    atari_steps, atari_warmup = sizes.atari_steps + 1000, 1000
    atari = ("--env-steps", str(atari_steps), "--warmup-steps", str(atari_warmup), *seeded)
    atari_work = f"CleanRL's settings, Pong from pixels, {LOOP_CORES} cores"

    def atari_run(name: str, script: str, program: str, *arguments: str) -> Run:
        read = rate_reader(atari_work, program, atari_steps, lambda done: (done - atari_warmup) / 4)
        return Run(name, python(script, *atari, *arguments), read, LOOP_CORES)

    from_python = ("--env-steps", str(sizes.python_steps), *seeded)
    native, gymnasium = ", native, from Python or not", ", Gymnasium's environment"
    by_work = {
        "chapter": [
            Run("PyTorch", python("pytorch_chapter.py", *slow), chapter_reader("PyTorch", slow_total)),
            Run("SB3", python("sb3.py", *slow), chapter_reader("Stable-Baselines3", slow_total)),
            Run("JAX", python("jax_loop.py", *fast), chapter_reader(JAX, fast_steps)),
            Run("deepq", train("chapter", "chapter", fast_steps), chapter_reader("deepq", fast_steps)),
        ],
        "zoo": [
            Run("SB3", python("sb3.py", *zoo), zoo_reader("Stable-Baselines3")),
            Run("deepq", train("zoo", "zoo-cartpole", zoo_steps), zoo_reader("deepq")),
        ],
        "update": timed(
            "PyTorch", python("pytorch_update.py", "--repetitions", str(sizes.repetitions)), [], read_updates
        ),
        "variants": timed(
            "PyTorch",
            python("pytorch_variants.py", "--seconds", str(sizes.variant_seconds)),
            ["--variants"],
            read_variants,
        ),
        "env": timed(
            "Gymnasium", python("gymnasium_envs.py", "--seconds", str(sizes.env_seconds)), ["--envs"], read_envs
        ),
        "pixels": timed(
            "PyTorch", python("pytorch_pixels.py", "--seconds", str(sizes.pixel_seconds)), ["--pixels"], read_pixels
        ),
        "atari": [
            atari_run("PyTorch", "pytorch_atari.py", "PyTorch, 1 thread", "--threads", "1"),
            atari_run("PyTorch", "pytorch_atari.py", f"PyTorch, {LOOP_CORES} threads", "--threads", str(LOOP_CORES)),
            atari_run("deepq", "deepq_python.py", "deepq", "--work", "atari"),
        ],
        "python": [
            Run(
                "deepq from Python",
                python("deepq_python.py", "--work", "native", *from_python),
                chapter_reader("deepq, from Python", sizes.python_steps, native),
            ),
            Run(
                "deepq",
                train("python", "chapter", sizes.python_steps),
                chapter_reader("deepq", sizes.python_steps, native),
            ),
            Run("SB3", python("sb3.py", *slow), chapter_reader("Stable-Baselines3", slow_total, gymnasium)),
            Run(
                "deepq from Python",
                python("deepq_python.py", "--work", "gymnasium", *from_python),
                chapter_reader("deepq", sizes.python_steps, gymnasium),
            ),
        ],
    }
    return [run for work in works for run in by_work[work]]
